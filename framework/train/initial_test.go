package train_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
)

// A run that starts from another's weights has those of the state that the other
// selected, and its own initial values elsewhere.
func TestChain(t *testing.T) {
	c := everything(t)
	c.Run = newRun(t)
	first := through(t, c)
	model := newModel(t, program.Config{
		Transformer: tiny(0).transformer(t),
		Tasks: []program.Task{labelled(t, "labels", 6, 0, topic),
			renamed(labelled(t, "new", 6, 0, tone), "new_")},
		Learner: joint(), Optimizer: &optim.Config{Kind: "sgd"},
	})
	only := []string{"backbone/**", "heads/topic/b"}
	loaded, err := train.LoadLeaves(c.Run.Dir(), only, model.Leaves())
	if err != nil {
		t.Fatal(err)
	}
	best, step := first.Best()
	if step == 9 {
		t.Fatal("the last step is the best: the test sees no difference")
	}
	if loaded.Step != int64(step) {
		t.Errorf("loaded from step %d, want %d", loaded.Step, step)
	}
	wantUnused := []string{"heads/length/b", "heads/length/w", "heads/tone/b", "heads/tone/w",
		"heads/topic/w", "heads/way/b", "heads/way/w"}
	if diff := cmp.Diff(wantUnused, loaded.Unused); diff != "" {
		t.Errorf("unused: -want +got:\n%s", diff)
	}
	wantKept := []string{"heads/new_tone/b", "heads/new_tone/w", "heads/topic/w"}
	if diff := cmp.Diff(wantKept, loaded.Kept); diff != "" {
		t.Errorf("kept: -want +got:\n%s", diff)
	}
	report := loaded.String()
	for _, want := range []string{"leaves from " + c.Run.Checkpoints(), "after step",
		"in the file and not used: heads/length/b, ", "not from the file: heads/new_tone/b, "} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	second := newLoop(t, train.Config{Model: model, Seed: 99, Rate: schema.Constant(0.1),
		Plan: sampling.Plan{PerStep: 1, Sizes: []int{1, 1}}, Initial: loaded.Values})
	own := newLoop(t, train.Config{Model: model, Seed: 99, Rate: schema.Constant(0.1),
		Plan: sampling.Plan{PerStep: 1, Sizes: []int{1, 1}}})
	for name, got := range second.State() {
		want := best[name]
		if slices.Contains(wantKept, strings.TrimPrefix(name, "state/")) {
			want = own.State()[name]
		}
		if diff := cmp.Diff(want.Data(), got.Data()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	newer := filepath.Join(c.Run.Checkpoints(), "step-000000000010.safetensors")
	if err := os.WriteFile(newer, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := train.LoadLeaves(c.Run.Dir(), only, model.Leaves())
	if err != nil {
		t.Fatal(err)
	}
	if report := again.String(); len(again.Skipped) != 1 || !strings.Contains(report,
		"passed over: ") || !strings.Contains(report, newer) {
		t.Errorf("a damaged checkpoint is not told: %v\n%s", again.Skipped, report)
	}
	file, err := checkpoint.Latest(c.Run.Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	again, err = train.LoadLeaves(file.Path, only, model.Leaves())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(loaded, again); diff != "" {
		t.Errorf("the run, and its file: -run +file:\n%s", diff)
	}
}

func TestLoadLeavesRefuses(t *testing.T) {
	model := newModel(t, program.Config{Transformer: tiny(0).transformer(t),
		Tasks: []program.Task{labelled(t, "labels", 6, 0, topic)}, Learner: joint(),
		Optimizer: &optim.Config{Kind: "sgd"}})
	folder := t.TempDir()
	write := func(name string, tensors ...safetensors.Tensor) string {
		path := filepath.Join(folder, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := safetensors.Write(f, &safetensors.File{Tensors: tensors}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bias := func(values any, shape ...int) safetensors.Tensor {
		return safetensors.Tensor{Name: "backbone/norm/bias", Shape: shape, Values: values}
	}
	good := write("good.safetensors", bias([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 8),
		safetensors.Tensor{Name: "bert/position_ids", Shape: []int{1}, Values: []int64{0}})
	loaded, err := train.LoadLeaves(good, nil, model.Leaves())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float64{"backbone/norm/bias": {1, 2, 3, 4, 5, 6, 7, 8}},
		loaded.Values); diff != "" || loaded.Step != -1 || len(loaded.Kept) != len(model.Leaves())-1 ||
		!slices.Equal(loaded.Unused, []string{"bert/position_ids"}) {
		t.Errorf("%+v", loaded)
	}
	text := filepath.Join(folder, "weights.txt")
	if err := os.WriteFile(text, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, from string
		only       []string
		want       string
	}{
		{"nothing there", filepath.Join(folder, "none"), nil, "no such file"},
		{"no run", folder, nil, "which has a run.json"},
		{"no safetensors", text, nil, "ends in .safetensors"},
		{"pattern", good, []string{"backbone/norm/*", "backbone/layer/**"},
			`only "backbone/layer/**" takes no leaf`},
		{"shape", write("shape.safetensors", bias([]float32{1, 2}, 2)), nil,
			"backbone/norm/bias has shape [2], the model's has [8]"},
		{"type", write("type.safetensors", bias(make([]int32, 8), 8)), nil,
			"holds I32, want F32 or F64"},
		{"NaN", write("nan.safetensors", bias([]float64{0, 0, 0, 0, 0, 0, 0, math.NaN()}, 8)), nil,
			"backbone/norm/bias: element 7 is NaN"},
		{"other names", write("other.safetensors",
			safetensors.Tensor{Name: "norm.bias", Shape: []int{1}, Values: []float32{1}}), nil,
			"has no leaf of the model; it has norm.bias"},
	} {
		_, err := train.LoadLeaves(test.from, test.only, model.Leaves())
		wantError(t, test.name, err, test.want)
	}
}
