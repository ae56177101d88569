package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// functions are the transcendental functions. Their code follows the definitions in the
// Go package, from which the constants are read, operation by operation.
func functions() []operation {
	return []operation{
		{field: "Exp", operands: 1, unroll: 4, code: exp, held: strings.Fields(
			"expHigh expLow log2E wholeShift -ln2High -ln2Low exp6 exp5 exp4 exp3 exp2 one")},
		{field: "Log", operands: 1, unroll: 2, narrow: 1, code: log, held: strings.Fields(
			"log10 log9 log8 log7 log6 log5 log4 log3 minusHalf ln2Low ln2High one zero")},
		{field: "Erf", operands: 1, unroll: 4, narrow: 2, code: erf, held: strings.Fields(
			"erfHigh -erfHigh digits erfCellsPerUnit wholeShift -erfCellWidth one -one " +
				"erfCells0 erfCells1 erfCells2 erfCells3 erfCells4 erfCells5")},
		{field: "Tanh", operands: 1, unroll: 4, narrow: 2, code: tanh, held: strings.Fields(
			"tanhHigh -tanhHigh tanhP4 tanhP3 tanhP2 tanhP1 one tanhQ4 tanhQ3 tanhQ2 tanhQ1 -one")},
		trigonometric("Sin"), trigonometric("Cos"),
	}
}

// bound keeps x between two constants; NaN stays, as the second source.
func (w *writer) bound(x lanes, low, high string) {
	w.each(w.VMINPS, x, w.value(high), x)
	w.each(w.VMAXPS, x, w.value(low), x)
}

// polynomial writes the value at t to y, the coefficient of the highest power first.
func (w *writer) polynomial(t, y lanes, coefficients ...string) {
	w.each(w.VMOVAPS, w.value(coefficients[0]), y)
	for _, c := range coefficients[1:] {
		w.each(w.VFMADD213PS, w.value(c), t, y) // y·t + c
	}
}

// whole returns x·scale rounded to a whole number, first with wholeShift still added.
func (w *writer) whole(x lanes, scale string) (shifted, n lanes) {
	shifted, n = w.copyOf(w.value("wholeShift")), w.fresh()
	w.each(w.VFMADD231PS, w.value(scale), x, shifted)
	w.each(w.VSUBPS, w.value("wholeShift"), shifted, n)
	return shifted, n
}

func exp(w *writer, in []lanes) lanes {
	x := in[0]
	w.bound(x, "expLow", "expHigh")
	shifted, n := w.whole(x, "log2E")
	w.each(w.VFMADD231PS, w.value("-ln2High"), n, x)
	w.each(w.VFMADD231PS, w.value("-ln2Low"), n, x)
	coefficients := []string{"exp6", "exp5", "exp4", "exp3", "exp2", "one", "one"}
	if w.wide() {
		y := w.fresh()
		w.polynomial(x, y, coefficients...)
		w.each(w.VSCALEFPS, n, y, y)
		return y
	}
	y := n
	w.polynomial(x, y, coefficients...)
	half, bias := x, w.value("one")
	w.each(w.VPSRLD, imm(1), shifted, half)
	w.each(w.VPSUBD, half, shifted, shifted)
	for _, digits := range []lanes{half, shifted} {
		w.each(w.VPSLLD, imm(23), digits, digits)
		w.each(w.VPADDD, bias, digits, digits)
		w.each(w.VMULPS, digits, y, y)
	}
	return y
}

func log(w *writer, in []lanes) lanes {
	x := in[0]
	digits, bias := w.copyOf(x), w.fresh()
	scaled := w.fresh()
	w.each(w.VMULPS, w.value("twoTo24"), x, scaled)
	w.each(w.xor(), bias, bias, bias)
	minNormal := w.value("minNormal")
	w.where(lessOrdered, x, minNormal, scaled, digits)
	w.where(lessOrdered, x, minNormal, w.value("twentyFour"), bias)

	f, k := scaled, w.fresh()
	w.each(w.VPSUBD, w.value("rootHalfBits"), digits, digits)
	w.each(w.VPSRAD, imm(23), digits, k)
	w.each(w.VCVTDQ2PS, k, k)
	w.each(w.VSUBPS, bias, k, k)
	w.each(w.and(), w.value("fraction"), digits, f)
	w.each(w.VPADDD, w.value("rootHalfBits"), f, f)
	w.each(w.VSUBPS, w.value("one"), f, f)

	y := w.fresh()
	w.polynomial(f, y, "log10", "log9", "log8", "log7", "log6", "log5", "log4", "log3", "minusHalf")
	square := digits
	w.each(w.VMULPS, f, f, square)
	w.each(w.VMULPS, square, y, y)
	w.each(w.VFMADD231PS, w.value("ln2Low"), k, y)
	w.each(w.VADDPS, y, f, y)
	w.each(w.VFMADD231PS, w.value("ln2High"), k, y)

	w.where(equalOrdered, x, w.value("zero"), w.value("-inf"), y)
	w.where(notAtLeast, x, w.value("zero"), w.value("nan"), y)
	inf := w.value("inf")
	w.where(equalOrdered, x, inf, inf, y)
	return y
}

func erf(w *writer, in []lanes) lanes {
	x := in[0]
	w.bound(x, "-erfHigh", "erfHigh")
	r := w.fresh()
	w.each(w.and(), w.value("digits"), x, r)
	cell, n := w.whole(r, "erfCellsPerUnit")
	w.each(w.VFMADD231PS, w.value("-erfCellWidth"), n, r)
	y, high := n, cell
	if !w.wide() {
		high = w.fresh()
		w.each(w.VPSLLD, imm(28), cell, high) // the fourth digit becomes the sign
	}
	for u := range w.count {
		w.cellOfErf(5, cell.at(u), high.at(u), y.at(u))
	}
	for k := 4; k >= 0; k-- {
		for u := range w.count {
			c := w.passing()
			w.cellOfErf(k, cell.at(u), high.at(u), c)
			w.VFMADD213PS(c, r.at(u), y.at(u))
		}
	}
	w.each(w.VMULPS, x, y, y)
	w.bound(y, "-one", "one")
	return y
}

// cellOfErf looks the lowest four digits of cell up in row k of the table erfCells. A narrow
// vector holds half a row, and the sign of high chooses the second half.
func (w *writer) cellOfErf(k int, cell, high, to operand.Op) {
	if w.wide() {
		w.VPERMPS(w.held[erfTable(k)][0], cell, to)
		return
	}
	upper := w.passing()
	w.VPERMPS(erfRow(k, 0), cell, to)
	w.VPERMPS(erfRow(k, 8), cell, upper)
	w.VBLENDVPS(high, upper, to, to)
}

func erfRow(k, column int) operand.Mem {
	return operand.Mem{Symbol: operand.Symbol{Name: "·erfCells"}, Base: reg.StaticBase,
		Disp: 4 * (16*k + column)}
}

func erfTable(k int) string { return "erfCells" + string(rune('0'+k)) }

func tanh(w *writer, in []lanes) lanes {
	x := in[0]
	w.bound(x, "-tanhHigh", "tanhHigh")
	t := w.fresh()
	w.each(w.VMULPS, x, x, t)
	p, q := w.fresh(), w.fresh()
	w.polynomial(t, p, "tanhP4", "tanhP3", "tanhP2", "tanhP1", "one")
	w.polynomial(t, q, "tanhQ4", "tanhQ3", "tanhQ2", "tanhQ1", "one")
	w.each(w.VDIVPS, q, p, p)
	w.each(w.VMULPS, p, x, p)
	w.bound(p, "-one", "one")
	return p
}

// trigonometric returns the operation sin or cos. Where |x| is trigHigh or more, x itself
// is the result, and the function tells its caller so.
func trigonometric(field string) operation {
	sine := field == "Sin"
	o := operation{field: field, operands: 1, unroll: 2, narrow: 1, result: " (far bool)",
		held: strings.Fields("digits trigHigh twoOverPi wholeShift -halfPi0 -halfPi1 -halfPi2 " +
			"sin7 sin5 sin3 cos8 cos6 cos4 minusHalf one integerOne signBit")}
	var farAway lanes
	o.start = func(w *writer) {
		if w.wide() {
			w.KXORW(reg.K3, reg.K3, reg.K3)
			return
		}
		r := w.take()
		w.VPXOR(r, r, r)
		farAway = lanes{r}
	}
	o.code = func(w *writer, in []lanes) lanes {
		x, a := in[0], w.fresh()
		w.each(w.and(), w.value("digits"), x, a)
		for u := range w.count {
			if w.wide() {
				w.VCMPPS(imm(notLess)[0], w.value("trigHigh")[0], a.at(u), maskRegister)
				w.KORW(maskRegister, reg.K3, reg.K3)
				continue
			}
			m := w.passing()
			w.VCMPPS(imm(notLess)[0], w.value("trigHigh")[0], a.at(u), m)
			w.VPOR(m, farAway[0], farAway[0])
		}
		quadrant, n := w.whole(a, "twoOverPi")
		r := a
		w.each(w.VFMADD231PS, w.value("-halfPi0"), n, r)
		w.each(w.VFMADD231PS, w.value("-halfPi1"), n, r)
		w.each(w.VFMADD231PS, w.value("-halfPi2"), n, r)
		if !sine {
			w.each(w.VPADDD, w.value("integerOne"), quadrant, quadrant)
		}
		t := n
		w.each(w.VMULPS, r, r, t)
		s, c := w.fresh(), w.fresh()
		w.polynomial(t, s, "sin7", "sin5", "sin3")
		w.polynomial(t, c, "cos8", "cos6", "cos4", "minusHalf", "one")
		w.each(w.VMULPS, r, t, t)
		w.each(w.VFMADD213PS, r, t, s)

		w.each(w.VPSLLD, imm(31), quadrant, t)
		w.bySign(t, c, s)
		w.each(w.VPSLLD, imm(30), quadrant, quadrant)
		if sine {
			w.each(w.xor(), x, quadrant, quadrant)
		}
		w.each(w.and(), w.value("signBit"), quadrant, quadrant)
		w.each(w.xor(), quadrant, s, s)
		w.each(w.and(), w.value("digits"), x, a)
		w.where(notLess, a, w.value("trigHigh"), x, s)
		return s
	}
	o.finish = func(w *writer) {
		far := w.GP8()
		if w.wide() {
			w.KORTESTW(reg.K3, reg.K3)
		} else {
			bits := w.GP32()
			w.VMOVMSKPS(farAway[0], bits)
			w.TESTL(bits, bits)
		}
		w.SETNE(far)
		w.Store(far, w.Return("far"))
	}
	return o
}

// bySign writes b to the lanes of to, where the sign of m is set.
func (w *writer) bySign(m, b, to lanes) {
	for u := range w.count {
		if w.wide() {
			w.VPMOVD2M(m.at(u), maskRegister)
			w.VMOVAPS(b.at(u), maskRegister, to.at(u))
			continue
		}
		w.VBLENDVPS(m.at(u), b.at(u), to.at(u), to.at(u))
	}
}
