package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/plugin"
)

// A cached build survives so long without being used. Beside the latest keepBuilds, of some 20 MB
// each, only those survive that were used within an hour: whoever writes a plugin makes many.
const (
	keepUnused = 30 * 24 * time.Hour
	keepBuilds = 100
	keepFresh  = time.Hour
)

// pkg is a Go package to be built.
type pkg struct {
	goCommand string
	manifest  *manifest
}

// survey finds out what the Go package of l is built from, without building it.
func (r *Resolver) survey(ctx context.Context, l *Located) error {
	cache, err := r.cacheDir()
	if err != nil {
		return fail(l.Request, "build", err.Error(), err,
			"set HOME or XDG_CACHE_HOME to a folder of your own that can be written")
	}
	goCommand := cmp.Or(r.Go, "go")
	goCommand, err = exec.LookPath(goCommand)
	if err != nil {
		return fail(l.Request, "build", err.Error(), err,
			"install Go (https://go.dev/dl), or give the path of an executable as the source")
	}
	tools, err := readToolchain(ctx, goCommand, l.Place)
	if err != nil {
		return fail(l.Request, "build", err.Error(), err, "")
	}
	remembered := filepath.Join(cache, "manifests", hashOf(l.Place)+".json")
	m := recall(remembered, tools)
	if m == nil {
		if m, err = survey(ctx, goCommand, l.Place, tools); err != nil {
			return fail(l.Request, "build", err.Error(), err, adviceCompile)
		}
		remember(remembered, m)
	}
	l.pkg, l.Digest = &pkg{goCommand, m}, "go:"+m.Digest
	return nil
}

// Build returns the executable of a plugin. A Go package is built unless the cache has it.
// Failures are *plugin.Error.
func (r *Resolver) Build(ctx context.Context, l Located) (Resolved, error) {
	if l.pkg == nil {
		return Resolved{Located: l, Path: l.Place, Binary: strings.TrimPrefix(l.Digest, "file:")}, nil
	}
	cache, err := r.cacheDir()
	if err != nil {
		return Resolved{}, fail(l.Request, "build", err.Error(), err, "")
	}
	entry := filepath.Join(cache, "plugins", l.pkg.manifest.Key)
	resolved := Resolved{Located: l, Path: filepath.Join(entry, executableName(l.Place))}
	if resolved.Binary, err = readDigest(entry); err != nil {
		if err := r.compile(ctx, l.Request, l.pkg.goCommand, l.Place, entry); err != nil {
			return Resolved{}, err
		}
		resolved.Built = true
		if resolved.Binary, err = readDigest(entry); err != nil {
			return Resolved{}, fail(l.Request, "build", err.Error(), err, "")
		}
		prune(filepath.Join(cache, "plugins"), keepBuilds)
		prune(filepath.Join(cache, "allowed"), math.MaxInt)
	}
	touch(entry)
	return resolved, nil
}

// touch keeps prune away; a cache that cannot be written still serves.
func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now)
}

const adviceCompile = "correct the plugin's source, or what else it tells; " +
	"go build in its folder shows the same"

// compile builds into a temporary folder beside entry and renames it. When
// another process was faster, its result is as good.
func (r *Resolver) compile(ctx context.Context, request Request, goCommand, dir,
	entry string) error {
	stop := r.report(request)
	defer stop()
	if err := os.MkdirAll(filepath.Dir(entry), 0o700); err != nil {
		return fail(request, "build", err.Error(), err, "")
	}
	temp, err := os.MkdirTemp(filepath.Dir(entry), "building-")
	if err != nil {
		return fail(request, "build", err.Error(), err, "")
	}
	defer os.RemoveAll(temp)
	binary := filepath.Join(temp, executableName(dir))
	// No stamp of version control, which changes without the source. Nor -trimpath:
	// it would compile every dependency once more beside what go run has just made.
	_, err = runGo(ctx, goCommand, dir, "build", "-buildvcs=false", "-o", binary, ".")
	if err != nil {
		if ctx.Err() != nil {
			return fail(request, "build", "the build was cancelled", err, "")
		}
		output := strings.ReplaceAll(err.Error(), "\n", "\n    ")
		return fail(request, "build", "go build failed:\n    "+output,
			err, adviceCompile)
	}
	if err := seal(temp, binary); err != nil {
		return fail(request, "build", err.Error(), err, "")
	}
	if err := os.Rename(temp, entry); err != nil {
		if _, there := readDigest(entry); there != nil {
			return fail(request, "build", err.Error(), err, "remove "+entry)
		}
	}
	return nil
}

// seal writes the digest beside the binary, and both to disk.
func seal(dir, binary string) error {
	digest, err := plugin.Digest(binary)
	if err != nil {
		return err
	}
	f, err := os.Open(binary)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Chmod(binary, 0o500)); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, digestFile), []byte(digest), 0o400)
}

// digestFile holds the SHA-256 of the binary beside it. Its presence says that
// the entry is complete.
const digestFile = "sha256"

func readDigest(entry string) (string, error) {
	digest, err := os.ReadFile(filepath.Join(entry, digestFile))
	if err == nil && len(digest) != hex.EncodedLen(sha256.Size) {
		err = fmt.Errorf("%s does not hold a digest", filepath.Join(entry, digestFile))
	}
	return string(digest), err
}

// report calls Progress until the returned function is called.
func (r *Resolver) report(request Request) (stop func()) {
	if r.Progress == nil {
		return func() {}
	}
	start := time.Now()
	say := func(elapsed time.Duration, done bool) {
		r.Progress(Progress{Kind: request.Kind, Name: request.Name, Elapsed: elapsed, Done: done})
	}
	say(0, false)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				say(time.Since(start), false)
			case <-quit:
				say(time.Since(start), true)
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func (r *Resolver) cacheDir() (string, error) {
	dir := r.Cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(user, "quickstudy")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// Who can write here decides what is run: a folder that was there is made private too,
	// which fails where it is somebody else's.
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm() == 0o700 {
		return dir, err
	}
	return dir, os.Chmod(dir, 0o700)
}

// recall returns the remembered manifest if what it lists is unchanged.
func recall(path string, tools toolchain) *manifest {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var m manifest
	if json.Unmarshal(encoded, &m) != nil || m.Key == "" || filepath.Base(m.Key) != m.Key {
		return nil
	}
	if now, err := m.fingerprint(tools); err != nil || now != m.Fingerprint {
		return nil
	}
	return &m
}

// remember writes a manifest for recall. It only speeds up the next start, so a
// failure is none of the build.
func remember(path string, m *manifest) {
	encoded, err := json.Marshal(m)
	if err == nil && os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = writeFile(path, encoded, 0o600)
	}
}

// prune removes what was not used for long, all but the latest entries, and what interrupted
// builds left behind.
func prune(dir string, latest int) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	used := map[string]time.Time{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			used[e.Name()] = info.ModTime()
		}
	}
	names := slices.SortedFunc(maps.Keys(used), func(a, b string) int {
		return used[b].Compare(used[a])
	})
	for i, name := range names {
		unused := time.Since(used[name])
		if unused > keepUnused || i >= latest && unused > keepFresh {
			_ = os.RemoveAll(filepath.Join(dir, name))
		}
	}
}

// writeFile replaces a file as a whole.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	return atomicfile.Write(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func executableName(dir string) string {
	name := filepath.Base(dir)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
