package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"quickstudy/framework/schema"
)

// start runs a command line and returns the status to exit with.
func start(args, env []string, stdin io.Reader, stdout, stderr *os.File) int {
	c := newConsole(env, stdin, stdout, stderr)
	defer c.close()
	return c.report(c.dispatch(args))
}

// dispatch finds the verb and runs it.
func (c *console) dispatch(args []string) error {
	global := newFlagSet("runner", c.globalFlags)
	if err := global.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return overview(c.stdout)
		}
		return flagError(global, err)
	}
	args = global.Args()
	if len(args) == 0 {
		return usageError{"no verb; runner help lists them"}
	}
	if args[0] == "help" {
		return help(c.stdout, args[1:])
	}
	verb, rest := find(args)
	if verb == nil {
		return unknownVerb(args)
	}
	flags := newFlagSet("runner "+verb.name, c.globalFlags, verb.flags)
	operands, err := parse(flags, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return verb.describe(c.stdout)
	case err != nil:
		return flagError(flags, err)
	case len(operands) < verb.min || verb.max >= 0 && len(operands) > verb.max:
		return usageError{fmt.Sprintf("%s takes %s, got %d; runner help %s says more",
			verb.name, verb.takes(), len(operands), verb.name)}
	}
	if err := c.begin(); err != nil {
		return err
	}
	return verb.run(c.context, c, operands)
}

// find returns the verb that the arguments begin with, and what follows it.
func find(args []string) (*command, []string) {
	for _, verb := range commands() {
		words := strings.Fields(verb.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == verb.name {
			return verb, args[len(words):]
		}
	}
	return nil, nil
}

func unknownVerb(args []string) error {
	var names []string
	for _, verb := range commands() {
		group, _, isGroup := strings.Cut(verb.name, " ")
		if isGroup && group == args[0] {
			return unknownOfGroup(group, args[1:])
		}
		names = append(names, verb.name)
	}
	return usageError{fmt.Sprintf("there is no verb %q.%s", args[0],
		hint(args[0], names, "See runner help."))}
}

func unknownOfGroup(group string, args []string) error {
	var names []string
	for _, verb := range commands() {
		if name, ok := strings.CutPrefix(verb.name, group+" "); ok {
			names = append(names, name)
		}
	}
	list := schema.OrList(names)
	if len(args) == 0 {
		return usageError{fmt.Sprintf("%s is followed by %s", group, list)}
	}
	return usageError{fmt.Sprintf("there is no verb %q.%s", group+" "+args[0],
		hint(args[0], names, "Expected "+list+"."))}
}

// hint suggests the nearest name, or else says where to look.
func hint(name string, names []string, otherwise string) string {
	if near := schema.Nearest(name, names); near != "" {
		return fmt.Sprintf(" Did you mean %q?", near)
	}
	return " " + otherwise
}

func newFlagSet(name string, register ...func(*flag.FlagSet)) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are reported once, by report
	flags.Usage = func() {}
	for _, r := range register {
		if r != nil {
			r(flags)
		}
	}
	return flags
}

// parse reads flags before, between and after operands; what follows -- is operands.
func parse(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return operands, nil
		}
		if before := len(args) - len(rest); before > 0 && args[before-1] == "--" {
			return append(operands, rest...), nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

// flagError adds a suggestion to what package flag says.
func flagError(flags *flag.FlagSet, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var names []string
		flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		text = fmt.Sprintf("there is no flag -%s.%s", name, hint(strings.TrimLeft(name, "-"), names,
			"See "+strings.TrimSpace(strings.Replace(flags.Name(), "runner", "runner help", 1))+"."))
	}
	return usageError{text}
}
