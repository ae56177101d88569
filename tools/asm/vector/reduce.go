package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowsAtOnce is the rows that a reduction along rows works on together, so that their
// chains of additions do not wait for each other.
const rowsAtOnce = 4

// columnLanes is the lanes of a reduction along a row, by column.
const columnLanes = 16

// reduction is a way to combine elements.
type reduction struct {
	operands int // 2: their product is combined
	start    string
	max      bool
}

var (
	sum     = reduction{operands: 1, start: "zero"}
	maximum = reduction{operands: 1, start: "-inf", max: true}
	dot     = reduction{operands: 2, start: "zero"}
)

// combine writes the combination of a and b to a.
func (w *writer) combine(r reduction, a, b lanes) {
	if r.max {
		w.extreme(w.VMAXPS, a, b, a)
		return
	}
	w.each(w.VADDPS, b, a, a)
}

// row emits a reduction along rows: to one number a row, or into the lanes of every row
// where kept.
func (w *writer) row(r reduction, name string, kept bool) {
	operands, distances := "a", "lda"
	if r.operands == 2 {
		operands, distances = "a, b", "lda, ldb"
	}
	w.function(name, fmt.Sprintf("func(dst, %s *float32, rows, cols, %s int)", operands, distances))
	dst := w.Load(w.Param("dst"), w.GP64())
	rows, cols := w.Load(w.Param("rows"), w.GP64()), w.Load(w.Param("cols"), w.GP64())
	starts := make([][]reg.GPVirtual, r.operands) // of the rows done together, by operand
	for k := range starts {
		starts[k] = make([]reg.GPVirtual, rowsAtOnce)
		for i := range starts[k] {
			starts[k][i] = w.GP64()
		}
		w.Load(w.Param(letters[k:k+1]), starts[k][0])
	}
	whole := w.GP64()
	rest := w.splitLanes(cols, whole)
	w.hold(r.start)
	free := w.free

	emit := func(count int) {
		w.free, w.scratch = append([]reg.VecPhysical(nil), free...), nil
		for k := range starts {
			ld := w.Load(w.Param("ld"+letters[k:k+1]), w.GP64())
			for i := 1; i < count; i++ {
				w.LEAQ(operand.Mem{Base: starts[k][i-1], Index: ld, Scale: 4}, starts[k][i])
			}
		}
		w.rowBlock(r, dst, starts, whole, rest, count, kept)
		for k := range starts {
			ld := w.Load(w.Param("ld"+letters[k:k+1]), w.GP64())
			w.LEAQ(operand.Mem{Base: starts[k][count-1], Index: ld, Scale: 4}, starts[k][0])
		}
	}
	again, few, done := w.label("rows"), w.label("few"), w.label("end")
	w.Label(again)
	w.CMPQ(rows, operand.U32(rowsAtOnce))
	w.JLT(operand.LabelRef(few))
	emit(rowsAtOnce)
	w.SUBQ(operand.U32(rowsAtOnce), rows)
	w.JMP(operand.LabelRef(again))
	w.Label(few)
	w.TESTQ(rows, rows)
	w.JE(operand.LabelRef(done))
	emit(1)
	w.DECQ(rows)
	w.JMP(operand.LabelRef(few))
	w.Label(done)
	w.VZEROUPPER()
	w.RET()
}

// rowBlock reduces count rows and moves dst behind what it writes.
func (w *writer) rowBlock(r reduction, dst reg.Register, starts [][]reg.GPVirtual,
	whole reg.GPVirtual, rest laneMasks, count int, kept bool) {
	parts := columnLanes / w.width
	w.count = count
	acc := make([]lanes, parts) // by part of the lanes, a row each
	for p := range acc {
		acc[p] = w.fresh()
		for i := range count {
			if kept {
				w.VMOVUPS(operand.Mem{Base: dst, Disp: 4 * (columnLanes*i + w.width*p)}, acc[p][i])
			} else {
				w.VMOVAPS(w.held[r.start][0], acc[p][i])
			}
		}
	}
	x := w.GP64()
	w.XORQ(x, x)
	free := w.free
	step := func(load func(from operand.Mem, p int, to operand.Op)) {
		w.count = 1
		for p := range parts {
			for i := range count {
				w.free, w.scratch = append([]reg.VecPhysical(nil), free[i:]...), nil
				element := func(k int) lanes {
					l := w.fresh()
					from := operand.Mem{Base: starts[k][i], Index: x, Scale: 4, Disp: 4 * w.width * p}
					load(from, p, l[0])
					return l
				}
				v := element(0)
				if r.operands == 2 {
					w.each(w.VMULPS, element(1), v, v)
				}
				w.combine(r, lanes{acc[p][i]}, v)
			}
		}
	}
	w.loop(x, whole, columnLanes, func() {
		step(func(from operand.Mem, _ int, to operand.Op) { w.VMOVUPS(from, to) })
	})
	next := w.label("next")
	w.TESTQ(rest.count, rest.count)
	w.JE(operand.LabelRef(next))
	step(func(from operand.Mem, p int, to operand.Op) {
		switch {
		case w.wide() && !r.max:
			w.VMOVUPS_Z(from, reg.K1, to)
		case w.wide():
			w.VMOVAPS(w.held[r.start][0], to)
			w.VMOVUPS(from, reg.K1, to)
		default:
			w.VMASKMOVPS(from, rest.masks[p], to)
			if r.max {
				w.VBLENDVPS(rest.masks[p], to, w.held[r.start][0], to)
			}
		}
	})
	w.Label(next)
	w.free, w.scratch = free, nil
	if kept {
		for p := range acc {
			for i := range count {
				w.VMOVUPS(acc[p][i], operand.Mem{Base: dst, Disp: 4 * (columnLanes*i + w.width*p)})
			}
		}
		w.ADDQ(operand.I32(4*columnLanes*count), dst)
		return
	}
	w.fold(r, acc, dst, count)
	w.ADDQ(operand.I32(4*count), dst)
}

// laneMasks is what is left of a row after its last whole set of lanes.
type laneMasks struct {
	count reg.GPVirtual
	masks []reg.Register
}

// splitLanes sets whole to the elements of a row that fill all lanes.
func (w *writer) splitLanes(cols reg.Register, whole reg.GPVirtual) laneMasks {
	if w.wide() {
		rest := w.split(cols, whole)
		return laneMasks{rest.count, []reg.Register{rest.mask}}
	}
	rest := laneMasks{count: w.GP64()}
	w.MOVQ(cols, rest.count)
	w.ANDQ(operand.I32(columnLanes-1), rest.count)
	w.MOVQ(cols, whole)
	w.SUBQ(rest.count, whole)
	window, at := w.GP64(), w.GP64()
	w.LEAQ(w.maskWindow(), window)
	w.MOVQ(rest.count, at)
	w.NEGQ(at)
	for p := range columnLanes / w.width {
		m := w.take()
		w.VMOVUPS(operand.Mem{Base: window, Index: at, Scale: 4, Disp: 4 * (columnLanes + w.width*p)}, m)
		rest.masks = append(rest.masks, m)
	}
	return rest
}

// fold combines the lanes of four rows by halves and stores a number a row; rows beyond
// count fold what lies in their registers and are not stored.
func (w *writer) fold(r reduction, acc []lanes, dst reg.Register, count int) {
	row := func(p, i int) operand.Op { return acc[p][min(i, count-1)] }
	w.count = 1
	one := func(op operand.Op) lanes { return lanes{op} }
	both := func(emit func(lo, hi operand.Op)) lanes { // the combination of two halves
		lo, hi := w.take(), w.take()
		emit(lo, hi)
		w.combine(r, one(lo), one(hi))
		w.free = append(w.free, hi)
		return one(lo)
	}
	var numbers operand.Op // of rows 0 to 3, in 4 neighbours
	if w.wide() {
		eights := func(i, j int) lanes { // rows i and j, 8 lanes each
			return both(func(lo, hi operand.Op) {
				w.VSHUFF64X2(operand.U8(0x44), row(0, j), row(0, i), lo)
				w.VSHUFF64X2(operand.U8(0xee), row(0, j), row(0, i), hi)
			})
		}
		a, b := eights(0, 1), eights(2, 3)
		fours := both(func(lo, hi operand.Op) {
			w.VSHUFF64X2(operand.U8(0x88), b[0], a[0], lo)
			w.VSHUFF64X2(operand.U8(0xdd), b[0], a[0], hi)
		})
		twos := both(func(lo, hi operand.Op) {
			w.VMOVAPS(fours[0], lo)
			w.VPERMILPS(operand.U8(0xee), fours[0], hi)
		})
		ones := both(func(lo, hi operand.Op) {
			w.VMOVAPS(twos[0], lo)
			w.VPERMILPS(operand.U8(0x55), twos[0], hi)
		})
		every := w.GP32()
		w.MOVL(operand.U32(0x1111), every)
		w.KMOVW(every, maskRegister)
		w.VCOMPRESSPS(ones[0], maskRegister, ones[0])
		numbers = ones[0].(reg.VecPhysical).AsX()
	} else {
		for i := range count {
			w.combine(r, one(acc[0][i]), one(acc[1][i])) // 8 lanes
			w.free = append(w.free, acc[1][i].(reg.VecPhysical))
		}
		fours := func(i, j int) lanes {
			return both(func(lo, hi operand.Op) {
				w.VPERM2F128(operand.U8(0x20), row(0, j), row(0, i), lo)
				w.VPERM2F128(operand.U8(0x31), row(0, j), row(0, i), hi)
			})
		}
		a, b := fours(0, 1), fours(2, 3)
		twos := both(func(lo, hi operand.Op) {
			w.VSHUFPS(operand.U8(0x44), b[0], a[0], lo)
			w.VSHUFPS(operand.U8(0xee), b[0], a[0], hi)
		})
		ones := both(func(lo, hi operand.Op) { // of the rows 0, 2, 0, 2, 1, 3, 1, 3
			w.VSHUFPS(operand.U8(0x88), twos[0], twos[0], lo)
			w.VSHUFPS(operand.U8(0xdd), twos[0], twos[0], hi)
		})
		low, high := ones[0].(reg.VecPhysical).AsX(), w.take().AsX()
		w.VEXTRACTF128(operand.U8(1), ones[0], high)
		w.VUNPCKLPS(high, low, low)
		numbers = low
	}
	if count == rowsAtOnce {
		w.VMOVUPS(numbers, operand.Mem{Base: dst})
	} else {
		w.VMOVSS(numbers, operand.Mem{Base: dst})
	}
}

// column emits a reduction over the rows of a tile onto dst, one row after the other.
func (w *writer) column(r reduction, name string) {
	operands, distances := "a", "lda"
	if r.operands == 2 {
		operands, distances = "a, b", "lda, ldb"
	}
	w.function(name, fmt.Sprintf("func(dst, %s *float32, rows, cols, %s int)", operands, distances))
	dst := w.Load(w.Param("dst"), w.GP64())
	var in, ld []reg.Register
	var at []reg.GPVirtual
	for k := range r.operands {
		in = append(in, w.Load(w.Param(letters[k:k+1]), w.GP64()))
		ld = append(ld, w.Load(w.Param("ld"+letters[k:k+1]), w.GP64()))
		at = append(at, w.GP64())
	}
	rows, cols := w.Load(w.Param("rows"), w.GP64()), w.Load(w.Param("cols"), w.GP64())
	whole, blocks := w.GP64(), w.GP64()
	rest := w.split(cols, whole)
	x, left := w.GP64(), w.GP64()
	w.XORQ(x, x)
	free := w.free

	run := func(count int, masked bool) {
		w.free, w.scratch, w.count = append([]reg.VecPhysical(nil), free...), nil, count
		move := func(from, to lanes, store bool) {
			switch {
			case masked && store:
				rest.store(w, from[0], to[0])
			case masked:
				rest.load(w, to[0], from[0])
			default:
				w.each(w.VMOVUPS, from, to)
			}
		}
		place := make(lanes, count)
		for u := range place {
			place[u] = operand.Mem{Base: dst, Index: x, Scale: 4, Disp: 4 * w.width * u}
		}
		s, v, other := w.fresh(), w.fresh(), lanes(nil)
		if r.operands == 2 {
			other = w.fresh()
		}
		element := func(k int, to lanes) {
			from := make(lanes, count)
			for u := range from {
				from[u] = operand.Mem{Base: at[k], Disp: 4 * w.width * u}
			}
			move(from, to, false)
			w.LEAQ(operand.Mem{Base: at[k], Index: ld[k], Scale: 4}, at[k])
		}
		for k := range at {
			w.LEAQ(operand.Mem{Base: in[k], Index: x, Scale: 4}, at[k])
		}
		move(place, s, false)
		w.MOVQ(rows, left)
		again := w.label("row")
		w.Label(again)
		element(0, v)
		if r.operands == 2 {
			element(1, other)
			w.each(w.VMULPS, other, v, v)
		}
		w.combine(r, s, v)
		w.DECQ(left)
		w.JNE(operand.LabelRef(again))
		move(s, place, true)
	}
	for _, count := range []int{4, 2, 1} {
		w.MOVQ(whole, blocks)
		w.ANDQ(operand.I32(-count*w.width), blocks)
		w.loop(x, blocks, count*w.width, func() { run(count, false) })
	}
	done := w.label("end")
	w.TESTQ(rest.count, rest.count)
	w.JE(operand.LabelRef(done))
	run(1, true)
	w.Label(done)
	w.VZEROUPPER()
	w.RET()
}
