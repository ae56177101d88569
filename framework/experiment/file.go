package experiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/regular"
)

// Options say where the values of variables come from. Later ones win: defaults, Env, VarFiles in
// order, Vars in order.
type Options struct {
	Vars     []string // name=value, as after -var
	VarFiles []string // files of attributes name = value
	Env      []string // name=value, as from os.Environ; those named RUNNER_VAR_<name> count
}

// PluginKind is the kind of a plugin and of the blocks that it stands behind.
type PluginKind string

const (
	KindTask    PluginKind = "task"
	KindHead    PluginKind = "head"
	KindLearner PluginKind = "metalearner"
)

// A PluginID names a plugin as a file does: head "classification".
type PluginID struct {
	Kind PluginKind
	Name string
}

func (id PluginID) String() string { return fmt.Sprintf("%s %q", id.Kind, id.Name) }

// A BlockID names a block that a plugin stands behind: by the last label, unique for its kind.
type BlockID struct {
	Kind PluginKind
	Name string
}

func (id BlockID) String() string { return fmt.Sprintf("%s %q", id.Kind, id.Name) }

// A Plugin is one entry of the plugins block.
type Plugin struct {
	ID PluginID
	// Source is an absolute path or, when Lookup is set, a name to look for in the plugin folders.
	Source  string
	Lookup  bool
	Timeout int // seconds that one call may take
	Range   hcl.Range
}

// A File is an experiment file that has been read, as far as it can be without its plugins.
type File struct {
	Path    string
	sources map[string]*hcl.File
	exp     *Experiment
	valid   bool // Load found no error
	blocks  map[BlockID]*pluginBlock
	tune    *tuning
}

// A pluginBlock keeps what a plugin's block holds until the schema is there.
type pluginBlock struct {
	plugin PluginID
	syntax *hclsyntax.Block
	given  cty.Value
}

// Load reads an experiment file. The File is never nil; diagnostics of files that could be read can
// be rendered with its Sources. When evaluation exceeds its budget of 1.5 s or 64 MiB the
// diagnostic says so, and the caller should end the process, since HCL cannot be stopped.
func Load(path string, options Options) (*File, hcl.Diagnostics) {
	return load(path, options, evaluationBudget)
}

func load(path string, options Options, limit budget) (*File, hcl.Diagnostics) {
	l := newLoader(path)
	body, diags := l.open(path)
	files := &File{Path: path, sources: l.file.sources}
	var sets []assignment
	for _, name := range options.VarFiles {
		given, more := l.varFile(name)
		sets, diags = append(sets, given...), append(diags, more...)
	}
	given, more := l.varFlags(options.Vars)
	sets, diags = append(sets, given...), append(diags, more...)
	env := l.environment(options.Env)
	if diags.HasErrors() {
		return files, Sorted(diags)
	}
	l.diags = diags
	err := limit.spend(func(over func() bool) {
		l.over = over
		l.all(body, slices.Concat(env, sets))
	})
	if err != nil {
		at := l.at.Load()
		if at == nil {
			at = &hcl.Range{Filename: path, Start: hcl.InitialPos, End: hcl.InitialPos}
		}
		return files, refused(*at, "This was stopped: %v.", err)
	}
	l.file.valid = !l.diags.HasErrors()
	return l.file, Sorted(l.diags)
}

// Sources returns the files read, by name, for rendering diagnostics.
func (f *File) Sources() map[string]*hcl.File { return f.sources }

// Plugins lists the plugins that the file's blocks need, in the order of their declaration. It is
// empty when the file could not be read.
func (f *File) Plugins() []Plugin {
	if f.exp == nil {
		return nil
	}
	var needed []Plugin
	for _, p := range f.exp.Plugins {
		for _, b := range f.blocks {
			if b.plugin == p.ID {
				needed = append(needed, p)
				break
			}
		}
	}
	return needed
}

// open reads and parses a file, and keeps it for rendering.
func (l *loader) open(path string) (*hclsyntax.Body, hcl.Diagnostics) {
	src, diags := Read(path)
	if diags.HasErrors() {
		return nil, diags
	}
	file, diags := parse(src, path)
	l.file.sources[path] = file
	if diags.HasErrors() {
		return nil, diags
	}
	return file.Body.(*hclsyntax.Body), diags
}

// Read returns the bytes of an experiment file. Of one that is too long it returns as much as shows
// that it is. A file that is missing, is none or may not be read is refused with a diagnostic.
func Read(path string) ([]byte, hcl.Diagnostics) {
	src, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("there is no file %q; is the path relative to another folder?", path)
	case err == nil:
		return src, nil
	}
	return nil, hcl.Diagnostics{Diagnostic(CodeFile, "Unreadable file", err.Error(), hcl.Range{})}
}

func read(path string) ([]byte, error) {
	file, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadFrom(file)
}

// ReadFrom reads an experiment from a stream that may not end, as Read does from a file.
func ReadFrom(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, maxFileBytes+1))
}
