// Plugin classification is a linear softmax head on the pooled representation
// (Devlin et al. 2019, https://arxiv.org/abs/1810.04805, section 4.1):
//
//	p = softmax(x·W + b)    loss = -log p[class]
//
// over the classes that can be the answer. Accuracy and the sums of macro-F1 and of the
// expected calibration error are counted beside the loss.
//
//	head "classification" "intent" {
//	  dropout = 0.1
//	}
//
// Where the number of classes differs between episodes, W and b are made anew in
// every episode and live no longer; otherwise they are learned.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(classification) }

var classification = head.Define(
	"classification",
	"linear softmax head on the pooled representation (Devlin et al. 2019)",
	config{},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Dropout float64 `config:"dropout" min:"0" max:"<1" doc:"share of the pooled representation that is dropped in training"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	x, labels := t.Encode(head.Input).Pooled, t.Labels() // [B, D], [B]
	if t.Train() {
		x = nn.Dropout(x, c.Dropout, t.Key())
	}
	param := t.Param
	if labels.VariableWay {
		param = t.EpisodicParam
	}
	w := param("w", graph.Shape{t.Width(), labels.Classes}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := param("b", graph.Shape{labels.Classes}, nn.Init{Kind: nn.Zeros})
	logits := nn.Linear(x, w, b)                    // [B, C]
	scores := nn.MaskedSoftmax(logits, labels.Mask) // [B, C]
	class := graph.ArgMax(scores)                   // Int32 [B]
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
		Predictions: []head.Prediction{{Name: "class", Node: class}, {Name: "scores", Node: scores}},
		Metrics: []head.Metric{accuracy(class, labels), macroF1(class, labels),
			calibration(scores, class, labels)},
	}
}

// accuracy is the share of examples predicted right. class: Int32 [B].
func accuracy(class *graph.Node, labels head.Labels) head.Metric {
	zero := graph.ConstLike(labels.Weight, 0)
	right := graph.Select(graph.Eq(class, labels.IDs), labels.Weight, zero) // [B]
	return head.Metric{
		Name: "accuracy", Finish: head.Ratio, Higher: true,
		Sums: []*graph.Node{graph.Sum(right), graph.Sum(labels.Weight)},
	}
}

// macroF1 counts, for every class, the examples rightly predicted to be of it, those
// wrongly predicted to be, and those missed. class: Int32 [B]; sums [C].
func macroF1(class *graph.Node, labels head.Labels) head.Metric {
	weight := graph.Reshape(labels.Weight, -1, 1)                                    // [B, 1]
	predicted := graph.OneHot(class, labels.Classes, graph.Float32)                  // [B, C]
	is := graph.Mul(graph.OneHot(labels.IDs, labels.Classes, graph.Float32), weight) // [B, C]
	positives := graph.Sum(graph.Mul(predicted, is), 0)                              // [C]
	return head.Metric{
		Name: "macro_f1", Finish: head.MacroF1, Higher: true,
		Sums: []*graph.Node{
			positives,
			graph.Sub(graph.Sum(graph.Mul(predicted, weight), 0), positives),
			graph.Sub(graph.Sum(is, 0), positives),
		},
	}
}

// bins is M, the number of bins of confidence in Guo et al. 2017.
const bins = 15

// calibration counts examples, their confidence and how many are right by bins of
// confidence, ((m-1)/M, m/M]. Guo et al. 2017, https://arxiv.org/abs/1706.04599, eq. 3.
// scores: [B, C]; class: Int32 [B]; sums [M].
func calibration(scores, class *graph.Node, labels head.Labels) head.Metric {
	confidence := graph.MaxOf(scores, 1) // [B]
	b := confidence.Shape()[0]
	var edges []float64
	for m := 1; m < bins; m++ {
		edges = append(edges, float64(m)/bins)
	}
	above := graph.Gt(graph.Broadcast(graph.Reshape(confidence, b, 1), b, bins-1),
		graph.Broadcast(graph.Const(graph.Float32, graph.Shape{1, bins - 1}, edges), b, bins-1))
	bin := graph.Convert(graph.Sum(graph.Convert(above, graph.Float32), 1), graph.Int32) // [B]
	in := graph.Mul(graph.OneHot(bin, bins, graph.Float32), graph.Reshape(labels.Weight, b, 1))
	right := graph.Convert(graph.Eq(class, labels.IDs), graph.Float32)
	sum := func(x *graph.Node) *graph.Node { // over the examples of each bin
		return graph.Sum(graph.Mul(in, graph.Reshape(x, b, 1)), 0)
	}
	return head.Metric{Name: "calibration", Finish: head.Calibration,
		Sums: []*graph.Node{graph.Sum(in, 0), sum(confidence), sum(right)}}
}
