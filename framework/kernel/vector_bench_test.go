package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkVector runs every kernel in every form on tiles of 16 rows in the first-level cache,
// by the number of columns, and reports the time of an element.
//
//	go test -bench Vector/avx512/.*/64 ./framework/kernel
func BenchmarkVector(b *testing.B) {
	for _, isa := range Available()[1:] {
		for _, cols := range []int{5, 32, 64, 100, 128} {
			// With a line of the cache between them, rows are not done as one.
			benchRows(b, isa, "", cols, cols+Lanes)
		}
		benchRows(b, isa, "touching-", 64, 64)
	}
}

func benchRows(b *testing.B, isa ISA, prefix string, cols, ld int) {
	const rows = 16
	k := For(isa)
	buffer := func() *float32 {
		cells := make([]float32, rows*ld)
		for i := range cells {
			cells[i] = float32(i%997)/100 - 5
		}
		return &cells[0]
	}
	dst, x, y, z, column := buffer(), buffer(), buffer(), buffer(), buffer()
	bench := func(name string, run func()) {
		b.Run(fmt.Sprintf("%v/%s%s/%d", isa, prefix, name, cols), func(b *testing.B) {
			for b.Loop() {
				run()
			}
			call := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(call/float64(rows*cols), "ns/elem")
		})
	}
	for _, c := range elementwiseCases() {
		for form, run := range c.forms(k) {
			name, distance := c.name, [3]int{ld, ld, ld}
			s := steps(form, c.operands)
			for i := range c.operands {
				if c.operands > 1 {
					name += string("SV"[s[i]])
				}
				if s[i] == 0 {
					distance[i] = 1
				}
			}
			bench(name, func() {
				run(dst, x, y, z, rows, cols, ld, distance[0], distance[1], distance[2])
			})
		}
	}
	bench("Fill", func() { k.Fill(dst, x, rows, cols, ld, 1) })
	bench("AddVV-row", func() { k.Add[VV](dst, x, y, rows, cols, ld, ld, 0) })
	bench("MulVS-number", func() { k.Mul[VS](dst, x, y, rows, cols, ld, ld, 0) })
	bench("MulAddVVV-rows", func() { k.MulAdd[VVV](dst, x, y, z, rows, cols, ld, ld, 0, 0) })
	bench("RowSum", func() { k.RowSum(column, x, rows, cols, ld) })
	bench("RowMax", func() { k.RowMax(column, x, rows, cols, ld) })
	bench("RowDot", func() { k.RowDot(column, x, y, rows, cols, ld, ld) })
	bench("ColSum", func() { k.ColSum(dst, x, rows, cols, ld) })
	bench("ColMax", func() { k.ColMax(dst, x, rows, cols, ld) })
	bench("ColDot", func() { k.ColDot(dst, x, y, rows, cols, ld, ld) })
}

// BenchmarkCall is the time of a call that does next to nothing.
func BenchmarkCall(b *testing.B) {
	var x [16]float32
	for _, isa := range Available() {
		k := For(isa)
		b.Run(fmt.Sprintf("%v/Add", isa), func(b *testing.B) {
			for b.Loop() {
				k.Add[VV](&x[0], &x[0], &x[0], 1, 16, 16, 16, 16)
			}
		})
		b.Run(fmt.Sprintf("%v/Exp", isa), func(b *testing.B) {
			for b.Loop() {
				k.Exp(&x[0], &x[0], 1, 16, 16, 16)
			}
		})
	}
}
