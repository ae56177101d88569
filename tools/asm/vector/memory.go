package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maskFromBool widens bytes of 0 and 1 to masks.
func (w *writer) maskFromBool() {
	w.function("maskFromBool", "func(dst *float32, a *bool, rows, cols, ldd, lda int)")
	dst, a := w.Load(w.Param("dst"), w.GP64()), w.Load(w.Param("a"), w.GP64())
	zero := w.take()
	if !w.wide() {
		w.VPXOR(zero, zero, zero)
	}
	w.bytes(func(x reg.Register, masked bool) {
		to := operand.Mem{Base: dst, Index: x, Scale: 4}
		from, v := operand.Mem{Base: a, Index: x, Scale: 1}, w.take()
		switch {
		case !w.wide():
			w.VPMOVZXBD(from, v)
			w.VPSUBD(v, zero, v)
			w.VMOVUPS(v, to)
		case masked:
			w.VPMOVZXBD_Z(from, reg.K1, v)
			w.VPTESTMD(v, v, maskRegister)
			w.VPMOVM2D(maskRegister, v)
			w.VMOVUPS(v, reg.K1, to)
		default:
			w.VPMOVZXBD(from, v)
			w.VPTESTMD(v, v, maskRegister)
			w.VPMOVM2D(maskRegister, v)
			w.VMOVUPS(v, to)
		}
	}, func(x reg.Register) {
		v := w.GP32()
		w.MOVBLZX(operand.Mem{Base: a, Index: x, Scale: 1}, v)
		w.NEGL(v)
		w.MOVL(v, operand.Mem{Base: dst, Index: x, Scale: 4})
	}, func() {
		w.advance(dst, "ldd")
		w.advanceBytes(a, "lda")
	})
}

// boolFromMask narrows masks to bytes of 0 and 1.
func (w *writer) boolFromMask() {
	w.function("boolFromMask", "func(dst *bool, a *float32, rows, cols, ldd, lda int)")
	dst, a := w.Load(w.Param("dst"), w.GP64()), w.Load(w.Param("a"), w.GP64())
	w.bytes(func(x reg.Register, masked bool) {
		to := operand.Mem{Base: dst, Index: x, Scale: 1}
		from, v := operand.Mem{Base: a, Index: x, Scale: 4}, w.take()
		low, high := v.AsX(), w.take().AsX()
		switch {
		case !w.wide():
			w.VMOVUPS(from, v)
			w.VPSRLD(operand.U8(31), v, v)
			w.VEXTRACTI128(operand.U8(1), v, high)
			w.VPACKUSDW(high, low, low)
			w.VPACKUSWB(low, low, low)
			w.VMOVQ(low, to)
		case masked:
			w.VMOVUPS_Z(from, reg.K1, v)
			w.VPSRLD(operand.U8(31), v, v)
			w.VPMOVDB(v, low)
			w.VMOVDQU8(low, reg.K1, to)
		default:
			w.VMOVUPS(from, v)
			w.VPSRLD(operand.U8(31), v, v)
			w.VPMOVDB(v, low)
			w.VMOVUPS(low, to)
		}
	}, func(x reg.Register) {
		v := w.GP32()
		w.MOVL(operand.Mem{Base: a, Index: x, Scale: 4}, v)
		w.SHRL(operand.U8(31), v)
		w.MOVB(v.As8(), operand.Mem{Base: dst, Index: x, Scale: 1})
	}, func() {
		w.advanceBytes(dst, "ldd")
		w.advance(a, "lda")
	})
}

// bytes emits the loops over rows and columns of a kernel that reads or writes bytes. What
// is left of a row is done under K1 or, for narrow vectors, which cannot mask bytes, one
// element at a time.
func (w *writer) bytes(
	vector func(x reg.Register, masked bool), single func(x reg.Register), next func(),
) {
	rows, cols := w.Load(w.Param("rows"), w.GP64()), w.Load(w.Param("cols"), w.GP64())
	whole := w.GP64()
	rest := w.split(cols, whole)
	row, done := w.label("row"), w.label("next")
	x := w.GP64()
	free := w.free
	body := func(masked bool) {
		w.free = append([]reg.VecPhysical(nil), free...)
		vector(x, masked)
	}
	w.Label(row)
	w.XORQ(x, x)
	w.loop(x, whole, w.width, func() { body(false) })
	if w.wide() {
		w.TESTQ(rest.count, rest.count)
		w.JE(operand.LabelRef(done))
		body(true)
		w.Label(done)
	} else {
		w.loop(x, cols.(reg.GPVirtual), 1, func() { single(x) })
	}
	next()
	w.DECQ(rows)
	w.JNE(operand.LabelRef(row))
	w.VZEROUPPER()
	w.RET()
}

func (w *writer) advanceBytes(p reg.Register, distance string) {
	w.ADDQ(w.Load(w.Param(distance), w.GP64()), p)
}

// prefetch asks for the cache lines of every row.
func (w *writer) prefetch() {
	w.function("prefetch", "func(a *float32, rows, cols, lda int)")
	a := w.Load(w.Param("a"), w.GP64())
	rows, cols := w.Load(w.Param("rows"), w.GP64()), w.Load(w.Param("cols"), w.GP64())
	line, end := w.GP64(), w.GP64()
	row, again := w.label("row"), w.label("line")
	w.Label(row)
	w.LEAQ(operand.Mem{Base: a, Index: cols, Scale: 4}, end)
	w.MOVQ(a, line)
	w.ANDQ(operand.I32(-64), line)
	w.Label(again)
	w.PREFETCHT1(operand.Mem{Base: line})
	w.ADDQ(operand.I32(64), line)
	w.CMPQ(line, end)
	w.JCS(operand.LabelRef(again))
	w.advance(a, "lda")
	w.DECQ(rows)
	w.JNE(operand.LabelRef(row))
	w.RET()
}
