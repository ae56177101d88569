// Package datafile reads the files that attributes of a task plugin's block name: whole, as
// text, or line by line. What is wrong with one is told with its line.
//
//	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
//	file, err := from.Read("path", c.Path, "pairs of sentences (train)")
//	...
//	lines, err := file.Lines()
//
// A file may be compressed by gzip, whatever its name is.
package datafile

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"quickstudy/framework/regular"
)

// MaxText is the largest number of bytes of a file, and of its text.
const MaxText = 1 << 31

// Provenance is what the experiment says of where its data is from; either may be "".
type Provenance struct{ Licence, Origin string }

// File is what a file holds.
type File struct {
	Path string
	Data []byte // as it is stored
}

// Read reads a file that an attribute names. Where it is missing, the error says what it should
// hold and where it comes from, since data is not part of the program.
func (p Provenance) Read(attribute, path, holds string) (File, error) {
	data, err := regular.Read(path, MaxText)
	if !errors.Is(err, fs.ErrNotExist) {
		return File{path, data}, err
	}
	told := func(what, attribute string) string {
		return cmp.Or(what, fmt.Sprintf("the experiment does not say; its attribute %q can", attribute))
	}
	return File{}, errors.New(strings.Join([]string{
		fmt.Sprintf("%s: there is no file %s", attribute, path),
		"it should hold " + holds,
		"from:    " + told(p.Origin, "origin"),
		"licence: " + told(p.Licence, "licence"),
		fmt.Sprintf("fetch it, and name its place by the attribute %q", attribute),
	}, "\n    "))
}

// Text returns the file's text, without the byte order mark that some editors write.
func (f File) Text() (string, error) {
	data, err := unpacked(f.Data, MaxText)
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.Path, err)
	}
	if at := invalid(data); at >= 0 {
		return "", fmt.Errorf("%s: line %d: byte %d of the line, %#02x, is not valid UTF-8", f.Path,
			1+bytes.Count(data[:at], []byte("\n")), at-bytes.LastIndexByte(data[:at], '\n'), data[at])
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}

// unpacked decompresses what is compressed.
func unpacked(data []byte, most int64) ([]byte, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(r, most+1))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends early")
		}
		if err != nil {
			return nil, fmt.Errorf("it begins as a gzip file, and cannot be decompressed: %w", err)
		}
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("its text has more than %d bytes", most)
	}
	return data, nil
}

// invalid is the place of the first byte that is no UTF-8, or -1.
func invalid(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// Lines returns the lines of the text, without their ends, which may be those of Windows. An
// empty line is one, also at the end; what ends in a line's end has none after it.
func (f File) Lines() ([]string, error) {
	text, err := f.Text()
	if err != nil || text == "" {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines, nil
}

// Digest is the SHA-256, in lower-case hexadecimal, of those of the files as they are stored.
func Digest(files ...File) string {
	h := sha256.New()
	for _, f := range files {
		sum := sha256.Sum256(f.Data)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
