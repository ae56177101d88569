package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

var cosineHead = head.Define("cosine", "classes by the angle to a learned direction each",
	cosineConfig{Scale: 10}, traceCosine)

type cosineConfig struct {
	Scale float64 `config:"scale" doc:"factor of the cosines" min:">0"`
}

// traceCosine has the logits s · cos(x, w_c) for the pooled representation x.
func traceCosine(c cosineConfig, t *head.Tracer) head.Outputs {
	labels := t.Labels()
	w := t.Param("directions", graph.Shape{labels.Classes, t.Width()}, // [C, D]
		nn.Init{Kind: nn.Normal, Scale: 1})
	x := graph.Reshape(t.Encode(head.Input).Pooled, -1, 1, t.Width()) // [B, 1, D]
	cosines := nn.Cosine(x, w)                                        // [B, C]
	logits := graph.Mul(cosines, graph.ConstLike(cosines, c.Scale))
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
	}
}
