package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// LockFile is the usual name of a lock, beside the experiment.
const LockFile = "quickstudy.lock.json"

// A Lock pins what plugins are made from. It is written sorted, one plugin after
// the other, for review and merging.
type Lock struct {
	Version int                   `json:"version"`
	Plugins map[string]LockedItem `json:"plugins"` // by "head/classification"
}

// LockedItem is one pinned plugin.
type LockedItem struct {
	Source string `json:"source"`
	Digest string `json:"digest"` // Resolved.Digest
}

const lockVersion = 1

// ReadLock reads a lock; a file that does not exist is an empty lock, which
// pins nothing.
func ReadLock(path string) (*Lock, error) {
	l := &Lock{Version: lockVersion, Plugins: map[string]LockedItem{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(l); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if l.Version != lockVersion {
		return nil, fmt.Errorf("%s: version %d, this runner reads version %d", path, l.Version,
			lockVersion)
	}
	if l.Plugins == nil {
		l.Plugins = map[string]LockedItem{}
	}
	return l, nil
}

// Set pins a plugin to what it was resolved to.
func (l *Lock) Set(r Resolved) {
	l.Plugins[lockKey(r)] = LockedItem{Source: r.Source, Digest: r.Digest}
}

// Has reports whether a plugin is pinned.
func (l *Lock) Has(r Resolved) bool {
	_, ok := l.Plugins[lockKey(r)]
	return ok
}

// Check compares a plugin with its pin. A plugin that is not pinned passes. The
// failure is a *plugin.Error.
func (l *Lock) Check(r Resolved) error {
	want, ok := l.Plugins[lockKey(r)]
	if !ok || want.Digest == r.Digest {
		return nil
	}
	reason := fmt.Sprintf("it has changed since it was locked: locked %s, found %s",
		want.Digest, r.Digest)
	return fail(r.Request, "lock", reason, nil,
		"if the change is wanted, lock it again: runner plugins lock FILE")
}

// Write replaces the file.
func (l *Lock) Write(path string) error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'), 0o644)
}

func lockKey(r Resolved) string { return r.Kind + "/" + r.Name }
