package datafile

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLines(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n", []string{""}},
		{"a", []string{"a"}},
		{"a\n", []string{"a"}},
		{"a\n\n", []string{"a", ""}},
		{"a\r\n\r\nb\r\n", []string{"a", "", "b"}},
		{"a\rb\n", []string{"a\rb"}},
		{"\ufeffé\n", []string{"é"}},
	} {
		for _, data := range [][]byte{[]byte(row.text), zipped(t, row.text)} {
			got, err := File{Path: "x", Data: data}.Lines()
			if err != nil || !slices.Equal(got, row.want) {
				t.Errorf("%q: %q, %v, want %q", row.text, got, err, row.want)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	whole := zipped(t, "a line\n")
	wrong := slices.Clone(whole)
	wrong[len(wrong)-5] ^= 1 // of the checksum
	for _, row := range []struct {
		data []byte
		want string
	}{
		{[]byte("a\nbc\xff\n"), "x: line 2: byte 3 of the line, 0xff, is not valid UTF-8"},
		{zipped(t, "\xc3("), "x: line 1: byte 1 of the line, 0xc3, is not valid UTF-8"},
		{whole[:len(whole)-9], "x: it begins as a gzip file, and cannot be decompressed: it ends early"},
		{whole[:5], "cannot be decompressed: it ends early"},
		{wrong, "cannot be decompressed: gzip: invalid checksum"},
	} {
		if _, err := (File{Path: "x", Data: row.data}).Lines(); err == nil ||
			!strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %q", row.data, err, row.want)
		}
	}
	// What a small file becomes is limited before it is held.
	if _, err := unpacked(zipped(t, strings.Repeat("a", 1001)), 1000); err == nil ||
		!strings.Contains(err.Error(), "more than 1000 bytes") {
		t.Errorf("a text of 1001 bytes: %v", err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Provenance{}.Read("path", path, "a letter")
	if err != nil || f.Path != path || string(f.Data) != "a" {
		t.Errorf("%+v, %v", f, err)
	}
	_, err = Provenance{Origin: "a library"}.Read("test", "nowhere", "a letter")
	want := `test: there is no file nowhere
    it should hold a letter
    from:    a library
    licence: the experiment does not say; its attribute "licence" can
    fetch it, and name its place by the attribute "test"`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want\n%s", err, want)
	}
	b := File{Data: []byte("b")}
	if Digest(f, b) == Digest(b, f) || Digest(f) != Digest(File{Path: "other", Data: []byte("a")}) {
		t.Error("the digest does not follow from the contents in their order")
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n"))
	f.Add(zipped(f, "a\nb\n"))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := File{Path: "x", Data: data}.Lines()
		if err != nil {
			return
		}
		for _, line := range lines {
			if strings.Contains(line, "\n") || strings.ToValidUTF8(line, "") != line {
				t.Errorf("%q is no line", line)
			}
		}
	})
}

// TestReadRefusesWhatNeverEnds: a device or a pipe would be read for ever.
func TestReadRefusesWhatNeverEnds(t *testing.T) {
	folder := t.TempDir()
	_, err := Provenance{}.Read("path", folder, "lines")
	if err == nil || !strings.Contains(err.Error(), folder+" is no regular file") {
		t.Errorf("%v", err)
	}
}
