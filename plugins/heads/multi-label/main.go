// Plugin multi-label gives an example any number of classes, each by a logistic regression
// of its own on the pooled representation (binary relevance; Tsoumakas & Katakis 2007,
// https://doi.org/10.4018/jdwm.2007070101):
//
//	p = σ(x·W + b)    loss = -mean over classes of y log p + (1-y) log(1-p)
//
// over the classes that can be the answer. An example has the classes whose p is above
// the threshold. Micro-F1, macro-F1 and the share of examples whose classes are all right
// are counted beside the loss.
//
//	head "multi-label" "topics" {
//	  threshold = 0.5
//	}
//
// Where the number of classes differs between episodes, W and b are made anew in every
// episode and live no longer; otherwise they are learned.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(multiLabel) }

var multiLabel = head.Define(
	"multi-label",
	"any number of classes, each by a logistic regression on the pooled representation",
	config{Threshold: 0.5},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Dropout   float64 `config:"dropout" min:"0" max:"<1" doc:"share of the pooled representation that is dropped in training"`
	Threshold float64 `config:"threshold" min:">0" max:"<1" doc:"probability above which an example has a class"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	x, target := t.Encode(head.Input).Pooled, t.LabelSets() // [B, D], [B, C]
	if t.Train() {
		x = nn.Dropout(x, c.Dropout, t.Key())
	}
	param := t.Param
	if target.VariableWay {
		param = t.EpisodicParam
	}
	w := param("w", graph.Shape{t.Width(), target.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := param("b", graph.Shape{target.Classes}, nn.Init{Kind: nn.Zeros})
	logits := nn.Linear(x, w, b)                                               // [B, C]
	scores := graph.Mul(nn.Sigmoid(logits), target.Mask)                       // [B, C]
	has := graph.Gt(scores, graph.ConstLike(scores, c.Threshold))              // Bool [B, C]
	each := graph.Mul(nn.BinaryCrossEntropy(logits, target.Sets), target.Mask) // [B, C]
	count := graph.Broadcast(graph.Sum(target.Mask), t.Batch())                // [B]
	return head.Outputs{
		Loss:        nn.SafeDiv(graph.Sum(each, 1), count), // [B]
		Predictions: []head.Prediction{{Name: "classes", Node: has}, {Name: "scores", Node: scores}},
		Metrics:     metrics(graph.Convert(has, graph.Float32), target),
	}
}

// metrics are F1 over all pairs of example and class, its mean over classes, and the share
// of examples whose classes are all right. has: [B, C], 1 for a class that is predicted.
func metrics(has *graph.Node, target head.LabelSets) []head.Metric {
	weight := graph.Reshape(target.Weight, -1, 1) // [B, 1]
	is := target.Sets
	sum := func(x *graph.Node) *graph.Node { return graph.Sum(graph.Mul(x, weight), 0) } // [C]
	right := sum(graph.Mul(has, is))
	counts := []*graph.Node{right, graph.Sub(sum(has), right), graph.Sub(sum(is), right)}
	wrong := graph.Sum(graph.Abs(graph.Sub(has, is)), 1) // [B]
	zero := graph.ConstLike(wrong, 0)
	exact := graph.Select(graph.Eq(wrong, zero), target.Weight, zero)
	var all []*graph.Node
	for _, c := range counts {
		all = append(all, graph.Sum(c))
	}
	return []head.Metric{
		{Name: "micro_f1", Finish: head.F1, Higher: true, Sums: all},
		{Name: "macro_f1", Finish: head.MacroF1, Higher: true, Sums: counts},
		{Name: "exact_match", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(exact), graph.Sum(target.Weight)}},
	}
}
