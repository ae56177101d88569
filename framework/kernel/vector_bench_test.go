package kernel

import (
	"fmt"
	"testing"
)

// The benchmarks work on a tile of 16 rows in the first-level cache and report the time of
// an element.
const benchRows = 16

func benchTile(b *testing.B, name string, cols int, run func()) {
	b.Run(fmt.Sprintf("%s/%d", name, cols), func(b *testing.B) {
		for b.Loop() {
			run()
		}
		each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
		b.ReportMetric(each/float64(benchRows*cols), "ns/elem")
	})
}

func BenchmarkVector(b *testing.B) {
	for _, isa := range Available()[1:] {
		k := For(isa)
		for _, cols := range []int{5, 20, 32, 48, 64, 100, 128} {
			// With a line of the cache between them, rows are not done as one.
			ld := cols + 16
			buffer := func() *float32 {
				cells := make([]float32, benchRows*ld)
				for i := range cells {
					cells[i] = float32(i%997)/100 - 5
				}
				return &cells[0]
			}
			dst, x, y, z, column := buffer(), buffer(), buffer(), buffer(), buffer()
			bench := func(name string, run func()) {
				benchTile(b, fmt.Sprintf("%v/%s", isa, name), cols, run)
			}
			binary := func(name string, f Binary, ldx, ldy int) {
				bench(name, func() { f(dst, x, y, benchRows, cols, ld, ldx, ldy) })
			}
			unary := func(name string, f Unary) {
				bench(name, func() { f(dst, x, benchRows, cols, ld, ld) })
			}
			bench("mul-touching-rows", func() { k.Mul[VV](dst, x, y, benchRows, cols, cols, cols, cols) })
			bench("mul-add-touching-rows", func() {
				k.MulAdd[VVV](dst, x, y, z, benchRows, cols, cols, cols, cols, cols)
			})
			unary("copy", k.Copy)
			binary("add", k.Add[VV], ld, ld)
			binary("mul", k.Mul[VV], ld, ld)
			binary("mul-row", k.Mul[VV], ld, 0)
			binary("mul-column", k.Mul[VS], ld, 1)
			binary("mul-number", k.Mul[VS], ld, 0)
			binary("sub-column", k.Sub[SV], 1, ld)
			binary("div", k.Div[VV], ld, ld)
			binary("max", k.Max[VV], ld, ld)
			binary("le", k.Le[VV], ld, ld)
			bench("select", func() { k.Select[VVV](dst, x, y, z, benchRows, cols, ld, ld, ld, ld) })
			bench("select-number", func() { k.Select[VVS](dst, x, y, z, benchRows, cols, ld, ld, ld, 0) })
			bench("mul-add", func() { k.MulAdd[VVV](dst, x, y, z, benchRows, cols, ld, ld, ld, ld) })
			bench("mul-add-rows", func() { k.MulAdd[VVV](dst, x, y, z, benchRows, cols, ld, ld, 0, 0) })
			bench("sub-mul-columns", func() { k.SubMul[VSS](dst, x, y, z, benchRows, cols, ld, ld, 1, 1) })
			unary("sqrt", k.Sqrt)
			unary("exp", k.Exp)
			unary("log", k.Log)
			unary("erf", k.Erf)
			unary("tanh", k.Tanh)
			unary("sin", k.Sin)
			unary("cos", k.Cos)
			bench("row-sum", func() { k.RowSum(column, x, benchRows, cols, ld) })
			bench("row-max", func() { k.RowMax(column, x, benchRows, cols, ld) })
			bench("row-dot", func() { k.RowDot(column, x, y, benchRows, cols, ld, ld) })
			bench("col-sum", func() { k.ColSum(dst, x, benchRows, cols, ld) })
			bench("col-dot", func() { k.ColDot(dst, x, y, benchRows, cols, ld, ld) })
		}
	}
}

// BenchmarkCall is the time of a call that does next to nothing.
func BenchmarkCall(b *testing.B) {
	var x [16]float32
	for _, isa := range Available() {
		k := For(isa)
		b.Run(fmt.Sprintf("%v/add", isa), func(b *testing.B) {
			for b.Loop() {
				k.Add[VV](&x[0], &x[0], &x[0], 1, 16, 16, 16, 16)
			}
		})
		b.Run(fmt.Sprintf("%v/exp", isa), func(b *testing.B) {
			for b.Loop() {
				k.Exp(&x[0], &x[0], 1, 16, 16, 16)
			}
		})
	}
}
