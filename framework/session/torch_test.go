package session

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/head"
	"quickstudy/framework/plugin"
	"quickstudy/framework/plugin/source"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/traintest"
)

// TestPluginsAgainstPyTorch replays PyTorch's training runs with the bundled heads and learners,
// each in its process: every loss and the parameters after 20 steps are those of PyTorch.
func TestPluginsAgainstPyTorch(t *testing.T) {
	heads := map[string]*plugin.Process{}
	for _, name := range []string{"classification", "regression"} {
		heads[name] = launch(t, "head", name)
	}
	number := cty.NumberFloatVal
	for _, run := range []struct {
		file, learner string
		attributes    func(r *traintest.Run) map[string]cty.Value
	}{
		{"maml", "maml", inner},
		{"fomaml", "maml", inner},
		{"maml_two_tasks", "maml", inner},
		{"mtl", "mtl", func(*traintest.Run) map[string]cty.Value { return nil }},
		{"reptile_sgd", "reptile", func(r *traintest.Run) map[string]cty.Value {
			return map[string]cty.Value{"inner_optimizer": cty.StringVal("sgd"),
				"inner_steps": number(float64(r.Inner.Steps)), "inner_lr": number(r.Inner.LearningRate),
				"epsilon": number(r.Outer.LearningRate)}
		}},
		{"reptile_adam", "reptile", func(r *traintest.Run) map[string]cty.Value {
			return map[string]cty.Value{"inner_optimizer": cty.StringVal("adam"),
				"inner_steps": number(float64(r.Inner.Steps)), "inner_lr": number(r.Inner.LearningRate),
				"inner_beta1": number(r.Inner.Beta1), "epsilon": number(r.Outer.LearningRate)}
		}},
	} {
		learner := launch(t, "metalearner", run.learner)
		parts := traintest.Parts{
			Learner: func(r *traintest.Run) program.Learner {
				c := learner.Learner()
				configure(t, learner, c.Configure, run.attributes(r))
				return program.Learner{Name: run.learner, Trace: c.Trace}
			},
			Trace: func(o traintest.Objective) func(head.Spec) (*head.Traced, error) {
				c := heads[o.Kind].Head()
				configure(t, heads[o.Kind], c.Configure, nil)
				return func(spec head.Spec) (*head.Traced, error) { return c.Trace(t.Context(), spec) }
			},
		}
		for _, p := range traintest.Precisions {
			t.Run(run.file+"/"+p.Name, func(t *testing.T) {
				path := filepath.Join("..", "train", "testdata", "fixtures", run.file+".json")
				traintest.Replay(t, traintest.Load(t, path), parts, p.Precision, p.Tolerance)
			})
		}
	}
}

// inner are the attributes of gradient steps.
func inner(r *traintest.Run) map[string]cty.Value {
	return map[string]cty.Value{"inner_steps": cty.NumberIntVal(int64(r.Inner.Steps)),
		"inner_lr":    cty.NumberFloatVal(r.Inner.LearningRate),
		"first_order": cty.BoolVal(!r.Inner.SecondOrder)}
}

// launch starts a bundled plugin for as long as the test runs.
func launch(t *testing.T, kind, name string) *plugin.Process {
	t.Helper()
	var resolver source.Resolver
	found, err := resolver.Resolve(t.Context(), source.Request{Kind: kind, Name: name, Dir: ".",
		Source: filepath.Join("..", "..", "plugins", kind+"s", name)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plugin.Launch(t.Context(), plugin.Command{Kind: kind, Name: name, Path: found.Path,
		Digest: found.Binary}, plugin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// configure hands a plugin the attributes of a block, the others as they are by default.
func configure(t *testing.T, p *plugin.Process,
	send func(context.Context, cty.Value) ([]schema.Problem, error), given map[string]cty.Value) {
	t.Helper()
	value, problems := p.Description().Schema.Complete(cty.ObjectVal(given))
	if len(problems) == 0 {
		var err error
		if problems, err = send(t.Context(), value); err != nil {
			t.Fatal(err)
		}
	}
	if len(problems) > 0 {
		t.Fatal(problems)
	}
}
