// Plugin prototypical compares an example with the mean of the support of every class. It
// has no parameters: all that is learned is the backbone, and nothing need adapt (Snell et
// al. 2017, https://arxiv.org/abs/1703.05175, equations 1 and 2):
//
//	c = mean of x over the support of a class
//	p = softmax over classes of -‖x - c‖²    loss = -log p[class]
//
// or with distance = "cosine" of scale·cos(x, c) (Gidaris & Komodakis 2018,
// https://arxiv.org/abs/1804.09458, where the scale is learned). A class without support is
// compared with the origin.
//
//	head "prototypical" "intent" {}
//
// It serves episodes, and a learner that takes the loss of their query, as mtl does: the
// support itself, which a learner such as maml adapts to, has no support.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(prototypical) }

var prototypical = head.Define(
	"prototypical",
	"classes by the nearest mean of their support, without parameters (Snell et al. 2017)",
	config{Distance: "euclidean", Scale: 10},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Distance string  `config:"distance" oneof:"euclidean,cosine" doc:"how an example and the mean of a class are compared"`
	Scale    float64 `config:"scale" min:">0" doc:"factor of the cosine"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	labels, support := t.Labels(), t.Support()
	if support == nil {
		graph.Failf("prototypical", "there is no support; give the task episodes, and choose a "+
			"learner that does not adapt, such as mtl")
	}
	x := t.Encode(head.Input).Pooled // [B, D]
	means := prototypes(support)     // [C, D]
	b, d := t.Batch(), t.Width()
	var logits *graph.Node // [B, C]
	each, all := graph.Reshape(x, b, 1, d), graph.Reshape(means, 1, labels.Classes, d)
	if c.Distance == "cosine" {
		shape := []int{b, labels.Classes, d}
		cosines := nn.Cosine(graph.Broadcast(each, shape...), graph.Broadcast(all, shape...))
		logits = graph.Mul(cosines, graph.ConstLike(cosines, c.Scale))
	} else {
		apart := graph.Sub(each, all)                             // [B, C, D]
		logits = graph.Neg(graph.Sum(graph.Mul(apart, apart), 2)) // [B, C]
	}
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

// prototypes are the means of the classes' support by weight, [C, D].
func prototypes(support *head.Support) *graph.Node {
	labels := support.Labels()
	in := graph.OneHot(labels.IDs, labels.Classes, graph.Float32) // [N, C]
	in = graph.Mul(in, graph.Reshape(labels.Weight, -1, 1))
	x := support.Encode(head.Input).Pooled // [N, D]
	sums := graph.DotT(in, x, true, false) // [C, D]
	counts := graph.Reshape(graph.Sum(in, 0), -1, 1)
	return nn.SafeDiv(sums, graph.Broadcast(counts, sums.Shape()...))
}
