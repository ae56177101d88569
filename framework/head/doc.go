// Package head is what the author of a head writes against: one traced function
// that turns what the backbone computes into predictions, a loss for every
// example, and sums from which metrics are finished.
//
//	func trace(_ config, t *head.Tracer) head.Outputs {
//		x, labels := t.Encode(head.Input).Pooled, t.Labels() // [B, D], [B]
//		d, c := x.Shape()[1], labels.Classes
//		w := t.Param("w", graph.Shape{d, c}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
//		b := t.Param("b", graph.Shape{c}, nn.Init{})
//		logits := nn.Linear(x, w, b) // [B, C]
//		return head.Outputs{
//			Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
//			Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
//		}
//	}
//
// Parameters are declared by being asked for. They never depend on the number of
// examples or their length, nor on the number of classes unless that is fixed or
// the parameter is Episodic. The backbone is called by signature and linked by
// the host, so derivatives of every order pass through head and backbone alike.
//
// Losses are per example: the host weighs them (padding weighs 0) and divides by
// the weights' sum over the whole step, so a batch may be cut anywhere.
package head
