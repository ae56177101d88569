package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// help prints the overview, a verb or a group of verbs.
func help(w io.Writer, args []string) error {
	if len(args) == 0 {
		return overview(w)
	}
	if verb, rest := find(args); verb != nil && len(rest) == 0 {
		return verb.describe(w)
	}
	if len(args) == 1 {
		var group []*command
		for _, verb := range commands() {
			if strings.HasPrefix(verb.name, args[0]+" ") {
				group = append(group, verb)
			}
		}
		if len(group) > 0 {
			_, err := fmt.Fprintf(w, "%s\nrunner help %s %s says more about one.\n",
				verbList(group), args[0], "VERB")
			return err
		}
	}
	return unknownVerb(args)
}

func overview(w io.Writer) error {
	_, err := fmt.Fprintf(w,
		`runner trains Transformers as an experiment file says, with tasks, heads and
meta-learners that are plugins.

    runner [FLAGS] VERB [FLAGS] [ARGUMENTS]

%s
runner help VERB says more about one. These flags go with every verb:

%s
Exit status: 0 done, 1 failed, 2 wrong command line, 3 invalid experiment,
4 a plugin failed, 130 and 143 interrupted.
`, verbList(commands()), flagList((&console{}).globalFlags))
	return err
}

// verbList prints one line for every verb.
func verbList(verbs []*command) string {
	width := 0
	for _, v := range verbs {
		width = max(width, len(v.usage()))
	}
	var text strings.Builder
	for _, v := range verbs {
		fmt.Fprintf(&text, "    %-*s  %s\n", width, v.usage(), v.summary)
	}
	return text.String()
}

func (v *command) usage() string { return strings.TrimSpace(v.name + " " + v.args) }

// takes says how many arguments the verb has.
func (v *command) takes() string {
	if v.args == "" {
		return "no arguments"
	}
	return v.args
}

// describe prints the help of one verb.
func (v *command) describe(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "runner %s: %s\n\n", v.name, v.summary)
	fmt.Fprintf(&text, "    runner %s\n", strings.TrimSpace(v.name+" [FLAGS] "+v.args))
	if v.help != "" {
		fmt.Fprintf(&text, "\n%s\n", strings.TrimSpace(v.help))
	}
	if v.flags != nil {
		fmt.Fprintf(&text, "\nFlags:\n\n%s", flagList(v.flags))
	}
	if len(v.examples) > 0 {
		text.WriteString("\nExamples:\n\n")
		for _, e := range v.examples {
			fmt.Fprintf(&text, "    %s\n", e)
		}
	}
	fmt.Fprint(&text, "\nrunner help lists the flags that go with every verb.\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// flagList prints flags as people write them.
func flagList(register func(*flag.FlagSet)) string {
	flags := newFlagSet("", register)
	var text strings.Builder
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		name := "-" + f.Name
		if value != "" {
			name += " " + value
		}
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" {
			usage += fmt.Sprintf(" (default %s)", d)
		}
		fmt.Fprintf(&text, "    %-22s %s\n", name, usage)
	})
	return text.String()
}
