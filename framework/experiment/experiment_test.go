package experiment

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

var update = flag.Bool("update", false, "write golden files")

// What the plugins of the test files declare.
type (
	part struct {
		Fraction float64 `config:"fraction,required" min:">0" max:"1"`
	}
	textConfig struct {
		Path    string          `config:"path,required,path" doc:"file of records"`
		Shards  []string        `config:"shards,path"`
		Limit   int             `config:"limit" min:"0"`
		Options map[string]part `config:"options"`
	}
	headConfig struct {
		Smoothing float64 `config:"smoothing" min:"0" max:"<1"`
		Reduce    string  `config:"reduce" oneof:"mean,sum"`
	}
	learnerConfig struct {
		InnerSteps int               `config:"inner_steps" min:"1"`
		InnerLR    schema.Schedule   `config:"inner_lr,required" doc:"rate of the inner step" min:">0"`
		Rates      []schema.Schedule `config:"rates"`
		Order      struct {
			First bool   `config:"first"`
			Mode  string `config:"mode"`
		} `config:"order"`
	}
)

func schemas(t testing.TB) map[PluginID]*schema.Schema {
	t.Helper()
	table := map[PluginID]*schema.Schema{}
	for id, defaults := range map[PluginID]any{
		{KindTask, "text"}:           textConfig{},
		{KindTask, "sinusoid"}:       struct{}{},
		{KindHead, "classification"}: headConfig{Reduce: "mean"},
		{KindHead, "regression"}:     struct{}{},
		{KindLearner, "maml"}:        learnerConfig{InnerSteps: 1},
		{KindLearner, "reptile"}:     learnerConfig{InnerSteps: 1},
	} {
		s, err := schema.Of(defaults)
		if err != nil {
			t.Fatal(err)
		}
		s.Name, s.Kind = id.Name, string(id.Kind)
		table[id] = s
	}
	return table
}

// loadAll loads and resolves a file.
func loadAll(t testing.TB, path string, options Options) (*File, *Experiment, hcl.Diagnostics) {
	t.Helper()
	file, diags := Load(path, options)
	exp, more := file.Resolve(schemas(t))
	return file, exp, append(diags, more...)
}

func mustLoad(t testing.TB, path string, options Options) (*File, *Experiment) {
	t.Helper()
	file, exp, diags := loadAll(t, path, options)
	if diags.HasErrors() || exp == nil {
		t.Fatalf("%s: %v", path, rendered(t, diags, file))
	}
	return file, exp
}

func rendered(t testing.TB, diags hcl.Diagnostics, file *File) string {
	t.Helper()
	var out bytes.Buffer
	if err := Render(&out, diags, file.Sources(), false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLoadReadsWholeLanguage(t *testing.T) {
	file, exp := mustLoad(t, "testdata/valid/few_shot_intents.hcl", Options{})
	folder, err := filepath.Abs("testdata/valid")
	if err != nil {
		t.Fatal(err)
	}
	rates := Rates{Loss: schema.Constant(1), Own: schema.Constant(1)}
	want := Experiment{
		Name: "few-shot-intents", Seed: 7, Freeze: []string{"backbone/embed/**"},
		Plugins: []Plugin{
			{ID: PluginID{KindTask, "text"}, Source: folder + "/plugins/tasks/text", Timeout: 10},
			{ID: PluginID{KindHead, "classification"}, Source: "classification", Lookup: true,
				Timeout: 10},
			{ID: PluginID{KindLearner, "maml"}, Source: folder + "/bin/maml", Timeout: 10},
		},
		Tokenizers: []Tokenizer{{Name: "main", Kind: "words", Size: 4000, Lowercase: true, MinCount: 1}},
		Init:       &Init{From: folder + "/pretrained.safetensors", Only: []string{"backbone/**"}},
		Backbone: Backbone{Name: "transformer", Kind: "encoder", Layers: 2, Width: 64, Heads: 4,
			MLP: 256, Activation: "gelu", Norm: "layernorm", NormOrder: "pre", Positions: "learned",
			Pooling: "mean", Inputs: []Input{
				{Name: InputTokens, Tokenizer: "main", MaxLength: 32},
				{Name: InputNumeric, Features: 1, MaxLength: 1},
			}},
		Heads: []Head{
			{Plugin: "classification", Name: "intent", Block: BlockID{KindHead, "intent"}},
			{Plugin: "classification", Name: "domain", Block: BlockID{KindHead, "domain"}},
		},
		Tasks: []Task{{
			Plugin: "text", Name: "intents", Block: BlockID{KindTask, "intents"},
			Inputs: []InputSet{{Name: DefaultInputSet,
				Fields: []InputField{{Input: InputTokens, Fields: []string{"text"}}}}},
			Predicts: []Predict{
				{Name: "intent", Head: "intent", Target: "intent", Weight: 1},
				{Name: "domain", Head: "domain", Target: "domain", Weight: 0.5},
			},
			Split: &Split{By: SplitByClass, Train: 0.6, Validation: 0.2, Test: 0.2,
				TrainShare: 1, Field: "intent"},
			Episodes: &Episodes{Way: 5, Shot: 5, Query: 15}, Rates: rates,
		}, {
			Plugin: "text", Name: "pairs", Block: BlockID{KindTask, "pairs"},
			Inputs: []InputSet{
				{Name: "left", Fields: []InputField{{Input: InputTokens, Fields: []string{"a"}}}},
				{Name: "right", Fields: []InputField{{Input: InputTokens, Fields: []string{"b"}}}},
			},
			Predicts: []Predict{{Name: "same", Head: "intent", Target: "same", Weight: 1}},
			Split:    &Split{By: SplitBySource, TrainShare: 1},
			Batches:  &Batches{Size: 32}, Rates: rates,
		}},
		Sampling: Sampling{Rule: SampleEvery, Temperature: schema.Constant(1)},
		Learner: Learner{Plugin: "maml", Block: BlockID{KindLearner, "maml"},
			Adaptation: &Adaptation{Recompute: true}, Optimizer: &Optimizer{
				Kind: "adamw", LearningRate: schema.Cosine(1e-3, 0).WithWarmup(100),
				Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01,
			}},
		Train: Train{Steps: 2000, MetaBatch: 4, CheckpointEvery: 500, Keep: 2},
		Evaluate: Evaluate{Episodes: 600, Every: 500, InnerSteps: []int{0, 1, 3, 5, 10},
			ValidationEpisodes: 100, LengthPenalty: 0.6, Rows: []string{"centroid", "chance"},
			Untrained: &Untrained{Tune: []Grid{{Attribute: "inner_lr", Values: []cty.Value{
				schema.Constant(0.05).Value(), schema.Constant(0.1).Value(),
				schema.Constant(0.5).Value()}}}}},
	}
	noConfig := cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".Config"
	}, cmp.Ignore())
	if diff := cmp.Diff(want, *exp, append(sameExperiment, noConfig)...); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	var task textConfig
	if problems := schema.Decode(exp.Tasks[0].Config, &task); len(problems) > 0 {
		t.Fatal(problems)
	}
	wantTask := textConfig{Path: folder + "/data/clinc150/data_full.json",
		Options: map[string]part{"odd key": {0.5}}}
	if diff := cmp.Diff(wantTask, task); diff != "" {
		t.Error(diff)
	}
	if got := exp.Learner.Range.Start.Line; got != 95 {
		t.Errorf("the meta-learner is on line %d, want 95", got)
	}
	if got := len(file.Plugins()); got != 3 {
		t.Errorf("%d plugins are needed, want 3", got)
	}
}

// sameExperiment compares experiments but for the places they were read from.
var sameExperiment = []cmp.Option{
	cmpopts.IgnoreTypes(hcl.Range{}),
	cmpopts.IgnoreUnexported(Head{}, Task{}, Learner{}),
	cmp.Comparer(func(a, b cty.Value) bool {
		return a == cty.NilVal && b == cty.NilVal ||
			a != cty.NilVal && b != cty.NilVal && a.RawEquals(b)
	}),
}

func TestResolvedRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/valid/*.hcl")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, exp := mustLoad(t, path, Options{})
			text := Resolved(exp)
			again := filepath.Join(t.TempDir(), "resolved.hcl")
			if err := os.WriteFile(again, text, 0o600); err != nil {
				t.Fatal(err)
			}
			_, back := mustLoad(t, again, Options{})
			if diff := cmp.Diff(exp, back, sameExperiment...); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, text)
			}
			if second := Resolved(back); !bytes.Equal(text, second) {
				t.Errorf("resolving twice differs:\n%s", cmp.Diff(string(text), string(second)))
			}
			formatted, diags := Format(text, again)
			if diags.HasErrors() || !bytes.Equal(text, formatted) {
				t.Errorf("not in canonical layout: %v", diags)
			}
			for _, left := range []string{"var.", "local.", "variable "} {
				if bytes.Contains(text, []byte(left)) {
					t.Errorf("%q is left in\n%s", left, text)
				}
			}
		})
	}
}

// TestLeftOutByAVariable: blocks that are there, and not there.
func TestLeftOutByAVariable(t *testing.T) {
	const path = "testdata/valid/left_out.hcl"
	_, exp := mustLoad(t, path, Options{})
	if exp.Init != nil || len(exp.Backbone.Adapters) > 0 || exp.Backbone.Experts != nil {
		t.Errorf("init %+v, adapters %+v and experts %+v, want none", exp.Init, exp.Backbone.Adapters,
			exp.Backbone.Experts)
	}
	if exp.Evaluate.Includes("texts") || !exp.Evaluate.Includes("others") {
		t.Errorf("evaluated are %q", exp.Evaluate.Tasks)
	}
	_, exp = mustLoad(t, path, Options{Vars: []string{"from=a run", "per=task", "experts=2"}})
	if exp.Init == nil || len(exp.Backbone.Adapters) != 1 || exp.Backbone.Experts == nil {
		t.Errorf("init %+v, adapters %+v and experts %+v, want all", exp.Init, exp.Backbone.Adapters,
			exp.Backbone.Experts)
	}
}

func TestLearnerWith(t *testing.T) {
	_, exp := mustLoad(t, "testdata/valid/few_shot_intents.hcl", Options{})
	changed, problems := exp.Learner.With(map[string]cty.Value{"inner_steps": cty.NumberIntVal(9)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var before, after learnerConfig
	for config, into := range map[*learnerConfig]cty.Value{
		&before: exp.Learner.Config, &after: changed.Config} {
		if problems := schema.Decode(into, config); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	if before.InnerSteps != 5 || after.InnerSteps != 9 || after.InnerLR.From != before.InnerLR.From {
		t.Errorf("before %+v, after %+v", before, after)
	}
	same, problems := exp.Learner.With(map[string]cty.Value{"inner_step": cty.Zero})
	if len(problems) != 1 || problems[0].Path != ".inner_step" ||
		!same.Config.RawEquals(exp.Learner.Config) {
		t.Errorf("problems %v", problems)
	}
}

func TestCheckDataset(t *testing.T) {
	_, exp := mustLoad(t, "testdata/valid/few_shot_intents.hcl", Options{})
	_, sines := mustLoad(t, "testdata/valid/mixed_regression.hcl", Options{})
	if got := sines.Plugins[0].Timeout; got != 90 {
		t.Errorf("a timeout of %d s, want 90", got)
	}
	tests := []struct {
		name      string
		task      Task
		generator bool
		want      int // diagnostics
	}{
		{"episodes of a source", exp.Tasks[0], false, 0},
		{"batches of a source", exp.Tasks[1], false, 0},
		{"split and episodes of a generator", exp.Tasks[0], true, 2},
		{"nothing for a generator", sines.Tasks[0], true, 0},
		{"nothing for a source", sines.Tasks[0], false, 1},
	}
	for _, tt := range tests {
		if got := tt.task.CheckDataset(tt.generator); len(got) != tt.want {
			t.Errorf("%s: %v, want %d diagnostics", tt.name, got, tt.want)
		}
	}
}

// TestMistakes loads files with one mistake each. The rendered diagnostics are in the .txt files.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.hcl")
	if err != nil || len(files) < 60 {
		t.Fatal(len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".hcl"), func(t *testing.T) {
			file, exp, diags := loadAll(t, path, Options{})
			if len(Sorted(diags)) == 0 || exp != nil && diags.HasErrors() {
				t.Fatalf("experiment %v, diagnostics %v", exp, diags)
			}
			hold(t, strings.TrimSuffix(path, ".hcl")+".txt", rendered(t, diags, file))
			for _, r := range Reports(diags, file.Sources()) {
				if r.Code == "" || r.Range == nil || r.Snippet == nil {
					t.Errorf("a report lacks code, range or snippet: %+v", r)
				}
			}
		})
	}
}

// hold compares a text with a golden file.
func hold(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTenMistakes: all are found at once, in the order of the file.
func TestTenMistakes(t *testing.T) {
	file, _, diags := loadAll(t, "testdata/several/ten.hcl", Options{})
	if got := Sorted(diags); len(got) != 10 {
		t.Errorf("%d diagnostics", len(got))
	}
	hold(t, "testdata/several/ten.txt", rendered(t, diags, file))
}

func TestReportHasTerraformsFields(t *testing.T) {
	file, _, diags := loadAll(t, "testdata/mistakes/attribute_unknown_in_plugin_block.hcl", Options{})
	got, err := json.MarshalIndent(Reports(diags, file.Sources()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/report.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestDiagnosePlacesPluginProblems(t *testing.T) {
	file, exp := mustLoad(t, "testdata/valid/few_shot_intents.hcl", Options{})
	task, learner := exp.Tasks[0].Block, exp.Learner.Block
	tests := []struct {
		name         string
		block        BlockID
		p            schema.Problem
		line, column int
		detail       string
	}{
		{"attribute", task, schema.Problem{Path: ".path", Detail: "no such file"}, 56, 12,
			"no such file"},
		{"nested", task, schema.Problem{Path: `.options["odd key"].fraction`, Detail: "too few"},
			58, 32, `too few (at .options["odd key"].fraction)`},
		{"deeper than written", learner, schema.Problem{Path: ".inner_lr.from", Detail: "x"}, 97, 19,
			"(at .inner_lr.from)"},
		{"not given", task, schema.Problem{Path: ".limit"}, 55, 3, ""},
		{"whole block", learner, schema.Problem{Warning: true}, 95, 3, ""},
		{"bad path", task, schema.Problem{Path: "path"}, 55, 3, `the plugin named the place "path"`},
		{"no such block", BlockID{KindHead, "x"}, schema.Problem{Path: ".a"}, 1, 1, ""},
		{"terminal control", task, schema.Problem{Detail: "a\x1b[2Jb\r\n"}, 55, 3, "a\ufffd[2Jb\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := file.Diagnose(tt.block, []schema.Problem{tt.p})[0]
			if d.Subject.Start.Line != tt.line || d.Subject.Start.Column != tt.column ||
				!strings.Contains(d.Detail, tt.detail) || CodeOf(d) != schema.CodePlugin {
				t.Errorf("%s: %q, code %s\nwant %d:%d %q", d.Subject, d.Detail, CodeOf(d), tt.line,
					tt.column, tt.detail)
			}
			if (d.Severity == hcl.DiagWarning) != tt.p.Warning {
				t.Error("wrong severity")
			}
		})
	}
	many := make([]schema.Problem, 10*maxProblems)
	if got := file.Diagnose(task, many); len(got) != maxProblems+1 {
		t.Errorf("%d diagnostics from %d problems", len(got), len(many))
	}
}

// Whatever a plugin says of its block, it has a place and does nothing to the terminal.
func FuzzDiagnose(f *testing.F) {
	f.Add(`.options["odd key"].fraction`, "Summary", "detail \x1b[2J")
	f.Add(`.shards[3]`, "", "\xff\r\n")
	table := schemas(f)
	file, diags := Load("testdata/valid/few_shot_intents.hcl", Options{})
	exp, more := file.Resolve(table)
	if exp == nil {
		f.Fatal(diags, more)
	}
	f.Fuzz(func(t *testing.T, path, summary, detail string) {
		diags := file.Diagnose(exp.Tasks[0].Block, []schema.Problem{
			{Path: path, Summary: summary, Detail: detail}})
		for _, r := range Reports(diags, file.Sources()) {
			if r.Range == nil || r.Snippet == nil || r.Code != schema.CodePlugin {
				t.Errorf("report %+v", r)
			}
		}
		hidden := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
		if text := rendered(t, diags, file); strings.ContainsFunc(text, hidden) {
			t.Errorf("%q", text)
		}
	})
}

func TestRenderColourAddsNoText(t *testing.T) {
	file, _, diags := loadAll(t, "testdata/mistakes/heads_do_not_divide_width.hcl", Options{})
	var colour bytes.Buffer
	if err := Render(&colour, diags, file.Sources(), true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(colour.String(), red) {
		t.Error("no colour")
	}
	plain := strings.NewReplacer(red, "", yellow, "", bold, "", reset, "").Replace(colour.String())
	if diff := cmp.Diff(rendered(t, diags, file), plain); diff != "" {
		t.Error(diff)
	}
}

func TestSortedDropsRepeats(t *testing.T) {
	at := func(b int) hcl.Range { return hcl.Range{Filename: "f", Start: hcl.Pos{Byte: b}} }
	a, b := Diagnostic(CodeName, "A", "", at(5)), Diagnostic(CodeName, "B", "", at(1))
	w := Warning(CodeUnused, "W", "", at(1))
	again := *a
	got := Sorted(hcl.Diagnostics{a, w, b, &again})
	if diff := cmp.Diff([]string{"B", "W", "A"}, []string{got[0].Summary, got[1].Summary,
		got[2].Summary}); diff != "" || len(got) != 3 {
		t.Errorf("%d: %s", len(got), diff)
	}
}
