package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine is an instruction set for vectors.
type machine struct {
	name      string // as in the names of files
	title     string // as in the names of functions and variables
	width     int    // float32s of a vector
	registers []reg.VecPhysical
}

var (
	avx2 = machine{"avx2", "AVX2", 8, []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}}
	avx512 = machine{"avx512", "AVX512", 16, []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}}
)

// maskRegister holds the outcome of a comparison, K1 the mask of a row's remainder.
var maskRegister = reg.K2

func (m machine) wide() bool { return m.width == 16 }

// lanes are the vectors that a piece of code works on at once, or a single one that stands
// for all of them.
type lanes []operand.Op

func (l lanes) at(u int) operand.Op { return l[u%len(l)] }

// writer emits functions for one machine.
type writer struct {
	*build.Context
	machine
	constants map[string]uint32 // bits of the constants of the Go package
	data      map[string]operand.Mem

	count   int // lanes of the code being emitted
	free    []reg.VecPhysical
	owned   map[operand.Op]bool // registers that fresh gave out
	held    map[string]lanes    // constants that stay in a register
	scratch []reg.VecPhysical   // for values of short life, the oldest first
	labels  int
}

func newWriter(m machine, constants map[string]uint32) *writer {
	w := &writer{Context: build.NewContext(), machine: m, constants: constants,
		data: map[string]operand.Mem{}}
	w.ConstraintExpr("amd64,!noasm")
	return w
}

// function starts a function.
func (w *writer) function(name, signature string) {
	w.Function(name + w.title)
	w.Attributes(attr.NOSPLIT)
	w.Pragma("noescape")
	w.SignatureExpr(signature)
	w.free = append([]reg.VecPhysical(nil), w.registers...)
	w.owned, w.held, w.scratch = map[operand.Op]bool{}, map[string]lanes{}, nil
}

func (w *writer) label(name string) string {
	w.labels++
	return fmt.Sprintf("%s%d", name, w.labels)
}

// take reserves a vector register.
func (w *writer) take() reg.VecPhysical {
	if len(w.free) == 0 {
		panic("no vector register is left")
	}
	r := w.free[0]
	w.free = w.free[1:]
	return r
}

// fresh reserves a register for every lane.
func (w *writer) fresh() lanes {
	l := make(lanes, w.count)
	for u := range l {
		r := w.take()
		l[u], w.owned[r] = r, true
	}
	return l
}

// onto returns lanes for a result that may take x's place: those of x where they are
// registers of its own, else fresh ones.
func (w *writer) onto(x lanes) lanes {
	for _, r := range x {
		if !w.owned[r] {
			return w.fresh()
		}
	}
	return x
}

// copyOf returns fresh lanes with the value of x.
func (w *writer) copyOf(x lanes) lanes {
	to := w.fresh()
	w.each(w.VMOVAPS, x, to)
	return to
}

// each emits an instruction for every lane.
func (w *writer) each(emit func(ops ...operand.Op), operands ...lanes) {
	for u := range w.count {
		ops := make([]operand.Op, len(operands))
		for i, l := range operands {
			ops[i] = l.at(u)
		}
		emit(ops...)
	}
}

// imm is an immediate operand for every lane.
func imm(v int) lanes { return lanes{operand.U8(v)} }

// datum is a constant in memory, once per file.
func (w *writer) datum(name string) operand.Mem {
	m, ok := w.data[name]
	if !ok {
		value, known := w.constants[strings.TrimPrefix(name, "-")]
		if !known {
			panic("no constant " + name)
		}
		symbol := name
		if rest, negative := strings.CutPrefix(name, "-"); negative {
			value ^= 1 << 31
			symbol = "minus" + strings.ToUpper(rest[:1]) + rest[1:]
		}
		m = w.ConstData(symbol+w.title, operand.U32(value))
		w.data[name] = m
	}
	return m
}

// hold loads constants into registers, where they stay.
func (w *writer) hold(names ...string) {
	for _, name := range names {
		r := w.take()
		if row, isRow := strings.CutPrefix(name, "erfCells"); isRow && row != "PerUnit" {
			w.VMOVUPS(erfRow(int(row[0]-'0'), 0), r)
		} else {
			w.VBROADCASTSS(w.datum(name), r)
		}
		w.held[name] = lanes{r}
	}
}

// passing returns a register for a value of short life. The fourth call from here gives it
// out again, or an earlier one where fewer registers are left.
func (w *writer) passing() reg.VecPhysical {
	if len(w.scratch) < 4 && len(w.free) > 0 {
		w.scratch = append(w.scratch, w.take())
		return w.scratch[len(w.scratch)-1]
	}
	r := w.scratch[0]
	w.scratch = append(w.scratch[1:], r)
	return r
}

// value returns a constant in a register, one that is held or one that is passing.
func (w *writer) value(name string) lanes {
	if l, ok := w.held[name]; ok {
		return l
	}
	r := w.passing()
	w.VBROADCASTSS(w.datum(name), r)
	return lanes{r}
}
