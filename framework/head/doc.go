// Package head is what the author of a head writes against: one traced function
// that turns what the backbone computes into predictions, a loss for every
// example, and sums from which metrics are finished.
//
//	func trace(_ config, t *head.Tracer) head.Outputs {
//		x, labels := t.Encode(head.Input).Pooled, t.Labels() // [B, D], [B]
//		w := t.Param("w", graph.Shape{t.Width(), labels.Classes}, nn.Init{Kind: nn.Normal, Scale: 0.1})
//		logits := nn.Linear(x, w, nil)                  // [B, C]
//		scores := nn.MaskedSoftmax(logits, labels.Mask) // [B, C]
//		return head.Outputs{
//			Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
//			Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(scores)}},
//		}
//	}
//
// Parameters are declared by being asked for. They never depend on the number of
// examples or their length, nor on the number of classes unless that is fixed or
// the parameter is Episodic. The backbone is called by signature and linked by
// the host, so derivatives of every order pass through head and backbone alike.
//
// Losses are per example: the host weighs them (padding weighs 0) and divides by
// the weights' sum over the whole step, so a batch may be cut anywhere. A
// prediction's Kind tells what it is, a metric's Finish how a score is made of its
// sums. A head may look at the support of an episode (Tracer.Support), decode a text,
// and write one token by token (Tracer.Decode, Tracer.Next).
//
// Package headtest checks all of this.
package head
