package main

import "github.com/mmcloughlin/avo/operand"

type instruction = func(ops ...operand.Op)

// three adapts an instruction that has no masked forms.
func three(f func(a, b, c operand.Op)) instruction {
	return func(ops ...operand.Op) { f(ops[0], ops[1], ops[2]) }
}

func four(f func(a, b, c, d operand.Op)) instruction {
	return func(ops ...operand.Op) { f(ops[0], ops[1], ops[2], ops[3]) }
}

// simple are the operations of a few instructions.
func simple() []operation {
	binary := func(field string, pick func(w *writer) instruction) operation {
		return operation{field: field, operands: 2, unroll: 4, memory: "b",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[0])
				w.each(pick(w), in[1], in[0], to)
				return to
			}}
	}
	return []operation{
		{field: "Copy", operands: 1, unroll: 4,
			code: func(w *writer, in []lanes) lanes { return in[0] }},
		{field: "Neg", operands: 1, unroll: 4, held: []string{"signBit"},
			code: func(w *writer, in []lanes) lanes {
				w.each(w.xor(), w.value("signBit"), in[0], in[0])
				return in[0]
			}},
		{field: "Abs", operands: 1, unroll: 4, held: []string{"digits"},
			code: func(w *writer, in []lanes) lanes {
				w.each(w.and(), w.value("digits"), in[0], in[0])
				return in[0]
			}},
		{field: "Sign", operands: 1, unroll: 2, held: []string{"one", "-one", "zero"}, code: sign},
		{field: "Sqrt", operands: 1, unroll: 4, memory: "a",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[0])
				w.each(w.VSQRTPS, in[0], to)
				return to
			}},
		binary("Add", func(w *writer) instruction { return w.VADDPS }),
		binary("Sub", func(w *writer) instruction { return w.VSUBPS }),
		binary("Mul", func(w *writer) instruction { return w.VMULPS }),
		binary("Div", func(w *writer) instruction { return w.VDIVPS }),
		{field: "Max", operands: 2, unroll: 4, code: func(w *writer, in []lanes) lanes {
			to := w.onto(in[0])
			w.extreme(w.VMAXPS, in[0], in[1], to)
			return to
		}},
		{field: "Min", operands: 2, unroll: 4, code: func(w *writer, in []lanes) lanes {
			to := w.onto(in[0])
			w.extreme(w.VMINPS, in[0], in[1], to)
			return to
		}},
		comparison("Eq", equalOrdered),
		comparison("Lt", lessOrdered),
		comparison("Le", atMostOrdered),
		binary("And", (*writer).and),
		binary("Or", (*writer).or),
		{field: "Not", operands: 1, unroll: 4, held: []string{"ones"},
			code: func(w *writer, in []lanes) lanes {
				w.each(w.xor(), w.value("ones"), in[0], in[0])
				return in[0]
			}},
		{field: "EqInt", operands: 2, unroll: 4, code: func(w *writer, in []lanes) lanes {
			return w.compareInt(0, in[0], in[1])
		}},
		{field: "LtInt", operands: 2, unroll: 4, code: func(w *writer, in []lanes) lanes {
			return w.compareInt(1, in[0], in[1])
		}},
		{field: "LeInt", operands: 2, unroll: 4, code: func(w *writer, in []lanes) lanes {
			return w.compareInt(2, in[0], in[1])
		}},
		{field: "Select", operands: 3, unroll: 4, memory: "b", code: choose},
		{field: "FloatFromInt", operands: 1, unroll: 4, memory: "a",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[0])
				w.each(w.VCVTDQ2PS, in[0], to)
				return to
			}},
		{field: "IntFromFloat", operands: 1, unroll: 4, memory: "a",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[0])
				w.each(w.VCVTTPS2DQ, in[0], to)
				return to
			}},
		{field: "NonZero", operands: 1, unroll: 4, held: []string{"zero"},
			code: func(w *writer, in []lanes) lanes { return w.compare(unequal, in[0], w.value("zero")) }},
		{field: "NonZeroInt", operands: 1, unroll: 4, held: []string{"zero", "ones"},
			code: func(w *writer, in []lanes) lanes {
				to := w.compareInt(0, in[0], w.value("zero"))
				w.each(w.xor(), w.value("ones"), to, to)
				return to
			}},
	}
}

// fused are pairs of operations, each of which rounds.
func fused() []operation {
	// pair computes inner of a and b, and then outer of the result and c.
	pair := func(field string, inner, outer func(w *writer) instruction) operation {
		return operation{field: field, operands: 3, unroll: 4, memory: "bc",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[0])
				w.each(inner(w), in[1], in[0], to)
				w.each(outer(w), in[2], to, to)
				return to
			}}
	}
	add := func(w *writer) instruction { return w.VADDPS }
	sub := func(w *writer) instruction { return w.VSUBPS }
	mul := func(w *writer) instruction { return w.VMULPS }
	return []operation{
		pair("MulAdd", mul, add),
		pair("MulSub", mul, sub),
		pair("AddMul", add, mul),
		pair("SubMul", sub, mul),
		pair("MulMul", mul, mul),
		{field: "SubProduct", operands: 3, unroll: 4, memory: "c",
			code: func(w *writer, in []lanes) lanes {
				to := w.onto(in[1])
				w.each(w.VMULPS, in[2], in[1], to)
				w.each(w.VSUBPS, to, in[0], to)
				return to
			}},
	}
}

// The bitwise instructions have other names for wide vectors.
func (w *writer) and() instruction {
	if w.wide() {
		return w.VPANDD
	}
	return three(w.VPAND)
}

func (w *writer) or() instruction {
	if w.wide() {
		return w.VPORD
	}
	return three(w.VPOR)
}

func (w *writer) xor() instruction {
	if w.wide() {
		return w.VPXORD
	}
	return three(w.VPXOR)
}

// Predicates of VCMPPS: a NaN makes the ordered ones false and the others true.
const (
	equalOrdered  = 0
	isNaN         = 3
	unequal       = 4
	notLess       = 5
	lessOrdered   = 17
	atMostOrdered = 18
	notAtLeast    = 25
)

// where writes b to the lanes of to, where a compared with c holds.
func (w *writer) where(predicate int, a, c, b, to lanes) {
	var m operand.Op
	if !w.wide() {
		m = w.passing()
	}
	for u := range w.count {
		if w.wide() {
			w.VCMPPS(imm(predicate)[0], c.at(u), a.at(u), maskRegister)
			w.VMOVAPS(b.at(u), maskRegister, to.at(u))
			continue
		}
		w.VCMPPS(imm(predicate)[0], c.at(u), a.at(u), m)
		w.VBLENDVPS(m, b.at(u), to.at(u), to.at(u))
	}
}

// extreme writes the larger, or the smaller, to to: a at a tie, NaN if either is. The
// instruction returns its second source, a, at a tie or if one is NaN, which leaves b's.
func (w *writer) extreme(instruction instruction, a, b, to lanes) {
	w.each(instruction, a, b, to)
	w.where(isNaN, b, b, b, to)
}

func comparison(field string, predicate int) operation {
	return operation{field: field, operands: 2, unroll: 4, memory: "b",
		code: func(w *writer, in []lanes) lanes { return w.compare(predicate, in[0], in[1]) }}
}

// compare returns the mask of a compared with b.
func (w *writer) compare(predicate int, a, b lanes) lanes {
	to := w.onto(a)
	for u := range w.count {
		if w.wide() {
			w.VCMPPS(imm(predicate)[0], b.at(u), a.at(u), maskRegister)
			w.VPMOVM2D(maskRegister, to.at(u))
			continue
		}
		w.VCMPPS(imm(predicate)[0], b.at(u), a.at(u), to.at(u))
	}
	return to
}

// compareInt returns the mask of a compared with b as integers: 0 is =, 1 is <, 2 is ≤.
func (w *writer) compareInt(predicate int, a, b lanes) lanes {
	to := w.onto(a)
	for u := range w.count {
		switch {
		case w.wide():
			w.VPCMPD(imm(predicate)[0], b.at(u), a.at(u), maskRegister)
			w.VPMOVM2D(maskRegister, to.at(u))
		case predicate == 0:
			w.VPCMPEQD(b.at(u), a.at(u), to.at(u))
		case predicate == 1:
			w.VPCMPGTD(a.at(u), b.at(u), to.at(u))
		default:
			w.VPCMPGTD(b.at(u), a.at(u), to.at(u))
			w.VPXOR(w.value("ones")[0], to.at(u), to.at(u))
		}
	}
	return to
}

// choose takes b where mask a is true and c elsewhere.
func choose(w *writer, in []lanes) lanes {
	if w.wide() {
		to := in[0]
		if !w.owned[to[0]] {
			to = w.copyOf(in[0])
		}
		const pick = 0xac // of three bits the third if the first is 1, else the second
		w.each(w.VPTERNLOGD, imm(pick), in[1], in[2], to)
		return to
	}
	to := w.onto(in[2])
	w.each(four(w.VBLENDVPS), in[0], in[1], in[2], to)
	return to
}

func sign(w *writer, in []lanes) lanes {
	to := w.copyOf(in[0])
	w.where(lessOrdered, w.value("zero"), in[0], w.value("one"), to)
	w.where(lessOrdered, in[0], w.value("zero"), w.value("-one"), to)
	return to
}
