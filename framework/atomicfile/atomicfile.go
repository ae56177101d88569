package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// temporary marks the names of files that are not finished. They begin with a
// dot, so that no listing of finished files takes them for one.
const temporary = ".unfinished-"

// Write gives the file at path the content that write produces: under a
// temporary name in the same folder, synced, renamed, and the folder synced.
// Until the rename, and after any error, the old file is untouched and the
// temporary one is gone; only a killed process leaves one (see Clean).
//
// Errors wrap the system's and name what to do where that is known.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	f, err := os.CreateTemp(folder, temporary+name+"-*")
	if err != nil {
		return explain(path, err)
	}
	defer func() {
		if err != nil {
			f.Close() // a second Close only reports that it is one
			os.Remove(f.Name())
			err = explain(path, err)
		}
	}()
	buffer := bufio.NewWriterSize(f, 1<<16)
	if err := write(buffer); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// explain adds what a user can do about the errors that are theirs to mend.
func explain(path string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, syscall.ENOSPC):
		hint = "; free some space: what was there before is untouched"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = fmt.Sprintf("; the folder %q must be writable", filepath.Dir(path))
	case errors.Is(err, fs.ErrNotExist):
		hint = fmt.Sprintf("; the folder %q must exist", filepath.Dir(path))
	}
	return fmt.Errorf("write %s: %w%s", path, err, hint)
}

// Clean removes what killed processes left unfinished in the folder. The caller
// must be the only one that writes there.
func Clean(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), temporary) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
