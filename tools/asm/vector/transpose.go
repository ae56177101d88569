package main

import (
	"math/bits"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposition is a function that copies a tile's transpose square by square, as high and
// wide as a vector is long, while it is emitted.
type transposition struct {
	*writer
	dst, a     reg.GPVirtual // of the column of squares
	ldd, lda   reg.GPVirtual // in bytes
	to, from   reg.GPVirtual // of the square
	rows, cols reg.GPVirtual // left, from the square on
}

// transpose emits the kernel. A square is read row by row and transposed in registers.
func (w *writer) transpose() {
	w.function("transpose", "func(dst, a *float32, rows, cols, ldd, lda int)")
	argument := func(name string) reg.GPVirtual {
		return w.Load(w.Param(name), w.GP64()).(reg.GPVirtual)
	}
	t := &transposition{writer: w, dst: argument("dst"), a: argument("a"), cols: argument("cols"),
		ldd: argument("ldd"), lda: argument("lda"), to: w.GP64(), from: w.GP64(), rows: w.GP64()}
	w.SHLQ(operand.Imm(2), t.ldd)
	w.SHLQ(operand.Imm(2), t.lda)

	column, square := w.label("column"), w.label("square")
	edge, done := w.label("edge"), w.label("done")
	w.Label(column)
	w.MOVQ(t.a, t.from)
	w.MOVQ(t.dst, t.to)
	w.Load(w.Param("rows"), t.rows)
	w.Label(square)
	w.CMPQ(t.cols, operand.Imm(uint64(w.width)))
	w.JLT(operand.LabelRef(edge))
	w.CMPQ(t.rows, operand.Imm(uint64(w.width)))
	w.JLT(operand.LabelRef(edge))
	t.whole()
	w.JMP(operand.LabelRef(done))
	w.Label(edge)
	t.partial(done)
	w.Label(done)
	w.ADDQ(operand.Imm(uint64(4*w.width)), t.from)
	t.past(t.to, t.ldd)
	w.SUBQ(operand.Imm(uint64(w.width)), t.rows)
	w.JGT(operand.LabelRef(square))
	t.past(t.a, t.lda)
	w.ADDQ(operand.Imm(uint64(4*w.width)), t.dst)
	w.SUBQ(operand.Imm(uint64(w.width)), t.cols)
	w.JGT(operand.LabelRef(column))
	w.VZEROUPPER()
	w.RET()
}

// past moves a pointer by as many rows as a square has.
func (t *transposition) past(p, distance reg.GPVirtual) {
	rows := t.GP64()
	t.MOVQ(distance, rows)
	t.SHLQ(operand.Imm(uint64(bits.TrailingZeros(uint(t.width)))), rows)
	t.ADDQ(rows, p)
}

// whole emits a square that lies within the tile.
func (t *transposition) whole() {
	rows := t.registers[:t.width]
	t.fourApart(t.from, t.lda, func(i int, at operand.Mem) { t.VMOVUPS(at, rows[i]) })
	columns := t.turned(rows)
	t.fourApart(t.to, t.ldd, func(i int, at operand.Mem) { t.VMOVUPS(columns[i], at) })
}

// fourApart addresses the rows of a square by four multiples of their distance.
func (t *transposition) fourApart(base, distance reg.GPVirtual, use func(i int, at operand.Mem)) {
	p, thrice := t.GP64(), t.GP64()
	t.MOVQ(base, p)
	t.LEAQ(operand.Mem{Base: distance, Index: distance, Scale: 2}, thrice)
	for i := range t.width {
		at := operand.Mem{Base: p}
		switch i % 4 {
		case 1, 2:
			at.Index, at.Scale = distance, uint8(i%4)
		case 3:
			at.Index, at.Scale = thrice, 1
		}
		use(i, at)
		if i%4 == 3 && i+1 < t.width {
			t.LEAQ(operand.Mem{Base: p, Index: distance, Scale: 4}, p)
		}
	}
}

// partial emits a square of which fewer rows or columns lie within the tile. Rows that do
// not are read as the last one that does.
func (t *transposition) partial(done string) {
	rows := t.registers[:t.width]
	p, left, step, zero := t.GP64(), t.GP64(), t.GP64(), t.GP64()
	t.MOVQ(t.from, p)
	t.MOVQ(t.cols, left)
	t.MOVQ(t.lda, step)
	t.XORQ(zero, zero)
	mask := t.firstLanes(t.rows, t.registers[t.width])
	for i := range t.width {
		mask.load(t.writer, rows[i], operand.Mem{Base: p})
		t.DECQ(left)
		t.CMOVQLE(zero, step)
		t.ADDQ(step, p)
	}
	columns := t.turned(rows)
	mask = t.firstLanes(t.cols, t.spare(columns))
	t.MOVQ(t.to, p)
	t.MOVQ(t.rows, left)
	for i := range t.width {
		mask.store(t.writer, columns[i], operand.Mem{Base: p})
		t.ADDQ(t.ldd, p)
		t.DECQ(left)
		t.JE(operand.LabelRef(done))
	}
}

// spare returns a register that is not among those in use.
func (t *transposition) spare(used []reg.VecPhysical) reg.VecPhysical {
	for _, r := range t.registers {
		free := true
		for _, u := range used {
			free = free && u != r
		}
		if free {
			return r
		}
	}
	panic("no vector register is left")
}

// turned emits the transposition of a square in registers: first every four rows within
// groups of four lanes, then the groups. It returns where the columns are.
func (t *transposition) turned(rows []reg.VecPhysical) []reg.VecPhysical {
	n := t.width
	other := t.registers[n : 2*n]
	for i := 0; i < n; i += 2 {
		t.VUNPCKLPS(rows[i+1], rows[i], other[i])
		t.VUNPCKHPS(rows[i+1], rows[i], other[i+1])
	}
	fours := rows // fours[4g+c] has column c of every group of four lanes, of the rows 4g to 4g+3
	for i := 0; i < n; i += 4 {
		t.VUNPCKLPD(other[i+2], other[i], fours[i])
		t.VUNPCKHPD(other[i+2], other[i], fours[i+1])
		t.VUNPCKLPD(other[i+3], other[i+1], fours[i+2])
		t.VUNPCKHPD(other[i+3], other[i+1], fours[i+3])
	}
	columns := make([]reg.VecPhysical, n)
	for c := range 4 {
		if !t.wide() {
			columns[c], columns[4+c] = other[c], other[4+c]
			t.VPERM2F128(operand.U8(0x20), fours[4+c], fours[c], columns[c])
			t.VPERM2F128(operand.U8(0x31), fours[4+c], fours[c], columns[4+c])
			continue
		}
		const even, odd = 0x88, 0xdd
		p, q, r, s := other[c], other[4+c], other[8+c], other[12+c]
		t.VSHUFF32X4(operand.U8(even), fours[4+c], fours[c], p)
		t.VSHUFF32X4(operand.U8(odd), fours[4+c], fours[c], q)
		t.VSHUFF32X4(operand.U8(even), fours[12+c], fours[8+c], r)
		t.VSHUFF32X4(operand.U8(odd), fours[12+c], fours[8+c], s)
		for i, pair := range [][2]reg.VecPhysical{{p, r}, {q, s}} {
			columns[4*i+c], columns[8+4*i+c] = fours[4*i+c], fours[8+4*i+c]
			t.VSHUFF32X4(operand.U8(even), pair[1], pair[0], columns[4*i+c])
			t.VSHUFF32X4(operand.U8(odd), pair[1], pair[0], columns[8+4*i+c])
		}
	}
	return columns
}
