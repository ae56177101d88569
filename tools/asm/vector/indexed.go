package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// indexed emits a kernel that copies the rows that ids name, or one that adds rows to those
// that ids name, one after the other.
func (w *writer) indexed(name string, add bool) {
	w.function(name, "func(dst, a *float32, ids *int32, rows, cols, ldd, lda int)")
	argument := func(name string) reg.GPVirtual {
		return w.Load(w.Param(name), w.GP64()).(reg.GPVirtual)
	}
	dst, a, ids := argument("dst"), argument("a"), argument("ids")
	rows, cols := argument("rows"), argument("cols")
	whole, blocks := w.GP64(), w.GP64()
	rest := w.split(cols, whole)
	const unroll = 4
	w.MOVQ(whole, blocks)
	w.ANDQ(operand.I32(-unroll*w.width), blocks)

	// The named row is found anew, the other one follows the one before.
	follows, distance, base, named := dst, "lda", a, w.GP64()
	if add {
		follows, distance, base = a, "ldd", dst
	}
	from, to := named, dst
	if add {
		from, to = a, named
	}
	free := w.free
	part := func(count int, x reg.Register, masked bool) {
		w.free = append([]reg.VecPhysical(nil), free...)
		for u := range count {
			v, at := w.take(), operand.Mem{Base: from, Index: x, Scale: 4, Disp: 4 * w.width * u}
			onto := operand.Mem{Base: to, Index: x, Scale: 4, Disp: 4 * w.width * u}
			switch {
			case masked:
				rest.load(w, v, at)
				if add {
					sum := w.take()
					rest.load(w, sum, onto)
					w.VADDPS(v, sum, v)
				}
				rest.store(w, v, onto)
			case add:
				w.VMOVUPS(at, v)
				w.VADDPS(onto, v, v)
				w.VMOVUPS(v, onto)
			default:
				w.VMOVUPS(at, v)
				w.VMOVUPS(v, onto)
			}
		}
	}
	row, next := w.label("row"), w.label("next")
	w.Label(row)
	w.MOVLQSX(operand.Mem{Base: ids}, named)
	w.IMULQ(w.Load(w.Param(distance), w.GP64()), named)
	w.LEAQ(operand.Mem{Base: base, Index: named, Scale: 4}, named)
	x := w.GP64()
	w.XORQ(x, x)
	w.loop(x, blocks, unroll*w.width, func() { part(unroll, x, false) })
	w.loop(x, whole, w.width, func() { part(1, x, false) })
	w.TESTQ(rest.count, rest.count)
	w.JE(operand.LabelRef(next))
	part(1, x, true)
	w.Label(next)
	w.advance(follows, map[bool]string{false: "ldd", true: "lda"}[add])
	w.ADDQ(operand.Imm(4), ids)
	w.DECQ(rows)
	w.JNE(operand.LabelRef(row))
	w.VZEROUPPER()
	w.RET()
}
