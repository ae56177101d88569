package record

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Listed run is one that List found: the run, or why it cannot be opened.
type Listed struct {
	Dir string
	Run *Run
	Err error
}

// List returns the runs below root, the latest start first. Those that cannot be
// opened follow, by folder, with their errors. A root that is not there has none.
func List(root string) ([]Listed, error) {
	var listed []Listed
	experiments, err := folders(root)
	if err != nil {
		return nil, err
	}
	for _, experiment := range experiments {
		dirs, err := folders(experiment)
		if err != nil {
			listed = append(listed, Listed{Dir: experiment, Err: err})
		}
		for _, dir := range dirs {
			run, err := Open(dir)
			listed = append(listed, Listed{Dir: dir, Run: run, Err: err})
		}
	}
	slices.SortStableFunc(listed, func(a, b Listed) int {
		if a.Run == nil || b.Run == nil {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Dir, b.Dir))
		}
		return cmp.Or(b.Run.info.Started.Compare(a.Run.info.Started), cmp.Compare(b.Dir, a.Dir))
	})
	return listed, nil
}

// rank puts runs that can be opened before those that cannot.
func rank(l Listed) int {
	if l.Run == nil {
		return 1
	}
	return 0
}

// folders returns the folders in dir whose names do not begin with a dot.
func folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			dirs = append(dirs, filepath.Join(dir, e.Name()))
		}
	}
	return dirs, nil
}

// Latest returns the folder of the latest run of an experiment, "" if there is none.
func Latest(root, experiment string) (string, error) {
	if filepath.Base(experiment) != experiment {
		return "", nil // not a name
	}
	listed, err := List(root)
	if err != nil {
		return "", err
	}
	for _, l := range listed {
		if l.Run != nil && l.Run.info.Experiment == experiment {
			return l.Dir, nil
		}
	}
	return "", nil
}

// Find returns the folder of the run that a user names: a path, the folder's path
// below root, or an id or the beginning of one, if only one run has it.
func Find(root, name string) (string, error) {
	for _, dir := range []string{name, filepath.Join(root, name)} {
		if _, err := os.Stat(filepath.Join(dir, infoFile)); err == nil {
			return dir, nil
		}
	}
	listed, err := List(root)
	if err != nil {
		return "", err
	}
	var matches []string
	for _, l := range listed {
		id := filepath.Base(l.Dir)
		if l.Run != nil && id == name {
			return l.Dir, nil
		}
		if l.Run != nil && name != "" && strings.HasPrefix(id, name) {
			matches = append(matches, l.Dir)
		}
	}
	switch len(matches) {
	case 0:
		return "", fmt.Errorf("no run %q: it is neither a run's folder nor the id of one in %s, of "+
			"which there are %d", name, root, len(listed))
	case 1:
		return matches[0], nil
	}
	return "", fmt.Errorf("%q begins the ids of %d runs: %s; give more of it", name, len(matches),
		strings.Join(matches, ", "))
}

// Remove deletes a run's folder, unless a process is writing to it. A link to one is refused:
// whether it or the folder is meant is not known.
func Remove(dir string) error {
	if to, err := os.Readlink(dir); err == nil {
		return fmt.Errorf("remove run: %s is a link to %s; name that folder, or remove the link", dir, to)
	}
	r, err := Open(dir)
	if err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	if err := r.Lock(); err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	// Without run.json it is no run: should the rest fail, it is not taken for one.
	if err := os.Remove(r.path(infoFile)); err != nil {
		return errors.Join(fmt.Errorf("remove run: %w", err), r.Close())
	}
	return errors.Join(r.Close(), os.RemoveAll(dir))
}
