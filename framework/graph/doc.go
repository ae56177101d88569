// Package graph is the intermediate representation that backbones, heads and
// meta-learners are traced into: a graph of immutable, statically shaped nodes
// over a small closed set of primitive operations, with differentiation as one
// of them.
//
// A traced function is built from parameters by calling constructors:
//
//	f, err := graph.Trace("loss", func() *graph.Func {
//		w := graph.Param("w", graph.Float32, graph.Shape{4, 3})
//		x := graph.Param("x", graph.Float32, graph.Shape{8, 4})
//		loss := graph.Sum(graph.Mul(graph.Dot(x, w), graph.Dot(x, w)))
//		return &graph.Func{
//			Params:  []*graph.Node{w, x},
//			Results: []graph.Result{{Name: "dw", Node: graph.Grad(loss, w)[0]}},
//		}
//	})
//
// Softmax, layer normalisation, attention and losses are functions over these
// primitives (package nn), never primitives themselves, so that derivatives of
// every order exist. The table of operations (Ops) is the single place that
// says what an operation is called, which shapes it takes, and what its
// gradient is; printing, parsing, verifying, the wire format and the executors
// all derive from it.
//
// Three things live outside a traced function and are resolved by the host:
// Call names a function known by signature only and is replaced by its body
// when linked; Grad stands for a derivative until ExpandGrads; and numerical
// values arrive when an executor runs the function.
//
// Misuse while tracing panics with *Error, which carries the author's file and
// line; Trace turns it into an ordinary error at one edge. Verify checks a
// function that comes from elsewhere, and trusts nothing.
package graph
