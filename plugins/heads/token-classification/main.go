// Plugin token-classification gives every word a tag, by a linear softmax on the
// representation of its first token (Devlin et al. 2019,
// https://arxiv.org/abs/1810.04805, section 5.3):
//
//	p = softmax(h·W + b)    loss = -log p[tag], one for every word
//
// The share of words that are tagged right is counted beside the loss. Where the tags
// follow the scheme BIO, the core scores the entities that they mark.
//
//	head "token-classification" "entities" {
//	  dropout = 0.1
//	}
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(tokenClassification) }

var tokenClassification = head.Define(
	"token-classification",
	"a tag for every word by a linear softmax on its first token (Devlin et al. 2019)",
	config{},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Dropout float64 `config:"dropout" min:"0" max:"<1" doc:"share of the representations that is dropped in training"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	target := t.Tags()
	x := t.Encode(target.Set).Hidden // [B, T, D]
	if t.Train() {
		x = nn.Dropout(x, c.Dropout, t.Key())
	}
	w := t.Param("w", graph.Shape{t.Width(), target.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{target.Classes}, nn.Init{Kind: nn.Zeros})
	logits := nn.Linear(x, w, b)                      // [B, T, C]
	flat := graph.Reshape(logits, -1, target.Classes) // [B·T, C]
	loss := nn.CrossEntropy(flat, graph.Reshape(target.IDs, -1), nil)
	tags := graph.ArgMax(logits) // Int32 [B, T]
	zero := graph.ConstLike(target.Weight, 0)
	right := graph.Select(graph.Eq(tags, target.IDs), target.Weight, zero) // [B, T]
	return head.Outputs{
		Loss: graph.Reshape(loss, target.IDs.Shape()...), // [B, T]
		Predictions: []head.Prediction{{Name: "tags", Node: tags},
			{Name: "scores", Node: nn.Softmax(logits)}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(right), graph.Sum(target.Weight)}}},
	}
}
