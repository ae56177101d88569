package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quickstudy/cmd/runner/runnertest"
	"quickstudy/framework/plugin/source"
)

var update = flag.Bool("update", false, "write what is printed into the transcripts")

// runner is the program under test, built once.
var runner string

func TestMain(m *testing.M) { runnertest.Main(m, &runner) }

// TestTranscripts runs the command lines of testdata/transcripts in testdata, and holds
// what they print to what is written there:
//
//	# a comment
//	$ runner validate names.hcl
//	> a line of standard output
//	! a line of standard error
//	? 3
//
// The last line is the status, and is left out when it is 0. A line "$ < FILE runner ..."
// has the file as standard input, and "$ NAME=VALUE runner ..." sets a variable of the
// environment. WORK in a command line is a folder of the transcript's own.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	// Building is not part of the transcripts: it is done once.
	for _, fixture := range []string{"names.hcl", "waves.hcl"} {
		cmd := exec.Command(runner, "plugins", "list", fixture)
		cmd.Dir = "testdata"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(want))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// replay runs the commands of a transcript and returns it as it should be.
func replay(t *testing.T, transcript string) string {
	t.Helper()
	work := t.TempDir()
	copyRuns(t, work)
	var out strings.Builder
	for line := range strings.Lines(transcript) {
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ ")
		if !isCommand {
			if line == "\n" || strings.HasPrefix(line, "#") {
				out.WriteString(line)
			}
			continue
		}
		out.WriteString(line)
		stdout, stderr, status := execute(t, strings.ReplaceAll(command, "WORK", work))
		for _, stream := range []struct{ mark, text string }{{">", stdout}, {"!", stderr}} {
			for text := range strings.Lines(steady(stream.text, work)) {
				out.WriteString(strings.TrimRight(stream.mark+" "+strings.TrimRight(text, "\n"), " ") + "\n")
			}
		}
		if status != 0 {
			fmt.Fprintf(&out, "? %d\n", status)
		}
	}
	return out.String()
}

func execute(t *testing.T, command string) (stdout, stderr string, status int) {
	t.Helper()
	words := strings.Fields(command)
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), runner)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "testdata", &out, &errs
	for words[0] != "runner" {
		if words[0] == "<" {
			in, err := os.Open(filepath.Join("testdata", words[1]))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			cmd.Stdin, words = in, words[2:]
			continue
		}
		cmd.Env, words = append(cmd.Environ(), words[0]), words[1:]
	}
	cmd.Args = append(cmd.Args, words[1:]...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// unsteady is what differs between machines and moments.
var unsteady = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`go1\.[\w.-]+`), "GO"},
	{regexp.MustCompile(`\b(linux|darwin|windows)/\w+`), "PLATFORM"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "DIGEST"},
	{regexp.MustCompile(`  go:[0-9a-f]{12}  `), "  go:DIGEST       "},
	{regexp.MustCompile(`(?m)^(runner) (\(devel\)|v\d\S*).*$`), "$1 VERSION"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "TIME"},
	{regexp.MustCompile(`\b\d+s\b`), "0s"},
	{regexp.MustCompile(`(?m)^buil(t|ding) .*\n`), ""}, // by the first to need it
}

func steady(text, work string) string {
	text = strings.ReplaceAll(text, work, "WORK")
	if here, err := filepath.Abs("."); err == nil {
		text = strings.ReplaceAll(text, filepath.Join(here, "testdata"), "TESTDATA")
		text = strings.ReplaceAll(text, filepath.Dir(filepath.Dir(here)), "MODULE")
	}
	for _, u := range unsteady {
		text = u.pattern.ReplaceAllString(text, u.with)
	}
	return text
}

// TestHelpOfEveryVerb: each says what it takes, and has an example that runs it.
func TestHelpOfEveryVerb(t *testing.T) {
	for _, verb := range commands() {
		var out bytes.Buffer
		if err := verb.describe(&out); err != nil {
			t.Fatal(err)
		}
		if verb.summary == "" || len(verb.examples) == 0 {
			t.Errorf("%s: summary %q and %d examples", verb.name, verb.summary, len(verb.examples))
		}
		for _, example := range verb.examples {
			words := strings.Fields(example)
			found, rest := find(words[1:])
			if words[0] != "runner" || found == nil || found.name != verb.name {
				t.Errorf("%s: example %q is of another verb", verb.name, example)
				continue
			}
			operands, err := parse(newFlagSet("", (&console{}).globalFlags, found.flags), rest)
			if err != nil || len(operands) < found.min || found.max >= 0 && len(operands) > found.max {
				t.Errorf("%s: example %q: %v, arguments %q", verb.name, example, err, operands)
			}
		}
		for line := range strings.Lines(out.String()) {
			if len(line) > 100 {
				t.Errorf("%s: help has a line of %d bytes: %s", verb.name, len(line), line)
			}
		}
	}
}

func TestParseFlagsAnywhere(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"a -x 1 b", "a,b x=1"},
		{"--x=2 a", "a x=2"},
		{"a -- -x b", "a,-x,b x=0"},
		{"-- a", "a x=0"},
		{"", " x=0"},
	} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		x := flags.Int("x", 0, "")
		operands, err := parse(flags, strings.Fields(test.args))
		got := fmt.Sprintf("%s x=%d", strings.Join(operands, ","), *x)
		if err != nil || got != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.args, got, err, test.want)
		}
	}
}

func TestScreenKeepsStatusBelow(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, true)
	s.Status("step 1")
	s.Status("step 1") // not written again
	fmt.Fprintln(s, "a line")
	s.Status("")
	want := erase + "step 1" + erase + "a line\nstep 1" + erase
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	out.Reset()
	plain := newScreen(&out, false)
	plain.Status("step 1")
	fmt.Fprintln(plain, "a line")
	if got := out.String(); got != "a line\n" {
		t.Errorf("not on a terminal: got %q", got)
	}
}

// TestBuildsAreTold: a build says that it has begun, also where nothing is written again
// and again.
func TestBuildsAreTold(t *testing.T) {
	for _, test := range []struct {
		terminal bool
		want     string
	}{
		{false, "building head \"x\"\nbuilt head \"x\" in 2.5s\n"},
		{true, erase + "building head \"x\", 0s" + erase + "building head \"x\", 1s" + erase +
			"built head \"x\" in 2.5s\n"},
	} {
		var out bytes.Buffer
		c := &console{screen: newScreen(&out, test.terminal)}
		for _, p := range []source.Progress{{}, {Elapsed: time.Second},
			{Elapsed: 2500 * time.Millisecond, Done: true}} {
			p.Kind, p.Name = "head", "x"
			c.building(p)
		}
		if got := out.String(); got != test.want {
			t.Errorf("terminal %t: got %q, want %q", test.terminal, got, test.want)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
