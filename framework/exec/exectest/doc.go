// Package exectest runs traced functions in tests, on named lists of numbers,
// and compares results by the tolerances that hold for whole parameters.
//
//	x := graph.Param("x", graph.Float32, graph.Shape{3})
//	f := exectest.Trace(t, func() *graph.Func {
//		y := graph.Sum(graph.Mul(x, x))
//		return &graph.Func{Params: []*graph.Node{x},
//			Results: exectest.Derivatives(y, map[string][]float64{"x": {1, 0, 0}}, x)}
//	})
//	out := exectest.Compile(t, f, reference.Double).Run(t, exectest.Values{"x": {1, 2, 3}})
//	// out["value"], out["gradient/x"], out["second/x"]
package exectest
