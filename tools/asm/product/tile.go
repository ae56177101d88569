package main

import (
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fields are those of framework/kernel's strip, in order, of eight bytes each.
var fields = []string{"a", "b", "c", "d", "ahead",
	"nextA", "nextB", "nextC", "nextD", "nextAhead",
	"rowA", "colA", "rowB", "rowC", "rowD",
	"count", "depth", "tail", "flags", "alpha", "step"}

// pointers are the fields that move on from tile to tile.
const pointers = 5

// Registers besides those of the rows of A, whose strides are in bytes.
const rowsOfGroup = 3

var (
	groups = []reg.GPPhysical{reg.RAX, reg.RBX, reg.RDX, reg.RSI} // addresses of every third row
	rowA   = reg.R8                                               // times 1 and 2 for the others
	colA   = reg.R9
	rowB   = reg.R10
	row    = reg.R9 // of C or D
	line   = reg.RDI
	depth  = reg.RCX
	flags  = reg.R11
	strip  = reg.R12
	count  = reg.R13
	ahead  = reg.R14
	step   = reg.R15
)

// field addresses a field of the strip.
func (w *writer) field(name string) operand.Mem {
	return operand.Mem{Base: strip, Disp: 8 * slices.Index(fields, name)}
}

// tile emits the function for a strip of tiles of so many rows and vectors.
func (w *writer) tile(rows, n int) {
	w.Function(w.function(rows, n))
	w.Attributes(attr.NOSPLIT)
	w.Pragma("noescape")
	w.SignatureExpr("func(s *byte)")
	w.MOVQ(operand.NewParamAddr("s", 0), strip)
	w.loadMask(w.mask())
	w.at = map[string]operand.Mem{}
	for _, name := range fields[:pointers] {
		w.at[name] = w.AllocLocal(8)
		w.MOVQ(w.field(name), line)
		w.MOVQ(line, w.at[name])
	}
	w.MOVQ(w.field("count"), count)
	w.MOVQ(w.field("flags"), flags)
	w.stride("rowA", rowA)
	w.stride("rowB", rowB)
	w.stride("step", step)

	if !w.wide() { // masked stores are slow
		w.CMPQ(w.field("tail"), operand.Imm(uint64(w.width)))
		w.JNE(operand.LabelRef("tileMasked"))
		w.tiles(rows, n, "")
	}
	w.tiles(rows, n, "Masked")
}

// tiles emits the loop over the tiles of a strip, whose last vectors are whole or masked.
func (w *writer) tiles(rows, n int, kind string) {
	w.kind = kind
	sums := func(i, j int) reg.VecPhysical { return w.registers[i*n+j] }
	lines := w.registers[rows*n : rows*n+n] // of B
	// Without mask registers and broadcasts from memory, two vectors more.
	mask, spare := w.mask(), w.registers[len(w.registers)-1]
	w.Label("tile" + kind)
	w.fetch(rows, n)
	w.start(rows, n, sums, mask)
	w.MOVQ(w.at["a"], groups[0])
	for g := 1; g*rowsOfGroup < rows; g++ {
		w.LEAQ(operand.Mem{Base: groups[g-1], Index: rowA, Scale: 2}, groups[g])
		w.ADDQ(rowA, groups[g])
	}
	w.MOVQ(w.at["b"], line)
	w.MOVQ(w.at["ahead"], ahead)
	w.stride("colA", colA)
	w.MOVQ(w.field("depth"), depth)

	w.Label("loop" + w.kind)
	w.PREFETCHT1(operand.Mem{Base: ahead})
	w.ADDQ(step, ahead)
	for j := range n {
		w.load(operand.Mem{Base: line, Disp: 4 * w.width * j}, lines[j], mask, w.masked(j, n))
	}
	for i := range rows {
		at := operand.Mem{Base: groups[i/rowsOfGroup]}
		if k := i % rowsOfGroup; k > 0 {
			at.Index, at.Scale = rowA, uint8(k)
		}
		w.multiply(at, lines, spare, func(j int) reg.VecPhysical { return sums(i, j) })
	}
	for g := 0; g*rowsOfGroup < rows; g++ {
		w.ADDQ(colA, groups[g])
	}
	w.ADDQ(rowB, line)
	w.DECQ(depth)
	w.JNZ(operand.LabelRef("loop" + w.kind))

	w.finish(rows, n, sums, lines[0], mask)
	for i, name := range fields[:pointers] {
		w.stride(fields[pointers+i], line)
		w.ADDQ(line, w.at[name])
	}
	w.DECQ(count)
	w.JNZ(operand.LabelRef("tile" + w.kind))
	w.VZEROUPPER()
	w.RET()
}

// mask is where narrow vectors have the mask of the last one.
func (w *writer) mask() reg.VecPhysical { return w.registers[len(w.registers)-2] }

// masked reports whether vector j of n is.
func (w *writer) masked(j, n int) bool { return w.kind != "" && j == n-1 }

// stride loads a distance in bytes.
func (w *writer) stride(name string, to reg.GPPhysical) {
	w.MOVQ(w.field(name), to)
	w.SHLQ(operand.Imm(2), to)
}

// loadMask makes the mask of the last vector.
func (w *writer) loadMask(mask reg.VecPhysical) {
	w.MOVQ(w.field("tail"), reg.RCX)
	if w.wide() {
		w.MOVQ(operand.U32(1), reg.RAX)
		w.SHLQ(reg.CL, reg.RAX)
		w.DECQ(reg.RAX)
		w.KMOVW(reg.EAX, reg.K1)
		return
	}
	w.LEAQ(w.maskTable, reg.RAX)
	w.SHLQ(operand.Imm(2), reg.RCX)
	w.SUBQ(reg.RCX, reg.RAX)
	w.VMOVUPS(operand.Mem{Base: reg.RAX, Disp: 4 * w.width}, mask)
}

// load reads a vector, or what its mask says.
func (w *writer) load(from operand.Mem, to, mask reg.VecPhysical, masked bool) {
	switch {
	case !masked:
		w.VMOVUPS(from, to)
	case w.wide():
		w.VMOVUPS_Z(from, reg.K1, to)
	default:
		w.VMASKMOVPS(from, mask, to)
	}
}

func (w *writer) store(from reg.VecPhysical, to operand.Mem, mask reg.VecPhysical, masked bool) {
	switch {
	case !masked:
		w.VMOVUPS(from, to)
	case w.wide():
		w.VMOVUPS(from, reg.K1, to)
	default:
		w.VMASKMOVPS(from, mask, to)
	}
}

// multiply adds a row's element of A times the vectors of B to its sums.
func (w *writer) multiply(at operand.Mem, lines []reg.VecPhysical, spare reg.VecPhysical,
	sums func(j int) reg.VecPhysical) {
	if w.wide() {
		for j, line := range lines {
			w.VFMADD231PS_BCST(at, line, sums(j))
		}
		return
	}
	w.VBROADCASTSS(at, spare)
	for j, line := range lines {
		w.VFMADD231PS(spare, line, sums(j))
	}
}

// fetch asks for the lines of C, so that they are there when the tile is stored, and of D.
func (w *writer) fetch(rows, n int) {
	w.TESTQ(operand.U32(8), flags)
	w.JZ(operand.LabelRef("fetched" + w.kind))
	w.lines(rows, n, "c", "rowC")
	w.TESTQ(operand.U32(4), flags)
	w.JZ(operand.LabelRef("fetched" + w.kind))
	w.lines(rows, n, "d", "rowD")
	w.Label("fetched" + w.kind)
}

func (w *writer) lines(rows, n int, pointer, distance string) {
	w.MOVQ(w.at[pointer], line)
	w.stride(distance, row)
	for range rows {
		for j := range n * w.width / 16 {
			w.PREFETCHT0(operand.Mem{Base: line, Disp: 64 * j})
		}
		w.ADDQ(row, line)
	}
}

// start sets the sums to 0, or to what they were after the part of K before, which is in C.
func (w *writer) start(rows, n int, sums func(i, j int) reg.VecPhysical, mask reg.VecPhysical) {
	w.TESTQ(operand.U32(1), flags)
	w.JNZ(operand.LabelRef("continued" + w.kind))
	for i := range rows {
		for j := range n {
			if w.wide() {
				w.VPXORD(sums(i, j), sums(i, j), sums(i, j))
				continue
			}
			w.VXORPS(sums(i, j), sums(i, j), sums(i, j))
		}
	}
	w.JMP(operand.LabelRef("begun" + w.kind))
	w.Label("continued" + w.kind)
	w.MOVQ(w.at["c"], line)
	w.stride("rowC", row)
	for i := range rows {
		for j := range n {
			w.load(operand.Mem{Base: line, Disp: 4 * w.width * j}, sums(i, j), mask, w.masked(j, n))
		}
		w.ADDQ(row, line)
	}
	w.Label("begun" + w.kind)
}

// finish multiplies by alpha, adds d, or its one value a row, and stores.
func (w *writer) finish(rows, n int, sums func(i, j int) reg.VecPhysical,
	vector, mask reg.VecPhysical) {
	w.TESTQ(operand.U32(2), flags)
	w.JZ(operand.LabelRef("scaled" + w.kind))
	w.VBROADCASTSS(w.field("alpha"), vector)
	for i := range rows {
		for j := range n {
			w.VMULPS(vector, sums(i, j), sums(i, j))
		}
	}
	w.Label("scaled" + w.kind)
	w.TESTQ(operand.U32(4), flags)
	w.JZ(operand.LabelRef("added" + w.kind))
	w.MOVQ(w.at["d"], line)
	w.stride("rowD", row)
	for i := range rows {
		for j := range n {
			w.load(operand.Mem{Base: line, Disp: 4 * w.width * j}, vector, mask, w.masked(j, n))
			w.VADDPS(vector, sums(i, j), sums(i, j))
		}
		w.ADDQ(row, line)
	}
	w.Label("added" + w.kind)
	w.TESTQ(operand.U32(16), flags)
	w.JZ(operand.LabelRef("spread" + w.kind))
	w.MOVQ(w.at["d"], line)
	w.stride("rowD", row)
	for i := range rows {
		w.VBROADCASTSS(operand.Mem{Base: line}, vector)
		for j := range n {
			w.VADDPS(vector, sums(i, j), sums(i, j))
		}
		w.ADDQ(row, line)
	}
	w.Label("spread" + w.kind)
	w.MOVQ(w.at["c"], line)
	w.stride("rowC", row)
	for i := range rows {
		for j := range n {
			w.store(sums(i, j), operand.Mem{Base: line, Disp: 4 * w.width * j}, mask, w.masked(j, n))
		}
		w.ADDQ(row, line)
	}
}
