package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"quickstudy/framework/regular"
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
	Digest string `json:"digest"` // Located.Digest
}

const (
	lockVersion = 1
	maxLock     = 1 << 20 // bytes
)

// NewLock returns a lock that pins nothing.
func NewLock() *Lock { return &Lock{Version: lockVersion, Plugins: map[string]LockedItem{}} }

// ReadLock reads a lock; a file that does not exist is an empty lock, which
// pins nothing.
func ReadLock(path string) (*Lock, error) {
	data, err := regular.Read(path, maxLock)
	if errors.Is(err, fs.ErrNotExist) {
		return NewLock(), nil
	}
	if err != nil {
		return nil, err
	}
	l, err := ParseLock(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// ParseLock reads the contents of a lock.
func ParseLock(data []byte) (*Lock, error) {
	l := &Lock{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(l); err != nil {
		return nil, err
	}
	if l.Version != lockVersion {
		return nil, fmt.Errorf("version %d, this runner reads version %d", l.Version, lockVersion)
	}
	if l.Plugins == nil {
		l.Plugins = map[string]LockedItem{}
	}
	return l, nil
}

// Set pins a plugin to what it is.
func (l *Lock) Set(at Located) {
	l.Plugins[lockKey(at)] = LockedItem{Source: at.Source, Digest: at.Digest}
}

// Has reports whether a plugin is pinned.
func (l *Lock) Has(at Located) bool {
	_, ok := l.Plugins[lockKey(at)]
	return ok
}

// Check compares a plugin with its pin. A plugin that is not pinned passes. The
// failure is a *plugin.Error.
func (l *Lock) Check(at Located) error {
	want, ok := l.Plugins[lockKey(at)]
	if !ok || want.Digest == at.Digest {
		return nil
	}
	reason := fmt.Sprintf("it has changed since it was locked: locked %s, found %s",
		want.Digest, at.Digest)
	return fail(at.Request, "lock", reason, nil,
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

func lockKey(at Located) string { return at.Kind + "/" + at.Name }
