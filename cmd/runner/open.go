package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/passes"
	"quickstudy/framework/plugin/source"
	"quickstudy/framework/session"
)

// A list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// experimentFlags are those of verbs that read an experiment.
type experimentFlags struct {
	vars, varFiles, folders list
	looking                 bool           // the verb starts only plugins that are allowed
	passes                  passes.Options // that programs are taken through
}

func (e *experimentFlags) register(f *flag.FlagSet) {
	f.Var(&e.vars, "var", "set a variable: `NAME=VALUE`; may be repeated, wins over -var-file,\n"+
		strings.Repeat(" ", 27)+"which wins over RUNNER_VAR_NAME in the environment. A relative\n"+
		strings.Repeat(" ", 27)+"path, however it is set, starts at the experiment's folder")
	f.Var(&e.varFiles, "var-file", "read variables from `FILE`; may be repeated")
	e.registerFolders(f)
}

func (e *experimentFlags) registerFolders(f *flag.FlagSet) {
	f.Var(&e.folders, "plugins", "look for plugins that are named, not located, in `DIR`; may be\n"+
		strings.Repeat(" ", 27)+"repeated (default plugins)")
}

// options says how a session is to be opened.
func (e *experimentFlags) options(c *console) session.Options {
	return session.Options{
		Variables: experiment.Options{Vars: e.vars, VarFiles: e.varFiles, Env: c.env},
		Resolver:  e.resolver(c), Logger: c.logger, Passes: e.passes, Looking: e.looking,
	}
}

func (e *experimentFlags) resolver(c *console) source.Resolver {
	folders := []string(e.folders)
	if len(folders) == 0 {
		folders = []string{"plugins"}
	}
	return source.Resolver{Folders: folders, Progress: c.building, Bundled: bundled()}
}

//go:embed quickstudy.lock.json
var bundledLock []byte

// bundled pins the plugins of the source that the program was built from.
func bundled() *source.Lock {
	lock, err := source.ParseLock(bundledLock)
	if err != nil {
		panic(err) // a test reads it
	}
	return lock
}

// allowance is what the verbs that look at an experiment say of its plugins.
const allowance = `
Only plugins that came with the runner, or are allowed (runner help plugins allow),
are built and started; of others it is said what would be.`

// building reports on a plugin that is being built.
func (c *console) building(p source.Progress) {
	name := fmt.Sprintf("%q", p.Name)
	if p.Kind != "" { // not known before it has been asked
		name = p.Kind + " " + name
	}
	switch elapsed := p.Elapsed.Round(100 * time.Millisecond); {
	case p.Done:
		c.screen.Status("")
		fmt.Fprintf(c.screen, "built %s in %v\n", name, elapsed)
	case c.screen.terminal:
		c.screen.Status(fmt.Sprintf("building %s, %v", name, p.Elapsed.Round(time.Second)))
	case p.Elapsed == 0: // it starts
		fmt.Fprintf(c.screen, "building %s\n", name)
	}
}

// experiment opens an experiment with its plugins. Warnings are printed; errors in
// the file are an *experiment.InvalidError.
func (e *experimentFlags) experiment(ctx context.Context, c *console, path string) (
	*session.Session, error) {
	s, diags, err := session.Open(ctx, path, e.options(c))
	if err := c.judge(diags, s.Files, err); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// data opens the data of a session as experiment opens the file.
func (c *console) data(ctx context.Context, s *session.Session) (*session.Data, error) {
	d, diags, err := s.Data(ctx)
	return d, c.judge(diags, s.Files, err)
}

// judge makes one error of diagnostics and a failure; without errors it prints the
// warnings.
func (c *console) judge(diags hcl.Diagnostics, files map[string]*hcl.File, failure error) error {
	if diags.HasErrors() {
		return &experiment.InvalidError{Diagnostics: diags, Files: files, Failure: failure}
	}
	if len(diags) > 0 {
		if err := c.diagnose(diags, files); err != nil {
			return err
		}
	}
	return failure
}

// printJSON writes a value for machines.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// jsonFlag registers the flag that most verbs have.
func jsonFlag(f *flag.FlagSet, asJSON *bool) {
	f.BoolVar(asJSON, "json", false, "print JSON for machines")
}

// shown writes a path as a person would: relative to the working directory when it is
// below that.
func shown(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}
