// Package regular reads files that somebody else may have put where they are. What is no
// regular file, such as a pipe or a device, is refused before it is opened: it may never
// answer, or never end.
//
//	content, err := regular.Read("runs/x/run.json", 1<<20)
package regular

import (
	"fmt"
	"io"
	"os"
)

// Open opens a regular file, or one that a link leads to, for reading.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.Open(path)
}

// Read returns what is in a regular file of at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes, the most there may be", path, limit)
	}
	return content, nil
}
