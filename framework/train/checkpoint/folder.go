package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/train/checkpoint/safetensors"
)

// ErrNone is wrapped when a folder has no checkpoint that can be read.
var ErrNone = errors.New("no checkpoint")

// fileName is what Save calls a checkpoint; nothing else in the folder is ours.
var fileName = regexp.MustCompile(`^step-([0-9]{12,19})\.safetensors$`)

// A File is a checkpoint in a folder, unread.
type File struct {
	Path string
	Step int64
}

// Files lists the checkpoints in a folder, the latest first. A folder that is
// not there has none.
func Files(folder string) ([]File, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var files []File
	for _, e := range entries {
		match := fileName.FindStringSubmatch(e.Name())
		if match == nil {
			continue
		}
		step, err := strconv.ParseInt(match[1], 10, 64)
		if err != nil {
			continue // 19 digits over the range: not a name that Save makes
		}
		files = append(files, File{Path: filepath.Join(folder, e.Name()), Step: step})
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(b.Step, a.Step) })
	return files, nil
}

// Save writes the checkpoint into the folder, which is made if it is missing,
// and then removes all but the last keep ones (0 keeps all), what killed
// processes left unfinished, and the checkpoints of later steps: they are torn,
// or were left behind when the run went back to an earlier one. On an error of
// writing nothing is removed. Only one process may save into a folder at a time.
func Save(folder string, c *Checkpoint, keep int) (path string, err error) {
	if keep < 0 {
		return "", fmt.Errorf("save checkpoint: keep the last %d, want at least 0", keep)
	}
	f, err := c.file()
	if err != nil {
		return "", fmt.Errorf("save checkpoint: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("save checkpoint: %w", err)
	}
	path = filepath.Join(folder, fmt.Sprintf("step-%012d.safetensors", c.Step))
	err = atomicfile.Write(path, 0o644, func(w io.Writer) error { return safetensors.Write(w, f) })
	if err != nil {
		return "", fmt.Errorf("save checkpoint: %w", err)
	}
	if err := prune(folder, c.Step, keep); err != nil {
		return path, fmt.Errorf("checkpoint %s is saved, but removing old ones: %w", path, err)
	}
	return path, nil
}

// prune leaves the checkpoint of the step last and, if keep is not 0, keep in all.
func prune(folder string, last int64, keep int) error {
	if err := atomicfile.Clean(folder); err != nil {
		return err
	}
	files, err := Files(folder)
	if err != nil {
		return err
	}
	kept := 0
	for _, f := range files {
		if f.Step <= last && (keep == 0 || kept < keep) {
			kept++
			continue
		}
		if err := os.Remove(f.Path); err != nil {
			return err
		}
	}
	return nil
}

// A Found is the latest sound checkpoint of a folder.
type Found struct {
	*Checkpoint
	Path    string
	Skipped []error // why later files were passed over, the latest first
}

// Latest loads the last checkpoint that is whole. Damaged ones, and those that
// vanish meanwhile, are passed over and named in Skipped. A file that is whole
// but cannot be read, for want of permission or because another version wrote
// it, is an error: going on from an older one would silently lose work. The
// error wraps ErrNone if no file is left, and then says what became of each.
func Latest(folder string) (*Found, error) {
	files, err := Files(folder)
	if err != nil {
		return nil, err
	}
	var skipped []error
	for _, file := range files {
		c, err := Load(file.Path)
		switch {
		case err == nil && c.Step != file.Step:
			skipped = append(skipped, fmt.Errorf("%w: %s holds step %d", ErrDamaged, file.Path, c.Step))
		case err == nil:
			return &Found{Checkpoint: c, Path: file.Path, Skipped: skipped}, nil
		case errors.Is(err, ErrDamaged), errors.Is(err, fs.ErrNotExist):
			skipped = append(skipped, err)
		default:
			return nil, err
		}
	}
	if len(skipped) > 0 {
		return nil, fmt.Errorf("%w in %s can be read: %w", ErrNone, folder, errors.Join(skipped...))
	}
	return nil, fmt.Errorf("%w in %s", ErrNone, folder)
}
