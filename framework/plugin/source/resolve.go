package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"quickstudy/framework/plugin"
	"quickstudy/framework/schema"
)

// A Request asks for one plugin.
type Request struct {
	Kind   string // plugin.KindTask, plugin.KindHead or plugin.KindMetaLearner; "": any
	Name   string // label in the plugins block
	Source string // "./plugins/heads/x", "./bin/x" or "x"
	Dir    string // folder against which a relative source resolves: the experiment's
}

// Located is a plugin that was found, and neither built nor started.
type Located struct {
	Request
	Place string // absolute path of the package's folder, or of the executable
	// Digest identifies what the plugin is made from, for locks: "go:" and the
	// digest of its source files and of the modules that are required, the same on
	// every machine, or "file:" and the digest of the executable.
	Digest string

	pkg *pkg // nil: an executable
}

// Resolved is an executable plugin.
type Resolved struct {
	Located
	Path   string // absolute path of the executable
	Binary string // SHA-256 of the executable, in hexadecimal, for plugin.Command
	Built  bool   // it was not in the cache
}

// Progress reports on a build: once when it starts, with Elapsed 0, once a second,
// and once with Done when it has ended.
type Progress struct {
	Kind, Name string
	Elapsed    time.Duration
	Done       bool
}

// A Resolver finds and builds plugins. The zero value works, but finds no bare
// names.
type Resolver struct {
	// Folders are searched for bare names, in this order: name x of kind head
	// is FOLDER/heads/x or FOLDER/x, a Go package or an executable.
	Folders []string
	// Cache holds what was built; "" is quickstudy in the user's cache folder.
	Cache string
	// Bundled pins the plugins that came with the program, which Allowed takes as allowed.
	Bundled *Lock
	// Go is the go command; "" is the one in PATH.
	Go string
	// Progress is called, from several goroutines, while plugins are built.
	Progress func(Progress)
}

// LocateAll finds several plugins at once, as many as there are processors. The results are
// in the order of the requests, those that were not found with an empty Digest; errors are
// joined, so that all mistakes are seen together.
func (r *Resolver) LocateAll(ctx context.Context, requests []Request) ([]Located, error) {
	return all(requests, func(request Request) (Located, error) { return r.Locate(ctx, request) })
}

// BuildAll builds several plugins at once, as LocateAll finds them.
func (r *Resolver) BuildAll(ctx context.Context, located []Located) ([]Resolved, error) {
	return all(located, func(l Located) (Resolved, error) { return r.Build(ctx, l) })
}

// all calls f for every element, as many at once as there are processors.
func all[X, Y any](list []X, f func(X) (Y, error)) ([]Y, error) {
	results := make([]Y, len(list))
	errs := make([]error, len(list))
	slots := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i], errs[i] = f(list[i])
		})
	}
	all.Wait()
	return results, errors.Join(errs...)
}

// Locate finds one plugin and its digest. No code of the plugin runs, none is compiled.
// Failures are *plugin.Error.
func (r *Resolver) Locate(ctx context.Context, request Request) (Located, error) {
	path, isPackage, err := r.find(request)
	if err != nil {
		return Located{}, err
	}
	l := Located{Request: request, Place: path}
	if isPackage {
		if err := r.survey(ctx, &l); err != nil {
			return Located{}, err
		}
		return l, nil
	}
	digest, err := plugin.Digest(path)
	if err != nil {
		return Located{}, fail(request, "find", err.Error(), err, "")
	}
	l.Digest = "file:" + digest
	return l, nil
}

// Resolve returns the executable of one plugin, found and built.
func (r *Resolver) Resolve(ctx context.Context, request Request) (Resolved, error) {
	l, err := r.Locate(ctx, request)
	if err != nil {
		return Resolved{}, err
	}
	return r.Build(ctx, l)
}

// find says where a source is, and whether it is a package to be built.
func (r *Resolver) find(request Request) (path string, isPackage bool, err error) {
	if request.Source == "" {
		return "", false, fail(request, "find", "its source is empty", nil,
			`give source = "./path", to a Go main package or an executable, or a name`)
	}
	if isPath(request.Source) {
		path = filepath.FromSlash(request.Source)
		if !filepath.IsAbs(path) {
			path = filepath.Join(request.Dir, path)
		}
		if path, err = filepath.Abs(path); err != nil {
			return "", false, fail(request, "find", err.Error(), err, "")
		}
		isPackage, err = inspect(path)
		if err != nil {
			advice := "a source is a folder with a Go main package or an executable file"
			if !filepath.IsAbs(request.Source) && request.Dir != "." {
				advice += "; relative ones start at the folder of the experiment file"
			}
			return "", false, fail(request, "find", err.Error()+meant(path), err, advice)
		}
		return path, isPackage, nil
	}
	var tried, places []string
	for _, folder := range r.Folders {
		for _, candidate := range candidates(folder, request) {
			places = append(places, candidate)
			isPackage, err := inspect(candidate)
			if err != nil {
				tried = append(tried, err.Error())
				continue
			}
			path, err := filepath.Abs(candidate)
			if err != nil {
				return "", false, fail(request, "find", err.Error(), err, "")
			}
			return path, isPackage, nil
		}
	}
	reason := fmt.Sprintf("%q is in no plugin folder", request.Source)
	if len(tried) > 0 {
		reason += meant(places...) + ":\n    " + strings.Join(tried, "\n    ")
	}
	return "", false, fail(request, "find", reason, nil,
		`give its path, as in source = "./plugins/heads/x"`)
}

// meant is a question after the plugin beside one of the paths whose name is nearest.
func meant(paths ...string) string {
	for _, path := range paths {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			continue
		}
		var names []string
		for _, e := range entries {
			if _, err := inspect(filepath.Join(filepath.Dir(path), e.Name())); err == nil {
				names = append(names, e.Name())
			}
		}
		if near := schema.Nearest(filepath.Base(path), names); near != "" {
			return fmt.Sprintf(" (did you mean %q?)", near)
		}
	}
	return ""
}

// isPath tells a path from a bare name.
func isPath(source string) bool {
	return strings.ContainsAny(source, `/\`) || source == "." || source == ".." ||
		filepath.IsAbs(source)
}

func candidates(folder string, request Request) []string {
	kinds := []string{request.Kind}
	if request.Kind == "" {
		kinds = []string{plugin.KindTask, plugin.KindHead, plugin.KindMetaLearner}
	}
	var bases, paths []string
	for _, kind := range kinds {
		bases = append(bases, filepath.Join(folder, kind+"s"))
	}
	for _, base := range append(bases, folder) {
		paths = append(paths, filepath.Join(base, request.Source))
		if runtime.GOOS == "windows" {
			paths = append(paths, filepath.Join(base, request.Source+".exe"))
		}
	}
	return paths
}

// inspect reports whether path is a folder with Go files, or an executable.
func inspect(path string) (isPackage bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if info.IsDir() {
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(files) == 0 {
			return false, fmt.Errorf("%s: no Go files in this folder", path)
		}
		return true, nil
	}
	if _, err := exec.LookPath(path); err != nil {
		return false, fmt.Errorf("%s: not an executable file", path)
	}
	return false, nil
}

func fail(request Request, call, reason string, err error, advice string) *plugin.Error {
	return &plugin.Error{
		Kind: cmp.Or(request.Kind, "plugin"), Name: request.Name, Path: request.Source,
		Call: call, Reason: reason, Err: err, Advice: advice,
	}
}
