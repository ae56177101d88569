// Plugin in-context reads an episode as one sequence and learns nothing else of it: a
// Transformer over the examples of the support with their answers, which those of the
// query attend to (Garg, Tsipras, Liang & Valiant 2022, "What Can Transformers Learn
// In-Context?", https://arxiv.org/abs/2208.01066; Müller, Hollmann, Arango, Grabocka &
// Hutter 2022, "Transformers Can Do Bayesian Inference", https://arxiv.org/abs/2112.10510,
// for the mask: examples of the support see each other, one of the query sees the support,
// and not the rest of the query).
//
//	head "in-context" "height" { layers = 2 }
//
// With x_i what the backbone pools of an example, the sequence begins with
//
//	x_i + e(y_i)   support     e: an embedding of the class, or W y + b of a value
//	x_j            query
//
// and what the last layer makes of an example of the query is read by a linear map: a
// value, or the inner products with the embeddings of the classes. There are no positions,
// so the order of the support does not matter. Embeddings are made anew in every episode
// where the number of classes differs between episodes, and otherwise learned.
//
// It serves episodes of one class or value an example, and a learner that takes the loss of
// their query, as mtl does.
package main

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(inContext) }

var inContext = head.Define(
	"in-context",
	"an episode read as one sequence by a Transformer (Garg et al. 2022)",
	config{Layers: 2, Heads: 4},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Layers int `config:"layers" min:"1" max:"64" doc:"layers over the episode" unit:"layers"`
	Heads  int `config:"heads" min:"1" doc:"attention heads; they divide the width" unit:"heads"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	support := t.Support()
	if support == nil {
		graph.Failf("in-context", "there is no support; give the task episodes, and choose a "+
			"learner that does not adapt, such as mtl")
	}
	if t.Width()%c.Heads != 0 {
		graph.Failf("in-context", "%d heads do not divide the width, %d", c.Heads, t.Width())
	}
	if t.Target().Kind == head.ValueTarget {
		return c.value(t, support)
	}
	return c.class(t, support)
}

var glorot = nn.Init{Kind: nn.GlorotUniform, Scale: 1}

// value predicts a number.
func (c config) value(t *head.Tracer, support *head.Support) head.Outputs {
	d, given, target := t.Width(), support.Values(), t.Values()
	answers := nn.Linear(graph.Reshape(given.Values, -1, 1),
		t.Param("answer/w", graph.Shape{1, d}, glorot),
		t.Param("answer/b", graph.Shape{d}, nn.Init{})) // [N, D]
	context := graph.Add(support.Encode(head.Input).Pooled, answers)
	x := c.read(t.Param, t.Encode(head.Input).Pooled, context, given.Weight) // [B, D]
	y := graph.Reshape(nn.Linear(x, t.Param("w", graph.Shape{d, 1}, glorot),
		t.Param("b", graph.Shape{1}, nn.Init{})), -1) // [B]
	loss := nn.SquaredError(y, target.Values)
	return head.Outputs{
		Loss: loss, Predictions: []head.Prediction{{Name: "value", Node: y}},
		Metrics: []head.Metric{{Name: "mse", Finish: head.MeanError, Sums: []*graph.Node{
			graph.Sum(graph.Mul(loss, target.Weight)), graph.Sum(target.Weight)}}},
	}
}

// class predicts one of the episode's classes.
func (c config) class(t *head.Tracer, support *head.Support) head.Outputs {
	labels, given := t.Labels(), support.Labels()
	param := t.Param
	if labels.VariableWay {
		param = t.EpisodicParam
	}
	names := param("classes", graph.Shape{labels.Classes, t.Width()},
		nn.Init{Kind: nn.Normal, Scale: 1}) // [C, D]
	context := graph.Add(support.Encode(head.Input).Pooled, graph.Gather(names, given.IDs))
	x := c.read(t.Param, t.Encode(head.Input).Pooled, context, given.Weight) // [B, D]
	out := t.Param("w", graph.Shape{t.Width(), t.Width()}, glorot)
	logits := graph.DotT(nn.Linear(x, out, nil), names, false, true) // [B, C]
	scores := nn.MaskedSoftmax(logits, labels.Mask)
	class := graph.ArgMax(scores)
	zero := graph.ConstLike(labels.Weight, 0)
	right := graph.Select(graph.Eq(class, labels.IDs), labels.Weight, zero)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
		Predictions: []head.Prediction{{Name: "class", Node: class}, {Name: "scores", Node: scores}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(right), graph.Sum(labels.Weight)}}},
	}
}

// ask declares a parameter.
type ask func(name string, shape graph.Shape, init nn.Init) *graph.Node

// read returns what the layers make of the examples of a query x [B, D] that see the
// context [N, D], of which those count that have a weight [N].
func (c config) read(param ask, x, context, weight *graph.Node) *graph.Node {
	width := x.Shape()[1]
	keep := graph.Reshape(weight, 1, 1, 1, -1)
	for i := range c.Layers {
		layer := func(name string) string { return fmt.Sprintf("layers/%d/%s", i, name) }
		norm := func(name string, x *graph.Node) *graph.Node {
			return nn.LayerNorm(x,
				param(layer(name+"/scale"), graph.Shape{width}, nn.Init{Kind: nn.Ones}),
				param(layer(name+"/bias"), graph.Shape{width}, nn.Init{}))
		}
		linear := func(name string, x *graph.Node, out int) *graph.Node {
			in := x.Shape()[1]
			return nn.Linear(x, param(layer(name+"/w"), graph.Shape{in, out}, glorot),
				param(layer(name+"/b"), graph.Shape{out}, nn.Init{}))
		}
		split := func(x *graph.Node) *graph.Node { // [1, H, N, D/H]
			return graph.Transpose(graph.Reshape(x, 1, -1, c.Heads, width/c.Heads), 0, 2, 1, 3)
		}
		seen := norm("norm1", context)
		k, v := split(linear("k", seen, width)), split(linear("v", seen, width))
		attend := func(x *graph.Node) *graph.Node {
			seen := nn.Attention(split(linear("q", norm("norm1", x), width)), k, v, keep)
			seen = graph.Reshape(graph.Transpose(seen, 0, 2, 1, 3), -1, width)
			x = graph.Add(x, linear("out", seen, width))
			inside := nn.GELU(linear("mlp/in", norm("norm2", x), 4*width))
			return graph.Add(x, linear("mlp/out", inside, width))
		}
		x, context = attend(x), attend(context)
	}
	return x
}
