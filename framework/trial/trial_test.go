package trial

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"go.uber.org/goleak"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write golden files")

// edited writes an experiment of testdata with some changes, pairs of old and new, to a
// folder of its own, and returns its path. What it names is found from there.
func edited(t *testing.T, file string, changes ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s does not hold %q", file, changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	here, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.ToSlash(filepath.Join(here, "../../.."))
	text = strings.NewReplacer("../../..", root, `"greetings.jsonl"`,
		`"`+filepath.ToSlash(here)+`/greetings.jsonl"`).Replace(text)
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start opens an experiment and its data; errors in the file are the test's.
func start(t *testing.T, path string, watch func(Event), changes ...func(*Config)) *Trial {
	t.Helper()
	s, diags, err := session.Open(t.Context(), path, session.Options{})
	t.Cleanup(s.Close)
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	config := Config{Session: s, Watch: watch}
	for _, change := range changes {
		change(&config)
	}
	one, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	})
	return one
}

// prepared opens an experiment as far as it goes before training, and returns what is
// wrong with it.
func prepared(t *testing.T, path string) (hcl.Diagnostics, map[string]*hcl.File, error) {
	t.Helper()
	s, diags, err := session.Open(t.Context(), path, session.Options{})
	t.Cleanup(s.Close)
	if err != nil || diags.HasErrors() {
		return diags, s.Files, err
	}
	one, err := Open(t.Context(), Config{Session: s, Watch: func(e Event) {
		if warned, ok := e.(Warned); ok {
			diags = append(diags, warned.Diagnostics...)
		}
	}})
	if err == nil {
		err = one.Prepare(t.Context())
	}
	var invalid *experiment.InvalidError
	if errors.As(err, &invalid) {
		return append(diags, invalid.Diagnostics...), s.Files, invalid.Failure
	}
	return diags, s.Files, err
}

// TestMistakesBeforeTraining holds what is said about settings that would stop a run
// only in its evaluation to golden files.
func TestMistakesBeforeTraining(t *testing.T) {
	const evaluate = "evaluate { episodes = 4 }"
	without := []string{"train      = 0.6\n      validation = 0.2\n      test       = 0.2",
		"train      = 0.8\n      validation = 0\n      test       = 0.2"}
	for _, test := range []struct {
		name, file string
		changes    []string
	}{
		{"no_validation", "names.hcl", append(without, evaluate, "evaluate { every = 1 }")},
		{"no_validation_to_choose_by", "names.hcl", append(without, evaluate,
			"evaluate {\n    untrained {\n      tune = { inner_lr = [0.1, 0.2] }\n    }\n  }")},
		{"too_few_test_classes", "names.hcl", []string{
			"train      = 0.6\n      validation = 0.2\n      test       = 0.2",
			"train      = 0.99\n      validation = 0\n      test       = 0.01"}},
		{"too_few_test_records", "names.hcl", []string{"shot  = 2", "shot  = 97"}},
		{"single_task_of_one", "names.hcl", []string{evaluate,
			"evaluate {\n    episodes = 4\n    rows     = [\"chance\", \"single_task\"]\n  }"}},
		{"steps_without_adaptation", "greetings.hcl", []string{"every = 10",
			"every = 10\n    inner_steps = [0, 5]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := edited(t, test.file, test.changes...)
			diags, files, err := prepared(t, path)
			if err != nil || len(diags) == 0 {
				t.Fatalf("no diagnostic, error %v", err)
			}
			var out bytes.Buffer
			if err := experiment.Render(&out, diags, files, false); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(out.String(), path, test.file)
			golden := filepath.Join("testdata", "mistakes", test.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTooManySteps: an adaptation that is longer than a program may be is a mistake at
// its setting, and is found before it is made.
func TestTooManySteps(t *testing.T) {
	diags, _, err := prepared(t, edited(t, "names.hcl", "{ episodes = 4 }",
		"{ inner_steps = [0, 1000000000] }"))
	if err != nil || len(diags) != 1 || diags[0].Subject.Start.Line != 59 ||
		!strings.Contains(diags[0].Detail, "1000000000 adaptation steps of ") {
		t.Errorf("diagnostics %v, error %v", diags, err)
	}
}

// TestSettingThatThePluginRefuses: it is told which of the settings to try it is.
func TestSettingThatThePluginRefuses(t *testing.T) {
	path := edited(t, "names.hcl", "{ episodes = 4 }",
		"{\n    untrained {\n      tune = { adapt = [[\"heads/**\"], [\"hats/**\"]] }\n    }\n  }")
	diags, _, err := prepared(t, path)
	var failure *plugin.Error
	if !errors.As(err, &failure) || len(diags) > 0 || !strings.Contains(err.Error(),
		path+`:61: the untrained row with adapt = ["hats/**"]: `) {
		t.Errorf("diagnostics %v, error %v", diags, err)
	}
}
