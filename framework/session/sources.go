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
	// Passes says which passes programs are taken through; the zero value: all.
	Passes passes.Options
}

// Sources are the plugins that an experiment names, as executables.
type Sources struct {
	Files   map[string]*hcl.File // for rendering diagnostics
	Plugins []source.Resolved    // in the order of the file, those that were found
	Lock    *source.Lock
	// LockPath is where the lock is, or would be.
	LockPath string

	file *experiment.File
	dir  string // of the experiment, absolute
}

// Resolve reads an experiment file and finds or builds its plugins, without
// starting or checking them. The Sources are never nil.
func Resolve(ctx context.Context, path string, options Options) (*Sources, hcl.Diagnostics, error) {
	file, diags := experiment.Load(path, options.Variables)
	s := &Sources{Files: file.Sources(), file: file, LockPath: options.Lock}
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
	found, err := options.Resolver.ResolveAll(ctx, requests)
	for _, r := range found {
		if r.Path != "" {
			s.Plugins = append(s.Plugins, r)
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
	for _, r := range s.Plugins {
		changed = append(changed, s.Lock.Check(r))
	}
	return errors.Join(changed...)
}
