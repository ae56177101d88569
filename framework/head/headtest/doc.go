// Package headtest is the conformance suite for heads. A head that passes can be
// trained, evaluated, cut into micro-batches and adapted by any learner:
//
//	func TestConformance(t *testing.T) {
//		headtest.Run(t, classification, func(c *config) { c.Dropout = 0.2 }, headtest.Use{
//			Target: head.Target{Kind: head.ClassTarget, Classes: 3},
//			Golden: "testdata/class.txt",
//		})
//	}
//
// The head is traced at several shapes and linked to a toy backbone of four features and
// seven tokens: what it encodes is a linear map of given numbers, pooled by their mean,
// and what it decodes a running mean of token embeddings. Everything is computed in
// double precision, in this process.
package headtest
