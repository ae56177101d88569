package main

import (
	"bytes"
	"fmt"
)

// writer emits the functions of one machine.
type writer struct {
	machine
	assembly bytes.Buffer
	code     []string // the functions in the order of the table
	piece    piece    // of the function being emitted
}

// The registers of a walk, between functions:
//
//	DX  the first step          SI  this step
//	R8  the row                 R12 the number of rows
//	R10 the first column        R11 the number of columns
//	R13 the table of addresses  R9  its part for this piece
//	vectors 0 to 7              the values of the chain
//	K1, or vector 15            the mask of a piece of one vector
//
// AX to DI, R14 and R15 and the vectors from 8 are free.
const (
	stepBytes = 40 // of a Step: its code, x, x's distance of rows, y and y's
	spare     = 8  // the first free vector
	maskY     = 15
)

// kinds are the steps in the order of StepKind, each with its number of operands.
var kinds = []struct {
	name     string
	operands int
	emit     func(w *writer, form int)
}{
	{"End", 0, nil},
	{"Load", 1, func(w *writer, form int) { w.load(form) }},
	{"Store", 1, func(w *writer, _ int) { w.store() }},
	{"Add", 1, func(w *writer, form int) { w.arithmetic("VADDPS", form, false) }},
	{"Sub", 1, func(w *writer, form int) { w.arithmetic("VSUBPS", form, false) }},
	{"From", 1, func(w *writer, form int) { w.arithmetic("VSUBPS", form, true) }},
	{"Mul", 1, func(w *writer, form int) { w.arithmetic("VMULPS", form, false) }},
	{"Div", 1, func(w *writer, form int) { w.arithmetic("VDIVPS", form, false) }},
	{"Into", 1, func(w *writer, form int) { w.arithmetic("VDIVPS", form, true) }},
	{"Neg", 0, func(w *writer, _ int) { w.negate() }},
	{"Eq", 1, func(w *writer, form int) { w.compare(0, form, false) }},
	{"Less", 1, func(w *writer, form int) { w.compare(17, form, false) }},
	{"Greater", 1, func(w *writer, form int) { w.compare(17, form, true) }},
	{"AtMost", 1, func(w *writer, form int) { w.compare(18, form, false) }},
	{"AtLeast", 1, func(w *writer, form int) { w.compare(18, form, true) }},
	{"Then", 2, func(w *writer, form int) { w.choose(form, 1) }},
	{"Else", 2, func(w *writer, form int) { w.choose(form, 2) }},
	{"Pick", 2, func(w *writer, form int) { w.choose(form, 0) }},
}

// forms is how many functions a kind has: which operands have one value a row.
const forms = 4

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.assembly, "\t"+format+"\n", args...)
}

func (w *writer) text(name, frame string) {
	fmt.Fprintf(&w.assembly, "\nTEXT ·%s(SB), NOSPLIT|NOFRAME, $0-%s\n", name, frame)
}

// function starts one that the table lists.
func (w *writer) function(name string) {
	w.code = append(w.code, name)
	w.text(name, "0")
}

func (w *writer) functions() {
	if !w.wide() {
		for i := range 2 * w.width {
			value := 0
			if i < w.width {
				value = 1<<32 - 1
			}
			fmt.Fprintf(&w.assembly, "\nDATA chainMasks<>+%d(SB)/4, $%#x", 4*i, value)
		}
		fmt.Fprintf(&w.assembly, "\nGLOBL chainMasks<>(SB), RODATA|NOPTR, $%d\n", 8*w.width)
	}
	w.text("chain"+w.title, "32")
	w.line("MOVQ steps+0(FP), DX")
	w.line("MOVQ rows+8(FP), R12")
	w.line("MOVQ cols+16(FP), R11")
	w.line("MOVQ code+24(FP), R13")
	w.line("XORQ R8, R8")
	w.line("XORQ R10, R10")
	w.line("MOVQ (R13), AX")
	w.line("JMP AX")

	w.function("chainPiece" + w.title)
	w.choosePiece()
	for _, w.piece = range pieces {
		for _, k := range kinds {
			for form := range forms {
				w.function(fmt.Sprintf("chain%s%dof%dx%d%s", k.name, form, w.piece.rows, w.piece.vectors, w.title))
				if k.emit == nil {
					w.end()
					continue
				}
				k.emit(w, form)
				w.line("ADDQ $%d, SI", stepBytes)
				w.line("MOVQ (SI), AX")
				w.line("MOVQ (R9)(AX*8), AX")
				w.line("JMP AX")
			}
		}
	}
	w.text("chainCode"+w.title, "8")
	w.line("MOVQ code+0(FP), BX")
	for i, name := range w.code {
		w.line("LEAQ ·%s(SB), AX", name)
		w.line("MOVQ AX, %d(BX)", 8*i)
	}
	w.line("RET")
}

// choosePiece begins a walk with the first piece that fits.
func (w *writer) choosePiece() {
	w.line("MOVQ DX, SI")
	w.line("MOVQ R11, CX")
	w.line("SUBQ R10, CX")
	w.line("MOVQ R12, BX")
	w.line("SUBQ R8, BX")
	for i, p := range pieces {
		next := fmt.Sprintf("after%dx%d", p.rows, p.vectors)
		switch {
		case p.rows > 1:
			w.line("CMPQ R11, $%d", p.vectors*w.width)
			w.line("JNE %s", next)
			w.line("CMPQ BX, $%d", p.rows)
			w.line("JLT %s", next)
		case p.vectors > 1:
			w.line("CMPQ CX, $%d", p.vectors*w.width)
			w.line("JLT %s", next)
		default:
			w.mask()
		}
		w.line("LEAQ %d(R13), R9", 8*(1+i*len(kinds)*forms))
		w.line("MOVQ (SI), AX")
		w.line("MOVQ (R9)(AX*8), AX")
		w.line("JMP AX")
		fmt.Fprintf(&w.assembly, "%s:\n", next)
	}
}

// mask makes the mask of the CX columns that are left.
func (w *writer) mask() {
	w.line("CMPQ CX, $%d", w.width)
	w.line("JLE some")
	w.line("MOVQ $%d, CX", w.width)
	fmt.Fprintln(&w.assembly, "some:")
	if w.wide() {
		w.line("MOVQ $1, AX")
		w.line("SHLQ CX, AX")
		w.line("DECQ AX")
		w.line("KMOVW AX, K1")
		return
	}
	w.line("LEAQ chainMasks<>(SB), AX")
	w.line("SHLQ $2, CX")
	w.line("SUBQ CX, AX")
	w.line("VMOVUPS 32(AX), Y%d", maskY)
}

func (w *writer) wide() bool { return w.width == 16 }

// end goes on to the next piece, the next row, or returns.
func (w *writer) end() {
	if w.piece.rows == 1 {
		w.line("ADDQ $%d, R10", w.piece.vectors*w.width)
		w.line("CMPQ R10, R11")
		w.line("JLT again")
		w.line("XORQ R10, R10")
	}
	w.line("ADDQ $%d, R8", w.piece.rows)
	w.line("CMPQ R8, R12")
	w.line("JLT again")
	w.line("VZEROUPPER")
	w.line("RET")
	fmt.Fprintln(&w.assembly, "again:")
	w.line("MOVQ (R13), AX")
	w.line("JMP AX")
}

// address is where the rows of an operand begin in a piece.
type address struct {
	base, row, rows3 string // registers: of the first row, and the distance times 1 and 3
	single           bool
	vector           int // with the one value of the first row, and those of the others after it
}

var addresses = [2]address{{base: "AX", row: "CX", rows3: "DI"},
	{base: "BX", row: "R14", rows3: "R15"}}

// operand prepares x or y.
func (w *writer) operand(k, form, vector int) address {
	a := addresses[k]
	a.single, a.vector = form>>k&1 == 1, vector
	at := 8 + 16*k
	w.line("MOVQ %d(SI), %s", at+8, a.row)
	w.line("MOVQ %s, %s", a.row, a.base)
	w.line("IMULQ R8, %s", a.base)
	if !a.single {
		w.line("ADDQ R10, %s", a.base)
	}
	w.line("SHLQ $2, %s", a.base)
	w.line("ADDQ %d(SI), %s", at, a.base)
	if w.piece.rows > 1 {
		w.line("SHLQ $2, %s", a.row)
	}
	if w.piece.rows > 2 {
		w.line("LEAQ (%s)(%s*2), %s", a.row, a.row, a.rows3)
	}
	if a.single {
		for row := range w.piece.rows {
			w.line("VBROADCASTSS %s, %s", a.at(row, 0), w.vector(vector+row))
		}
	}
	return a
}

// at is the memory so many bytes into a row.
func (a address) at(row, bytes int) string {
	return fmt.Sprintf("%d(%s)", bytes, a.base) +
		[]string{"", "(" + a.row + "*1)", "(" + a.row + "*2)", "(" + a.rows3 + "*1)"}[row]
}

// memory is vector i of the piece in an operand.
func (w *writer) memory(a address, i int) string {
	return a.at(i/w.piece.vectors, i%w.piece.vectors*4*w.width)
}

func (w *writer) vector(i int) string { return fmt.Sprintf("%s%d", w.register, i) }

// count is the vectors of the piece.
func (w *writer) count() int { return w.piece.rows * w.piece.vectors }

func (w *writer) masked() bool { return w.count() == 1 }

// value returns vector i of an operand: the memory if that will do, else a register, which is
// spare for those that must be loaded.
func (w *writer) value(a address, i, spare int, inRegister bool) string {
	if a.single {
		return w.vector(a.vector + i/w.piece.vectors)
	}
	memory, v := w.memory(a, i), w.vector(spare)
	switch {
	case w.masked() && w.wide():
		w.line("VMOVUPS.Z %s, K1, %s", memory, v)
	case w.masked():
		w.line("VMASKMOVPS %s, Y%d, %s", memory, maskY, v)
	case inRegister:
		w.line("VMOVUPS %s, %s", memory, v)
	default:
		return memory
	}
	return v
}

func (w *writer) load(form int) {
	x := w.operand(0, form, spare)
	for i := range w.count() {
		if v := w.value(x, i, i, true); v != w.vector(i) {
			w.line("VMOVAPS %s, %s", v, w.vector(i))
		}
	}
}

func (w *writer) store() {
	x := w.operand(0, 0, spare)
	for i := range w.count() {
		switch {
		case w.masked() && w.wide():
			w.line("VMOVUPS Z0, K1, %s", w.memory(x, i))
		case w.masked():
			w.line("VMASKMOVPS Y0, Y%d, %s", maskY, w.memory(x, i))
		default:
			w.line("VMOVUPS %s, %s", w.vector(i), w.memory(x, i))
		}
	}
}

// last is the last free vector.
func (w *writer) last() int {
	if w.wide() {
		return 31
	}
	return maskY - 1
}

// arithmetic computes v op x, or x op v.
func (w *writer) arithmetic(instruction string, form int, exchanged bool) {
	x := w.operand(0, form, spare)
	for i := range w.count() {
		v := w.vector(i)
		a, b := v, w.value(x, i, w.last()-i%2, exchanged)
		if exchanged {
			a, b = b, a
		}
		w.line("%s %s, %s, %s", instruction, b, a, v)
	}
}

func (w *writer) negate() {
	sign := w.vector(spare)
	w.line("MOVL $0x80000000, AX")
	instruction := "VPXOR"
	if w.wide() {
		instruction = "VPXORD"
		w.line("VPBROADCASTD AX, %s", sign)
	} else {
		w.line("VMOVD AX, X%d", spare)
		w.line("VPBROADCASTD X%d, %s", spare, sign)
	}
	for i := range w.count() {
		w.line("%s %s, %s, %s", instruction, sign, w.vector(i), w.vector(i))
	}
}

// compare computes the mask of v compared with x, or of x compared with v.
func (w *writer) compare(predicate, form int, exchanged bool) {
	x := w.operand(0, form, spare)
	for i := range w.count() {
		v := w.vector(i)
		a, b := v, w.value(x, i, w.last(), true)
		if exchanged {
			a, b = b, a
		}
		if w.wide() {
			w.line("VCMPPS $%d, %s, %s, K2", predicate, b, a)
			w.line("VPMOVM2D K2, %s", v)
			continue
		}
		w.line("VCMPPS $%d, %s, %s, %s", predicate, b, a, v)
	}
}

// choose selects by a mask. Of mask, what is taken where it is true and what is taken
// elsewhere, v is the one with the number role, and x and y are the others in their order.
func (w *writer) choose(form, role int) {
	x := w.operand(0, form, spare)
	second := spare // one value a row of both operands does not fit narrow registers
	if form&1 == 1 {
		second += w.piece.rows
	}
	y := w.operand(1, form, second)
	for i := range w.count() {
		v := w.vector(i)
		three := []string{w.value(x, i, w.last(), true), w.value(y, i, w.last()-1, true)}
		three = append(three[:role:role], append([]string{v}, three[role:]...)...)
		mask, then, other := three[0], three[1], three[2]
		if !w.wide() {
			w.line("VBLENDVPS %s, %s, %s, %s", mask, then, other, v)
			continue
		}
		// The number is the table of the results by v, the operand before it and the first.
		switch role {
		case 0:
			w.line("VPTERNLOGD $0xac, %s, %s, %s", then, other, v)
		case 1:
			w.line("VPTERNLOGD $0xe2, %s, %s, %s", other, mask, v)
		default:
			w.line("VPTERNLOGD $0xb8, %s, %s, %s", then, mask, v)
		}
	}
}
