package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/regular"
)

// FormatVersion is the version of every JSON file here. It grows when an older
// program would misread one.
const FormatVersion = 1

// Most bytes of a file that is read or written whole. JSON of nothing but empty
// objects takes some forty times its size in memory, so they are no larger than
// is plausible: a million scores of episodes, for one.
const (
	maxInfo     = 1 << 20
	maxPlugins  = 4 << 20
	maxData     = 4 << 20
	maxResults  = 8 << 20
	maxEpisodes = 64 << 20
	maxResolved = 16 << 20
	maxEncoding = 16 << 20

	maxTokenizer = 256 << 20 // as package text reads
)

// openToChange opens a file that is written in place, and makes it if need be. What is
// behind a link is not the run's: it stays as it is.
func openToChange(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: a run writes to files of its own alone", path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
}

// readJSON decodes a file into v, and names the file in errors.
func readJSON(path string, limit int64, v interface{ check() error }) error {
	content, err := regular.Read(path, limit)
	if err != nil {
		return err
	}
	if err := decode(content, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// decode decodes one of our JSON files: version first, then the content.
// Members it does not know are left to later versions.
func decode(content []byte, v interface{ check() error }) error {
	var version struct {
		Format *int `json:"format"`
	}
	if err := json.Unmarshal(content, &version); err != nil {
		return jsonError(err)
	}
	switch {
	case version.Format == nil:
		return errors.New(`member "format", the version, is missing`)
	case *version.Format != FormatVersion:
		return fmt.Errorf("version %d of the format, this program reads %d", *version.Format,
			FormatVersion)
	}
	if err := json.Unmarshal(content, v); err != nil {
		return jsonError(err)
	}
	return v.check()
}

// jsonError says where in the text a mistake is.
func jsonError(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("byte %d: %w", syntax.Offset, err)
	}
	return err
}

// writeJSON replaces a file that readJSON reads with this limit.
func writeJSON(path string, limit int, v interface{ check() error }) error {
	if err := v.check(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	content, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, limit, append(content, '\n'))
}

func writeFile(path string, limit int, content []byte) error {
	if len(content) > limit {
		return fmt.Errorf("write %s: %d bytes, at most %d can be read back", path, len(content), limit)
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
