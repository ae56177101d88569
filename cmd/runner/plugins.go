package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"quickstudy/framework/plugin"
	"quickstudy/framework/plugin/source"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
	"quickstudy/framework/terminal"
	"quickstudy/framework/train/record"
)

func pluginsList() *command {
	e := experimentFlags{looking: true}
	var asJSON bool
	return &command{
		name: "plugins list", args: "FILE", min: 1, max: 1,
		summary: "list the plugins of an experiment, built and started",
		help:    allowance,
		examples: []string{
			"runner plugins list experiments/quickstart.hcl",
		},
		flags: func(f *flag.FlagSet) { e.register(f); jsonFlag(f, &asJSON) },
		run: func(ctx context.Context, c *console, args []string) error {
			s, err := e.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			if asJSON {
				return printJSON(c.stdout, append([]record.Plugin{}, s.Plugins...))
			}
			t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "KIND\tNAME\tVERSION\tPROTOCOL\tDIGEST\tSOURCE")
			for _, p := range s.Plugins {
				fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.15s\t%s\n", p.Kind, p.Name, p.Version, p.Protocol,
					p.Digest, p.Source)
			}
			return t.Flush()
		},
	}
}

func pluginsDescribe() *command {
	var e experimentFlags
	var asJSON bool
	return &command{
		name: "plugins describe", args: "SOURCE", min: 1, max: 1,
		summary: "say what a plugin is and what its block may hold",
		help: `SOURCE is what an experiment gives as source: a folder with a Go main package, an
executable, or the name of one in a plugin folder.`,
		examples: []string{"runner plugins describe ./plugins/tasks/text"},
		flags:    func(f *flag.FlagSet) { e.registerFolders(f); jsonFlag(f, &asJSON) },
		run: func(ctx context.Context, c *console, args []string) error {
			d, err := e.describe(ctx, c, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.stdout, plugin.Describe(d))
			}
			return printPlugin(c.stdout, d, args[0])
		},
	}
}

// describe launches a plugin of any kind and asks what it is.
func (e *experimentFlags) describe(ctx context.Context, c *console, from string) (
	wire.Description, error) {
	resolver := e.resolver(c)
	found, err := resolver.Resolve(ctx,
		source.Request{Name: filepath.Base(from), Source: from, Dir: "."})
	if err != nil {
		return wire.Description{}, err
	}
	p, err := plugin.Launch(ctx, plugin.Command{Name: found.Name, Path: found.Path,
		Digest: found.Binary}, plugin.Options{Logger: c.logger})
	if err != nil {
		return wire.Description{}, err
	}
	defer p.Kill()
	return p.Description(), nil
}

// printPlugin prints a description and a block to start from.
func printPlugin(w io.Writer, d wire.Description, from string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %q, version %s, protocol %d\n%s\n", d.Kind, d.Name, d.Version, d.Protocol,
		d.Doc)
	if len(d.Capabilities) > 0 {
		fmt.Fprintf(&text, "capabilities: %s\n", strings.Join(d.Capabilities, ", "))
	}
	if len(d.Schema.Attributes) == 0 {
		text.WriteString("\nIts block has no attributes.\n")
	} else {
		text.WriteString("\nAttributes of its block:\n\n")
		printAttributes(&text, d.Schema.Attributes, "  ")
	}
	fmt.Fprintf(&text, "\nIn an experiment:\n\n  plugins {\n    %s %q { source = %q }\n  }\n", d.Kind,
		d.Name, from)
	// What an attribute may be (OneOf) is as the plugin wrote it.
	_, err := io.WriteString(w, terminal.Text(text.String()))
	return err
}

func printAttributes(text *strings.Builder, attributes []schema.Attribute, indent string) {
	for _, a := range attributes {
		fmt.Fprintf(text, "%s%s  %s\n", indent, a.Name, a.Facts())
		if a.Doc != "" {
			fmt.Fprintf(text, "%s    %s\n", indent, a.Doc)
		}
		printAttributes(text, a.Nested, indent+"    ")
	}
}

func pluginsAllow() *command {
	var e experimentFlags
	return &command{
		name: "plugins allow", args: "FILE", min: 1, max: 1,
		summary: "let validate, graph and the like start the plugins of an experiment",
		help: `Whoever wrote FILE, it names programs that are built and run with your permissions:
look at their source first. What is allowed are the plugins as they are now, on this
machine; nothing is built or started yet. Running or locking an experiment allows its
plugins too, and those that came with the runner need no allowance.`,
		examples: []string{"runner plugins allow experiments/quickstart.hcl"},
		flags:    e.register,
		run: func(ctx context.Context, c *console, args []string) error {
			_, err := e.allow(ctx, c, args[0])
			return err
		},
	}
}

// allow allows the plugins of an experiment and prints them.
func (e *experimentFlags) allow(ctx context.Context, c *console, path string) (
	*session.Sources, error) {
	s, err := e.sources(ctx, c, path)
	if err != nil {
		return nil, err
	}
	resolver := e.resolver(c)
	for _, l := range s.Plugins {
		if err := resolver.Allow(l); err != nil {
			return nil, err
		}
		fmt.Fprintf(c.stdout, "%s/%s  %s\n", l.Kind, l.Name, l.Digest)
	}
	return s, nil
}

func pluginsLock() *command {
	var e experimentFlags
	return &command{
		name: "plugins lock", args: "FILE", min: 1, max: 1,
		summary: "pin the plugins of an experiment to what they are now",
		help: `The digests go into ` + source.LockFile + ` beside the experiment. From then on an
experiment there refuses to start when one of its plugins has changed. What is
pinned of a Go package is its source and modules, of a binary its bytes. Nothing is
built or started; the plugins are allowed, here, as by runner plugins allow.`,
		examples: []string{"runner plugins lock experiments/quickstart.hcl"},
		flags:    e.register,
		run: func(ctx context.Context, c *console, args []string) error {
			s, err := e.allow(ctx, c, args[0])
			if err != nil {
				return err
			}
			for _, l := range s.Plugins {
				s.Lock.Set(l)
			}
			if err := s.Lock.Write(s.LockPath); err != nil {
				return err
			}
			fmt.Fprintf(c.screen, "%s written\n", shown(s.LockPath))
			return nil
		},
	}
}

func pluginsVerify() *command {
	var e experimentFlags
	return &command{
		name: "plugins verify", args: "FILE", min: 1, max: 1,
		summary:  "compare the plugins of an experiment with their lock",
		help:     `The status is 4 unless every plugin is locked and unchanged.`,
		examples: []string{"runner plugins verify experiments/quickstart.hcl"},
		flags:    e.register,
		run: func(ctx context.Context, c *console, args []string) error {
			s, err := e.sources(ctx, c, args[0])
			if err != nil {
				return err
			}
			good := true
			for _, r := range s.Plugins {
				state := "unchanged"
				var failure *plugin.Error
				switch {
				case errors.As(s.Lock.Check(r), &failure):
					state, good = failure.Reason, false
				case !s.Lock.Has(r):
					state, good = "not locked", false
				}
				fmt.Fprintf(c.stdout, "%s/%s  %s\n", r.Kind, r.Name, state)
			}
			if !good {
				fmt.Fprintf(c.screen, "runner: to pin what is there now: runner plugins lock %s\n", args[0])
				return quietError{statusPlugin}
			}
			return nil
		},
	}
}

// sources finds the plugins of an experiment without building or starting them.
func (e *experimentFlags) sources(ctx context.Context, c *console, path string) (
	*session.Sources, error) {
	s, diags, err := session.Locate(ctx, path, e.options(c))
	return s, c.judge(diags, s.Files, err)
}
