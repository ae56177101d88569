// Package kernel holds the loops that the compiled executor runs: matrix products,
// elementwise operations and reductions over float32 values in memory. It knows no
// graph.
//
//	table := kernel.For(kernel.Best())
//	g, err := table.NewProduct(kernel.Product{M: 2, N: 3, K: 4,
//		A: kernel.Strides{Row: 4, Col: 1}, B: kernel.Strides{Row: 3, Col: 1},
//		C: kernel.Strides{Row: 3, Col: 1}})
//	g.Run(c, a, b, nil, make([]float32, g.Workspace()))
//
// Every kernel has a generic loop in Go, which is its documentation, and where the
// processor allows it assembly for AVX2 and for AVX-512, made by the generator in
// tools/asm. All of them compute the same bits: what a value depends on is the
// operation and the shape, never the width of a vector, the blocking or the number
// of threads.
//
// The best instruction set that the processor has is used. The environment can withhold
// features from a program, to test it without them: GODEBUG=cpu.avx512f=off leaves AVX2,
// GODEBUG=cpu.all=off loops in Go. The build tag noasm leaves the assembly out.
package kernel
