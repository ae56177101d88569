package main

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/backbone"
	interpreter "quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
	"quickstudy/framework/text"
	"quickstudy/framework/train"
	"quickstudy/framework/train/baseline"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// swapped is an experiment whose plugins are all of this tree.
const swapped = `plugins {
  task "names" { source = "ROOT/plugins/tasks/names" }
  head "classification" { source = "ROOT/plugins/heads/classification" }
  metalearner "maml" { source = "ROOT/plugins/metalearners/maml" }
}

tokenizer "letters" { kind = "characters" }

experiment "swapped" {
  seed = 5

  backbone "transformer" {
    layers = 1
    width  = 16
    heads  = 2
    mlp    = 32
    input "tokens" {
      tokenizer  = tokenizer.letters
      max_length = 8
      truncate   = true
    }
  }

  head "classification" "answer" {}

  task "names" "words" {
    min_names = 100
    inputs { tokens = "text" }
    predict "answer" {
      head   = head.answer
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.5
      validation = 0.25
      test       = 0.25
    }
    episodes {
      way   = 2
      shot  = 3
      query = 4
    }
  }

  metalearner "maml" {
    inner_steps = 2
    inner_lr    = 0.1
    optimizer "adam" { learning_rate = cosine(0.01) }
  }

  train {
    steps      = 3
    meta_batch = 2
  }
  evaluate {
    episodes    = 12
    inner_steps = [0, 1, 3]
    rows        = ["centroid", "chance"]
  }
}
`

// An edit is of the experiment's file; each old text occurs once.
type edit struct{ old, new string }

// The plugins of swap_task_test.go, swap_head_test.go and swap_learner_test.go are compiled a
// second time, in modules of their own, by TestSwap and by the pages that show them (TestPages).
// Only the main function there uses the task.
var _ = parityTask

// TestSwap starts from an experiment with plugins of this tree and puts in their place,
// one after the other, a task, a head and a meta-learner from modules of their own, by
// editing the experiment alone. Each run of the one runner gives the numbers, to the last
// bit, that the same functions give in this process without a plugin.
func TestSwap(t *testing.T) {
	t.Parallel()
	root, folder := moduleRoot(t), t.TempDir()
	builtFrom(t, root)
	digest := digestOf(t, runner)
	for _, p := range []struct{ name, value, file string }{
		{"parity", "parityTask", "swap_task_test.go"},
		{"cosine", "cosineHead", "swap_head_test.go"},
		{"signs", "signLearner", "swap_learner_test.go"},
	} {
		writePlugin(t, root, filepath.Join(folder, "plugins", p.name), p.value, p.file)
	}
	in := process{trace: traceLinear, learner: descend}
	content := strings.ReplaceAll(swapped, "ROOT", filepath.ToSlash(root))
	for _, step := range []struct {
		name    string
		edits   []edit
		process func() // puts the same into the computation in this process
	}{
		{"plugins of this tree", nil, nil},
		{"task", []edit{
			{`task "names" { source = "` + filepath.ToSlash(root) + `/plugins/tasks/names" }`,
				`task "parity" { source = "../plugins/parity" }`},
			{"task \"names\" \"words\" {\n    min_names = 100\n",
				"task \"parity\" \"words\" {\n    longest = 5\n"},
			{`tokens = "text"`, `tokens = "word"`},
			{`target = "language"`, `target = "parity"`},
		}, func() { in.task = &parityConfig{Letters: "abc", Longest: 5} }},
		{"head", []edit{
			{`head "classification" { source = "` + filepath.ToSlash(root) +
				`/plugins/heads/classification" }`,
				`head "cosine" { source = "../plugins/cosine" }`},
			{`head "classification" "answer" {}`, "head \"cosine\" \"answer\" {\n    scale = 5\n  }"},
		}, func() {
			in.trace = func(spec head.Spec) (*head.Traced, error) {
				return cosineHead.Trace(&cosineConfig{Scale: 5}, spec)
			}
		}},
		{"meta-learner", []edit{
			{`metalearner "maml" { source = "` + filepath.ToSlash(root) + `/plugins/metalearners/maml" }`,
				`metalearner "signs" { source = "../plugins/signs" }`},
			{"metalearner \"maml\" {\n    inner_steps = 2\n    inner_lr    = 0.1\n",
				"metalearner \"signs\" {\n    steps   = 2\n    rate    = 0.005\n    rate_lr = 0.01\n"},
		}, func() {
			in.learner = program.Learner{Name: "signs",
				Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
					return signLearner.Trace(&signConfig{Steps: 2, Rate: 0.005, RateLR: 0.01}, spec)
				}}
		}},
	} {
		for _, e := range step.edits {
			if strings.Count(content, e.old) != 1 {
				t.Fatalf("%s: %q is not once in\n%s", step.name, e.old, content)
			}
			content = strings.Replace(content, e.old, e.new, 1)
		}
		path := filepath.Join(folder, "experiments", "swapped.hcl")
		write(t, path, content)
		got := outcomeOf(t, path, filepath.Join(folder, "runs"))
		if now := digestOf(t, runner); now != digest {
			t.Fatalf("%s: the runner's digest was %s and is %s", step.name, digest, now)
		}
		if step.process == nil {
			continue // the names are in the plugin alone
		}
		step.process()
		if diff := cmp.Diff(in.outcome(t), got, cmp.Comparer(sameBits)); diff != "" {
			t.Errorf("%s (-in this process +by plugins)\n%s", step.name, diff)
		}
	}
}

// TestSwappedConform holds plugins from elsewhere to what those of this tree are held to.
func TestSwappedConform(t *testing.T) {
	t.Run("parity", func(t *testing.T) { tasktest.Run(t, parityTask, func(*parityConfig) {}) })
	t.Run("signs", func(t *testing.T) {
		metatest.Run(t, signLearner, func(*signConfig) {}, metatest.Claims{NeedsSupport: true})
	})
}

// An outcome is all numbers of a run.
type outcome struct {
	Lines  []record.Line
	Tables []record.Table
	Sets   []record.EpisodeSet
}

// sameBits compares numbers; NaN stands for a cell without one.
func sameBits(x, y record.Number) bool {
	return math.Float64bits(float64(x)) == math.Float64bits(float64(y)) || x != x && y != y
}

// outcomeOf runs an experiment and reads what it left.
func outcomeOf(t *testing.T, path, root string) outcome {
	t.Helper()
	dir, _, _ := trained(t, path, root)
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var o outcome
	for line, err := range run.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		line.Seconds = 0
		o.Lines = append(o.Lines, line)
	}
	if o.Tables, err = run.Results(); err != nil {
		t.Fatal(err)
	}
	episodes, err := run.Episodes()
	if err != nil {
		t.Fatal(err)
	}
	o.Sets = episodes.Sets
	for i := range o.Sets { // the head of this tree counts more than traceLinear does
		o.Sets[i].Series = slices.DeleteFunc(o.Sets[i].Series,
			func(s record.Series) bool { return s.Metric == "calibration" })
	}
	return o
}

// A process computes the experiment here, of functions that are called directly.
type process struct {
	task    *parityConfig
	trace   func(head.Spec) (*head.Traced, error)
	learner program.Learner
}

func (p process) outcome(t *testing.T) outcome {
	t.Helper()
	const seed, steps, episodes = 5, 3, 2
	data, err := openParity(*p.task)
	if err != nil {
		t.Fatal(err)
	}
	words := sampled(t, data, sampling.Config{Name: "words", Seed: seed, Truncate: true,
		Inputs:   []sampling.Input{{Kind: sampling.Tokens, Fields: []string{"word"}, MaxLength: 8}},
		Predicts: []sampling.Predict{{Name: "answer", Target: "parity", Kind: task.ClassOf}},
		Division: sampling.Division{By: sampling.ByClass, Train: 0.5, Validation: 0.25, Test: 0.25},
		Episodes: &sampling.Episodes{Way: 2, Shot: 3, Query: 4},
	})
	model, err := program.New(t.Context(), program.Config{
		Transformer: words.transformer, Learner: p.learner, Episodes: episodes, Steps: steps,
		Optimizer: &optim.Config{Kind: "adam", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8},
		Precision: interpreter.Single,
		Tasks: []program.Task{{Name: "words", Draw: words.Draw, Encode: words.Encode,
			Objectives: []link.Objective{{Name: "answer", Head: "answer", Weight: 1, Trace: p.trace,
				Target: head.Target{Kind: head.ClassTarget, Classes: 2}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var o outcome
	loop, err := train.New(train.Config{Model: model, Seed: seed, Steps: steps, Workers: 1,
		Rate: schema.Cosine(0.01, 0),
		Plan: sampling.Plan{Seed: seed, Mix: sampling.Every, PerStep: episodes,
			Sizes: []int{len(words.Pool().Records(sampling.Train))}},
		Progress: func(now train.Progress) {
			line := record.Line{Step: int64(now.Step), Event: now.Event,
				Values: map[string]record.Number{}}
			for name, value := range now.Values {
				line.Values[name] = record.Number(value)
			}
			o.Lines = append(o.Lines, line)
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	frozen, err := words.Freeze(sampling.Test, 12)
	if err != nil {
		t.Fatal(err)
	}
	o.Tables, o.Sets, err = evaluation.Report(t.Context(), evaluation.Config{
		Learner: p.learner.Name, Model: model, State: loop.State(), Trained: loop.Step(), Workers: 1,
		Seed: seed,
		Tasks: []evaluation.Task{{Test: evaluation.Set{Data: words.Task, Frozen: frozen},
			Steps: []int{0, 1, 3}, Rows: []string{"centroid", "chance"},
			Features: baseline.Characters}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// encoded is data with the Transformer that reads it.
type encoded struct {
	*sampling.Task
	transformer *backbone.Transformer
}

func sampled(t *testing.T, data task.Dataset, c sampling.Config) encoded {
	t.Helper()
	pool, err := sampling.NewPool(data, c)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pool.Texts(sampling.Train, c.Inputs[0].Fields[0])
	if err != nil {
		t.Fatal(err)
	}
	letters, err := text.Train(text.Options{Kind: text.Characters, Size: 4000, MinCount: 1,
		Lowercase: true}, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	c.Inputs[0].Tokenizer = letters
	words, err := sampling.NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	transformer, err := backbone.New(backbone.Config{Kind: "encoder", Layers: 1, Width: 16, Heads: 2,
		MLP: 32, Activation: "gelu", Positions: "learned", Pooling: "mean",
		Tokens: &backbone.Tokens{Vocabulary: letters.Size(), MaxLength: 8}})
	if err != nil {
		t.Fatal(err)
	}
	return encoded{words, transformer}
}

// traceLinear is the head classification.
func traceLinear(spec head.Spec) (*head.Traced, error) {
	return head.Trace("classification", func(t *head.Tracer) head.Outputs {
		labels := t.Labels()
		w := t.Param("w", graph.Shape{t.Width(), labels.Classes},
			nn.Init{Kind: nn.GlorotUniform, Scale: 1})
		b := t.Param("b", graph.Shape{labels.Classes}, nn.Init{})
		logits := nn.Linear(t.Encode(head.Input).Pooled, w, b)
		return head.Outputs{
			Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask),
			Predictions: []head.Prediction{
				{Name: "class", Node: graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))}},
		}
	}, spec)
}

// descend is the meta-learner maml.
var descend = program.Learner{Name: "maml",
	Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
		return meta.Trace(meta.Learner[meta.Params, meta.GradLoss]{Name: "maml",
			Adapt: meta.Steps(2, func(m *meta.Model, theta meta.Params, support meta.Batch,
				_ *graph.Node) meta.Params {
				return theta.Sub(m.Grad(m.Loss(theta, support), theta).Scale(0.1))
			})}, spec)
	}}

// writePlugin makes a module of a file of this package and a main function.
func writePlugin(t *testing.T, root, dir, value, file string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "plugin.go"), string(source))
	write(t, filepath.Join(dir, "main.go"),
		"package main\n\nimport \"quickstudy/framework/plugin\"\n\n"+
			"func main() { plugin.Serve("+value+") }\n")
	writeModule(t, root, dir)
}

// writeModule makes a folder a module that builds with the framework as it is here. It
// needs what this one needs, and of it only what is there already: go mod tidy would also
// ask for what tests of those modules need.
func writeModule(t *testing.T, root, dir string) {
	t.Helper()
	needs, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, versions, _ := strings.Cut(string(needs), "\n")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/"+filepath.Base(dir)+"\n"+versions+
		"\nrequire quickstudy v0.0.0\n\nreplace quickstudy => "+filepath.ToSlash(root)+"\n")
	write(t, filepath.Join(dir, "go.sum"), string(sums))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func digestOf(t *testing.T, path string) string {
	t.Helper()
	digest, err := plugin.Digest(path)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// builtFrom reads the folders that plugins are built from. Builds are processes of their
// own, so that go test would not see that it has to test anew.
func builtFrom(t *testing.T, root string) {
	t.Helper()
	visit := func(_ string, _ fs.DirEntry, err error) error { return err }
	if err := filepath.WalkDir(filepath.Join(root, "plugins"), visit); err != nil {
		t.Fatal(err)
	}
}
