package train_test

import (
	"context"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/train/program"
)

// architecture is a backbone as the fixtures describe it.
type architecture struct {
	Layers, Width, Heads, MLP, Vocabulary, Features int
	MaxLength                                       int `json:"max_length"`
	Activation, Positions, Pooling                  string
	Dropout                                         float64
}

func (a architecture) transformer(t testing.TB) *backbone.Transformer {
	t.Helper()
	transformer, err := backbone.New(backbone.Config{
		Kind: "encoder", Layers: a.Layers, Width: a.Width, Heads: a.Heads, MLP: a.MLP,
		Activation: a.Activation, Positions: a.Positions, Pooling: a.Pooling, Dropout: a.Dropout,
		Tokens: &backbone.Tokens{Vocabulary: a.Vocabulary, MaxLength: a.MaxLength},
	})
	if err != nil {
		t.Fatal(err)
	}
	return transformer
}

// objective is what is predicted: classes of a number, or for "regression" a value.
type objective struct {
	Name, Kind string
	Size       int
	Weight     float64
}

func (o objective) link() link.Objective {
	trace, target := classify, head.Target{Kind: head.ClassTarget, Classes: o.Size}
	if o.Kind == "regression" {
		trace, target = regress, head.Target{Kind: head.ValueTarget}
	}
	return link.Objective{Name: o.Name, Head: o.Name, Weight: o.Weight, Target: target,
		Trace: func(spec head.Spec) (*head.Traced, error) { return head.Trace(o.Kind, trace, spec) }}
}

// classify is a linear softmax head on the pooled representation.
func classify(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	logits := project(t, labels.Classes)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
	}
}

// regress is a linear head on the pooled representation with a squared error.
func regress(t *head.Tracer) head.Outputs {
	y := graph.Reshape(project(t, 1), -1)
	e := graph.Sub(y, t.Values().Values)
	return head.Outputs{Loss: graph.Mul(e, e),
		Predictions: []head.Prediction{{Name: "value", Node: y}}}
}

func project(t *head.Tracer, outputs int) *graph.Node {
	w := t.Param("w", graph.Shape{t.Width(), outputs}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{outputs}, nn.Init{})
	return nn.Linear(t.Encode(head.Input).Pooled, w, b)
}

// learner makes a program's learner of one in this process.
func learner[S, C any](l meta.Learner[S, C]) program.Learner {
	return program.Learner{Name: l.Name, Trace: func(_ context.Context, spec meta.Spec) (
		*meta.Programs, error) {
		return meta.Trace(l, spec)
	}}
}

// optimizer is one as the fixtures describe it.
type optimizer struct {
	Optimizer             string
	LearningRate          float64 `json:"learning_rate"`
	Steps                 int
	SecondOrder           bool `json:"second_order"`
	Beta1, Beta2, Epsilon float64
}

func (o optimizer) config() optim.Config {
	return optim.Config{Kind: o.Optimizer, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon}
}

// maml is Algorithm 2 of Finn et al. 2017, or its first-order form.
func maml(inner optimizer) program.Learner {
	return learner(meta.Learner[meta.Params, meta.GradLoss]{
		Name: "maml", Adapt: meta.Steps(inner.Steps, func(m *meta.Model, theta meta.Params,
			support meta.Batch, _ *graph.Node) meta.Params {
			g := m.Grad(m.Loss(theta, support), theta)
			if !inner.SecondOrder {
				g = g.Stop()
			}
			return theta.Sub(g.Scale(inner.LearningRate))
		})})
}

// joint descends on the loss of ordinary batches.
func joint() program.Learner {
	return learner(meta.Learner[meta.Params, meta.GradLoss]{Name: "joint"})
}

// interpolation is what an episode of Reptile contributes; the loss is only looked at.
type interpolation struct {
	Delta meta.Params `reduce:"mean"`
	Loss  *graph.Node `reduce:"mean"`
}

// moving is parameters with the slots of an inner optimizer; SGD has none.
type moving struct{ Theta, Mean, Variance meta.Params }

// reptile adapts by an inner optimizer with fresh slots, and moves by a rate towards
// the mean of the adapted parameters (Nichol et al. 2018, Algorithm 1).
func reptile(inner optimizer, rate float64) program.Learner {
	config := inner.config()
	start := func(_ *meta.Model, theta meta.Params) moving {
		a := moving{Theta: theta}
		if len(config.Slots()) > 0 {
			a.Mean, a.Variance = theta.Scale(0), theta.Scale(0)
		}
		return a
	}
	adapt := meta.StepsFrom(inner.Steps, start, func(m *meta.Model, a moving, support meta.Batch,
		k *graph.Node) moving {
		rate := graph.Scalar(graph.Float32, inner.LearningRate)
		step := graph.Convert(graph.Add(k, graph.Scalar(graph.Int32, 1)), graph.Float32)
		slots := []meta.Params{a.Mean, a.Variance}[:len(config.Slots())]
		a.Theta, slots = a.Theta.Descend(config, m.Grad(m.Loss(a.Theta, support), a.Theta), slots,
			rate, step)
		if len(slots) > 0 {
			a.Mean, a.Variance = slots[0], slots[1]
		}
		return a
	})
	return learner(meta.Learner[meta.Params, interpolation]{
		Name: "reptile", Adapt: adapt,
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) interpolation {
			adapted := adapt.Run(m, theta, ep.Support)
			return interpolation{Delta: adapted.Sub(theta), Loss: m.Loss(adapted, ep.Query)}
		},
		Update: func(_ *meta.Model, theta meta.Params, c interpolation) meta.Params {
			return theta.Add(c.Delta.Scale(rate))
		},
	})
}

func newModel(t testing.TB, config program.Config) *program.Model {
	t.Helper()
	model, err := program.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return model
}
