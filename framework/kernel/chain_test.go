package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestChains compares random chains of every instruction set with the definition, bit by bit.
func TestChains(t *testing.T) {
	for _, isa := range Available()[1:] {
		t.Run(isa.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 2000 {
				cols := []int{1 + r.IntN(9), 16, 32, 64, 1 + r.IntN(300)}[r.IntN(5)]
				compareChains(t, r, isa, 1+r.IntN(9), cols)
			}
		})
	}
}

// compareChains runs a random chain on copies of the same memory.
func compareChains(t *testing.T, r *rand.Rand, isa ISA, rows, cols int) {
	t.Helper()
	const operands = 9 // the first two are masks
	size := rows * (cols + 20)
	var memory [2][]float32
	for range operands * size {
		memory[0] = append(memory[0], float32(r.NormFloat64()))
	}
	for i := range memory[0][:2*size] {
		memory[0][i] = math.Float32frombits(maskOf(r.IntN(2) == 0))
	}
	memory[1] = append(memory[1], memory[0]...)
	kinds := []StepKind{StepLoad}
	for range r.IntN(12) {
		kind := 1 + StepKind(r.IntN(int(StepPick)))
		if last := kinds[len(kinds)-1]; kind == StepPick && (last < StepEq || last > StepAtLeast) {
			kind = StepThen // v is no mask
		}
		kinds = append(kinds, kind)
	}
	kinds = append(kinds, StepStore)
	var steps [2][]Step
	for _, kind := range kinds {
		singleX, singleY := kind != StepStore && r.IntN(3) == 0, r.IntN(3) == 0
		rowX, rowY := cols+r.IntN(2)*20, cols+r.IntN(2)*20
		x, y := (2+r.IntN(operands-2))*size, (2+r.IntN(operands-2))*size
		if kind == StepThen || kind == StepElse {
			x = r.IntN(2) * size
		}
		for k := range steps {
			steps[k] = append(steps[k], Step{Code: kind.Code(singleX, singleY),
				X: &memory[k][x], RowX: rowX, Y: &memory[k][y], RowY: rowY})
		}
	}
	if overlaps(kinds, steps[0]) {
		return
	}
	For(isa).Chain(append(steps[0], Step{}), rows, cols)
	For(Generic).Chain(append(steps[1], Step{}), rows, cols)
	for i, v := range memory[0] {
		w := memory[1][i]
		if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
			t.Fatalf("%v, %d rows, %d columns, steps %v: word %d is %v, want %v", isa, rows, cols, kinds,
				i, v, w)
		}
	}
}

// overlaps reports whether a step reads or writes what another one writes in another place:
// chains must not, as which of both happens first depends on the instruction set.
func overlaps(kinds []StepKind, steps []Step) bool {
	for i, s := range steps {
		if kinds[i] != StepStore {
			continue
		}
		elsewhere := func(p *float32, row int, single bool) bool {
			return p == s.X && (row != s.RowX || single)
		}
		for j, o := range steps {
			if kinds[j] != StepNeg && elsewhere(o.X, o.RowX, o.Code&1 != 0) ||
				kinds[j] >= StepThen && elsewhere(o.Y, o.RowY, o.Code&2 != 0) {
				return true
			}
		}
	}
	return false
}
