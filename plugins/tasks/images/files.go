package main

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Limits on what is read, which may come from anywhere.
const (
	maxFile   = 64 << 20 // bytes of an image's file
	maxImages = 1 << 22
)

func newDigest() hash.Hash { return sha256.New() }

// file is an image's file in a folder or a zip file.
type file struct {
	at           string // slash-separated, below the folder or in the zip file
	class, super string
	open         func() (io.ReadCloser, error)
}

// read reads the images of folders and zip files, in the order of their classes, then of the
// paths, then of their names, and adds the files to a digest.
func (c config) read(attribute string, paths []string, digest hash.Hash) ([]shown, error) {
	type found struct {
		shown
		order int
		at    string
	}
	var all []found
	for order, path := range paths {
		err := c.files(attribute, path, func(f file) error {
			if len(all) == maxImages {
				return fmt.Errorf("there are more than %d images", maxImages)
			}
			content, err := f.content()
			if err != nil {
				return err
			}
			pixels, err := c.size().Decode(content)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			fmt.Fprintf(digest, "%q %x\n", f.at, sum)
			all = append(all, found{shown{f.class, f.super, pixels}, order, f.at})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.order, b.order),
			cmp.Compare(a.at, b.at))
	})
	pictures := make([]shown, len(all))
	for i, f := range all {
		pictures[i] = f.shown
	}
	return pictures, nil
}

// files calls read for every image's file of a folder or a zip file, in the order of names.
// Errors say which it is about.
func (c config) files(attribute, name string, read func(file) error) error {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return c.missing(attribute, name)
	}
	if err != nil {
		return err
	}
	var tree fs.FS = os.DirFS(name)
	if !info.IsDir() {
		archive, err := zip.OpenReader(name)
		if err != nil {
			return fmt.Errorf("%s: it is no folder and no zip file: %w", name, err)
		}
		defer archive.Close()
		tree = &archive.Reader
	}
	parents, any := map[string]string{}, false
	err = fs.WalkDir(tree, ".", func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, at, err)
		}
		if base := path.Base(at); at != "." && (strings.HasPrefix(base, ".") || base == "__MACOSX") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		any = true
		f, err := c.placed(at, parents)
		if err == nil {
			f.open = func() (io.ReadCloser, error) { return tree.Open(at) }
			err = read(f)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, at, err)
		}
		return nil
	})
	if err == nil && !any {
		err = fmt.Errorf("%s: it holds no image", name)
	}
	return err
}

// placed takes class and superclass from the folders that a file is in. Parents remembers
// what is above each of the folders that name them, so that no two are taken for one.
func (c config) placed(at string, parents map[string]string) (file, error) {
	folders := strings.Split(path.Dir(at), "/")
	names := 1
	if c.Superclasses {
		names = 2
	}
	if len(folders) < names || path.Dir(at) == "." {
		want := "a folder that is its class"
		if c.Superclasses {
			want = "a folder that is its class, in one that is its superclass"
		}
		return file{}, fmt.Errorf("it is not in %s", want)
	}
	f := file{at: at, class: strings.Join(folders[len(folders)-names:], "/")}
	if c.Superclasses {
		f.super = folders[len(folders)-2]
	}
	above := strings.Join(folders[:len(folders)-names], "/")
	if other, known := parents[f.class]; known && other != above {
		advice := "give its folder another name"
		if !c.Superclasses {
			advice += ", or set superclasses = true"
		}
		return file{}, fmt.Errorf("the class %q is in %q and in %q: %s", f.class, other, above, advice)
	}
	parents[f.class] = above
	return f, nil
}

// content reads a file, which must not be larger than an image's may be.
func (f file) content() ([]byte, error) {
	in, err := f.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	content, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	return content, err
}
