package session

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/rs/zerolog"

	"quickstudy/framework/experiment"
	"quickstudy/framework/passes"
	"quickstudy/framework/plugin/source"
)

// Options are how an experiment is opened. The zero value works.
type Options struct {
	Variables experiment.Options
	Resolver  source.Resolver
	// Lock is the path of the lock; "" is source.LockFile beside the experiment.
	Lock   string
	Logger zerolog.Logger
	// Looking: the experiment is looked at, and not run. Only plugins that are allowed
	// (source.Resolver.Allowed) are built and started; otherwise all are, and allowed by it.
	Looking bool
	// Passes says which passes programs are taken through; the zero value: all.
	Passes passes.Options
}

// Sources are the plugins that an experiment names, neither built nor started.
type Sources struct {
	Files   map[string]*hcl.File // for rendering diagnostics
	Plugins []source.Located     // in the order of the file, those that were found
	Lock    *source.Lock
	// LockPath is where the lock is, or would be.
	LockPath string

	file *experiment.File
	path string // of the experiment, as it was given
	dir  string // of the experiment, absolute
}

// Locate reads an experiment file and finds its plugins; no code of theirs is built or
// started. The Sources are never nil.
func Locate(ctx context.Context, path string, options Options) (*Sources, hcl.Diagnostics, error) {
	file, diags := experiment.Load(path, options.Variables)
	s := &Sources{Files: file.Sources(), file: file, path: path, LockPath: options.Lock}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return s, diags, err
	}
	s.dir = filepath.Dir(absolute)
	if s.LockPath == "" {
		s.LockPath = filepath.Join(s.dir, source.LockFile)
	}
	if s.Lock, err = source.ReadLock(s.LockPath); err != nil {
		return s, diags, err
	}
	var requests []source.Request
	for _, p := range file.Plugins() {
		requests = append(requests, s.request(p))
	}
	found, err := options.Resolver.LocateAll(ctx, requests)
	for _, l := range found {
		if l.Digest != "" {
			s.Plugins = append(s.Plugins, l)
		}
	}
	return s, diags, err
}

// request asks for a plugin by the source that a person would write, relative to the
// experiment, so that locks and records mean the same on another machine.
func (s *Sources) request(p experiment.Plugin) source.Request {
	r := source.Request{Kind: string(p.ID.Kind), Name: p.ID.Name, Source: p.Source, Dir: s.dir}
	if p.Lookup {
		return r
	}
	relative, err := filepath.Rel(s.dir, p.Source)
	if err != nil {
		return r // on another volume
	}
	r.Source = filepath.ToSlash(relative)
	if !strings.HasPrefix(r.Source, "../") {
		r.Source = "./" + r.Source
	}
	return r
}

// Verify compares the plugins with the lock; those that are not locked pass.
func (s *Sources) Verify() error {
	var changed []error
	for _, l := range s.Plugins {
		changed = append(changed, s.Lock.Check(l))
	}
	return errors.Join(changed...)
}

// permit refuses to look at plugins that are not allowed. Who runs an experiment allows its
// plugins: that nothing can be noted is no reason not to run them.
func (s *Sources) permit(options *Options) error {
	var refused []error
	for _, l := range s.Plugins {
		if !options.Looking {
			_ = options.Resolver.Allow(l)
			continue
		}
		refused = append(refused, options.Resolver.Permit(l,
			"to allow it: runner plugins allow "+s.path))
	}
	return errors.Join(refused...)
}
