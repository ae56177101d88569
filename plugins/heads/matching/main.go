// Plugin matching is the attention of matching networks, Vinyals, Blundell, Lillicrap,
// Kavukcuoglu & Wierstra 2016, "Matching Networks for One Shot Learning",
// https://arxiv.org/abs/1606.04080, equation 1 and section 2.1.1: the class of an example is
// that of the support it resembles,
//
//	p = Σ_i a(x, x_i) y_i,  a = softmax over the support of scale · cos(x, x_i)
//	loss = −log p[class]
//
//	head "matching" "intent" {}
//
// scale = 1 is the paper's. Its full context embeddings, recurrent networks over the
// support, are not part of this head. A class without support has not a probability of 0: of
// C classes p is (p + 1e-6) / (1 + 1e-6 C). It has no parameters, serves episodes, and a
// learner that takes the loss of their query, as mtl does.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(matching) }

var matching = head.Define(
	"matching",
	"classes by attention over the support, without parameters (Vinyals et al. 2016)",
	config{Scale: 10},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Scale float64 `config:"scale" min:">0" doc:"factor of the cosine; 1 in the paper"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	labels, support := t.Labels(), t.Support()
	if support == nil {
		graph.Failf("matching", "there is no support; give the task episodes, and choose a "+
			"learner that does not adapt, such as mtl")
	}
	given := support.Labels()
	p := c.attend(t.Encode(head.Input).Pooled, support.Encode(head.Input).Pooled, given.IDs,
		given.Weight, labels.Classes) // [B, C]
	logits := graph.Log(graph.Add(p, graph.ConstLike(p, 1e-6)))
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

// attend returns Σ_i a(x, y_i) of each class, [B, C], for x [B, D] and a support y [N, D]
// with classes Int32 [N] and weights [N].
func (c config) attend(x, y, class, weight *graph.Node, classes int) *graph.Node {
	b, n, d := x.Shape()[0], y.Shape()[0], x.Shape()[1]
	cosines := nn.Cosine(graph.Broadcast(graph.Reshape(x, b, 1, d), b, n, d),
		graph.Broadcast(graph.Reshape(y, 1, n, d), b, n, d)) // [B, N]
	a := nn.MaskedSoftmax(graph.Mul(cosines, graph.ConstLike(cosines, c.Scale)), weight)
	in := graph.Mul(graph.OneHot(class, classes, x.DType()), graph.Reshape(weight, -1, 1))
	p := graph.Dot(a, in) // [B, C]
	total := graph.Reshape(graph.Sum(p, 1), b, 1)
	return nn.SafeDiv(p, graph.Broadcast(total, p.Shape()...))
}
