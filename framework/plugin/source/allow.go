package source

import (
	"fmt"
	"os"
	"path/filepath"
)

// Allow notes that a plugin, as it is now, may be built and started here whenever an
// experiment names it. The note is by digest, in the cache: a lock that comes with somebody
// else's files allows nothing.
func (r *Resolver) Allow(l Located) error {
	if r.Allowed(l) {
		return nil
	}
	path, err := r.note(l)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, []byte(l.Kind+" "+l.Place+"\n"), 0o600)
}

// Allowed reports whether a plugin came with the program, or was allowed as it is now.
func (r *Resolver) Allowed(l Located) bool {
	if r.Bundled != nil {
		for _, item := range r.Bundled.Plugins {
			if item.Digest == l.Digest {
				return true
			}
		}
	}
	path, err := r.note(l)
	if err != nil {
		return false
	}
	if _, err := os.Stat(path); err != nil {
		return false
	}
	touch(path)
	return true
}

// Permit returns a *plugin.Error for a plugin that is not allowed. It tells what would be
// built and started; how says how to allow it.
func (r *Resolver) Permit(l Located, how string) error {
	if r.Allowed(l) {
		return nil
	}
	would := "it would be run"
	if l.pkg != nil {
		m := l.pkg.manifest
		would = fmt.Sprintf("it would be built by go build, of %s and %s, and be run",
			count(m.Packages, "package"), count(len(m.Files), "file"))
	}
	return fail(l.Request, "allow", "nothing of it was built or started, it is not allowed as it is",
		nil, fmt.Sprintf("%s with your permissions: %s\n  its digest: %s\n  %s", would, l.Place,
			l.Digest, how))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (r *Resolver) note(l Located) (path string, err error) {
	cache, err := r.cacheDir()
	return filepath.Join(cache, "allowed", hashOf(l.Digest)), err
}
