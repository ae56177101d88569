package session

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write golden files")

func open(t *testing.T, path string, options Options) (*Session, hcl.Diagnostics, error) {
	t.Helper()
	s, diags, err := Open(t.Context(), path, options)
	t.Cleanup(s.Close)
	return s, diags, err
}

func mustOpen(t *testing.T, path string) (*Session, *Data) {
	t.Helper()
	s, diags, err := open(t, path, Options{})
	if err != nil || len(diags) > 0 || s.Experiment == nil {
		t.Fatal(rendered(t, diags, s), err)
	}
	data, diags, err := s.Data(t.Context())
	if err != nil || len(diags) > 0 {
		t.Fatal(rendered(t, diags, s), err)
	}
	return s, data
}

func rendered(t *testing.T, diags hcl.Diagnostics, s *Session) string {
	t.Helper()
	var out bytes.Buffer
	if err := experiment.Render(&out, diags, s.Files, false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOpenStartsEveryPlugin(t *testing.T) {
	s, data := mustOpen(t, "testdata/names.hcl")
	var names []string
	for _, p := range s.Plugins {
		names = append(names, p.Kind+"/"+p.Name+" "+p.Source)
		if p.Protocol != plugin.Protocol || len(p.Digest) != len("go:")+64 {
			t.Errorf("%s has protocol %d and digest %q", p.Name, p.Protocol, p.Digest)
		}
	}
	want := []string{"task/names ../../../plugins/tasks/names",
		"head/classification ../../../plugins/heads/classification",
		"metalearner/maml ../../../plugins/metalearners/maml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	model, diags, err := data.Model(t.Context())
	if err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	var heads []string
	for _, l := range model.Leaves() {
		if strings.HasPrefix(l.Address, "heads/") {
			heads = append(heads, l.Address)
		}
		if l.Frozen != (l.Address == "backbone/embed/positions") {
			t.Errorf("%s: frozen %v", l.Address, l.Frozen)
		}
	}
	if diff := cmp.Diff([]string{"heads/language/w", "heads/language/b"}, heads); diff != "" {
		t.Error(diff)
	}
	state, err := model.Initial(7, nil)
	if err != nil || len(state) != len(model.Leaves()) {
		t.Errorf("%d values of state, want %d: %v", len(state), len(model.Leaves()), err)
	}
}

// A vocabulary is made of what may be trained on, and of nothing else.
func TestTokenizerSeesTrainingSplitOnly(t *testing.T) {
	_, data := mustOpen(t, "testdata/names.hcl")
	task := data.Tasks[0]
	texts, err := task.Pool().Texts(sampling.Train, "text")
	if err != nil {
		t.Fatal(err)
	}
	want, err := text.Train(text.Options{Kind: text.Characters, Size: 4000, MinCount: 1,
		Lowercase: true}, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(want.Save(&a), task.Config.Inputs[0].Tokenizer.Save(&b)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the tokenizer is not the one that the training texts give")
	}
	held, err := task.Pool().Texts(sampling.Test, "text")
	if err != nil {
		t.Fatal(err)
	}
	unknown := 0
	for _, one := range held {
		for _, id := range want.Encode(one).IDs {
			if id == text.UnknownID {
				unknown++
			}
		}
	}
	if unknown == 0 {
		t.Error("the test split has no unknown character, so the test shows nothing")
	}
}

func TestGeneratedEpisodes(t *testing.T) {
	_, data := mustOpen(t, "testdata/waves.hcl")
	draw, err := data.Tasks[0].Draw(sampling.Train, 3)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := data.Tasks[0].Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	if episode.Support.Rows != 3 || episode.Query.Rows != 2 {
		t.Errorf("%d and %d examples, want 3 and 2", episode.Support.Rows, episode.Query.Rows)
	}
	if _, diags, err := data.Model(t.Context()); err != nil || len(diags) > 0 {
		t.Error(diags, err)
	}
}

func TestLearnerWithOtherAttributes(t *testing.T) {
	s, data := mustOpen(t, "testdata/names.hcl")
	other, problems := s.Experiment.Learner.With(map[string]cty.Value{
		"inner_steps": cty.NumberIntVal(5)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	learner, diags, err := s.Learner(t.Context(), other)
	if err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	draw, _ := data.Tasks[0].Draw(sampling.Train, 0)
	episode, err := data.Tasks[0].Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 5} {
		config := data.Program(t.Context())
		if want == 5 {
			config.Learner = learner
		}
		if got := count(t, config, episode); got != want {
			t.Errorf("%d steps, want %d", got, want)
		}
	}
}

// A learner's own rates are scheduled over the experiment's steps.
func TestScheduleOfLearner(t *testing.T) {
	_, data := mustOpen(t, edited(t, "names", "= var.rate", "= cosine(var.rate)"))
	if _, diags, err := data.Model(t.Context()); err != nil || len(diags) > 0 {
		t.Error(diags, err)
	}
}

// TestMistakes holds what is said about a mistake to golden files: each row changes
// one place of a valid file, and the learner where it says so.
func TestMistakes(t *testing.T) {
	const adam = "    optimizer \"adam\" { learning_rate = 0.01 }\n"
	for _, test := range []struct{ name, file, old, new string }{
		{"no_optimizer", "names", adam, ""},
		{"unused_adaptation", "mtl", "    inner_steps = 2\n    inner_lr    = var.rate\n",
			"    adaptation { recompute = true }\n"},
		{"unused_optimizer", "reptile", "", ""},
		{"unused_clip_norm", "reptile", adam, "    // clip_norm is of the optimizer\n"},
		{"field_of_input", "names", `tokens = "text"`, `tokens = "txet"`},
		{"kind_of_input", "names", `tokens = "text"`, `tokens = "language"`},
		{"field_of_target", "names", `target = "language"`, `target = "speech"`},
		{"kind_of_target", "names", `target = "language"`, `target = "text"`},
		{"features", "waves", `input "numeric" {}`, `input "numeric" { features = 2 }`},
		{"split_of_generator", "waves", `shots   = 3`, "shots = 3\nsplit { by = \"source\" }"},
		{"no_episodes", "names",
			"    episodes {\n      way   = 3\n      shot  = 2\n      query = 4\n    }\n", ""},
		{"too_few_classes", "names", "way   = 3", "way   = 300"},
		{"too_long", "names", "truncate   = true", "truncate   = false"},
		{"plugin_attribute", "names", "inner_steps = 2", "inner_step = 2"},
		{"plugin_range", "names", "= var.rate", "= -var.rate"},
		{"freeze", "names", `"backbone/embed/positions"`, `"backbone/embedding/**"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := []string{test.old, test.new}
			if test.file == "reptile" {
				test.file = "names"
				changes = append(changes, "metalearners/maml", "metalearners/reptile",
					"  train {", "  train {\n    clip_norm = 1")
			}
			if test.file == "mtl" {
				test.file = "names"
				changes = append(changes, "metalearners/maml", "metalearners/mtl")
			}
			path := edited(t, test.file, changes...)
			s, diags, err := open(t, path, Options{})
			if err == nil && s.Experiment != nil {
				var data *Data
				var more hcl.Diagnostics
				data, more, err = s.Data(t.Context())
				diags = append(diags, more...)
				if data != nil && !diags.HasErrors() {
					_, more, err = data.Model(t.Context())
					diags = append(diags, more...)
				}
			}
			if err != nil || len(diags) == 0 {
				t.Fatalf("no diagnostic, error %v", err)
			}
			got := strings.ReplaceAll(rendered(t, diags, s), path, test.file+".hcl")
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

// edited writes a test file with some changes, pairs of old and new, beside the
// original, so that its paths still hold.
func edited(t *testing.T, file string, changes ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file+".hcl"))
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
	f, err := os.CreateTemp("testdata", "edited-*.hcl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(f.Name()) })
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// TestSplitThatIsNotGenerated: a generator is asked for nothing but the splits it has.
func TestSplitThatIsNotGenerated(t *testing.T) {
	_, data := mustOpen(t, "testdata/waves.hcl")
	waves := *data.Tasks[0]
	waves.Description.Splits = []task.Split{{Name: sampling.Train}, {Name: sampling.Test}}
	for _, split := range []string{sampling.Train, sampling.Test} {
		if diags, err := waves.checkSplit(split); err != nil || len(diags) > 0 {
			t.Errorf("%s: %v, %v", split, diags, err)
		}
	}
	diags, err := waves.checkSplit(sampling.Validation)
	if err != nil || len(diags) != 1 || !strings.Contains(diags[0].Detail,
		`generates no split "validation"; it has "train", "test"`) {
		t.Errorf("%v, %v", diags, err)
	}
}

func TestPluginFailures(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"no source", "heads/classification", "heads/clasification", "no such file"},
		{"another kind", "heads/classification", "metalearners/maml",
			`is the metalearner "maml", no head`},
		{"head of another target", "heads/classification", "heads/regression", "regression/main.go:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, diags, err := open(t, edited(t, "names", test.old, test.new), Options{})
			if err == nil && s.Experiment != nil {
				var data *Data
				if data, _, err = s.Data(t.Context()); err == nil {
					_, diags, err = data.Model(t.Context())
				}
			}
			var failure *plugin.Error
			if !errors.As(err, &failure) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want a *plugin.Error with %q; diagnostics %v", err, test.want, diags)
			}
		})
	}
}

func TestLock(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock.json")
	sources, _, err := Locate(t.Context(), "testdata/names.hcl", Options{Lock: lock})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sources.Plugins {
		sources.Lock.Set(r)
	}
	if err := sources.Lock.Write(lock); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(t, "testdata/names.hcl", Options{Lock: lock}); err != nil {
		t.Fatal(err)
	}
	item := sources.Lock.Plugins["head/classification"]
	item.Digest = "go:0000"
	sources.Lock.Plugins["head/classification"] = item
	if err := sources.Lock.Write(lock); err != nil {
		t.Fatal(err)
	}
	_, _, err = open(t, "testdata/names.hcl", Options{Lock: lock})
	var failure *plugin.Error
	if !errors.As(err, &failure) || failure.Name != "classification" {
		t.Errorf("error %v, want one about the head classification", err)
	}
}

func TestCloseEndsProcesses(t *testing.T) {
	s, diags, err := Open(t.Context(), "testdata/waves.hcl", Options{})
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	s.Close()
	for id, p := range s.processes {
		if p.Exit() == "" {
			t.Errorf("%s still runs", id)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _, err := Open(ctx, "testdata/waves.hcl", Options{})
	s.Close()
	if err == nil {
		t.Error("no error from a cancelled context")
	}
}

// count returns how many inner steps the learner takes.
func count(t *testing.T, config program.Config, episode *sampling.Episode) int {
	t.Helper()
	model, err := program.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	elements := model.Elements(0, episode)
	_, programs, err := model.Traced(t.Context(), elements[0])
	if err != nil {
		t.Fatal(err)
	}
	return programs.Adapt.Count
}
