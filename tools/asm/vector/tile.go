package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// operation is what a kernel does to the elements of its operands.
type operation struct {
	field    string // of the table of kernels
	operands int
	unroll   int      // vectors at once
	narrow   int      // vectors at once where registers are few; 0: unroll
	held     []string // constants that stay in registers, where there are enough
	memory   string   // operands, by letter, that the code may be given in memory
	code     func(w *writer, in []lanes) lanes

	// A result of the function besides the tile; nil for most.
	start, finish func(w *writer)
	result        string
}

// letters name the operands.
const letters = "abc"

// tile is a function that runs an operation on rows × cols elements, while it is emitted.
type tile struct {
	*writer
	operation
	form       int // its digits, the last operand's lowest, are 1 for one value a row
	dst, ldd   reg.Register
	in, ld     []reg.Register // of the operands
	rows, cols reg.Register
	x          reg.GPVirtual // the column
	rest       remainder
	values     []lanes           // of operands with one value a row
	unused     []reg.VecPhysical // by what is kept from row to row
}

// tile emits a function.
//
// A row is done in blocks of unroll vectors, then half as many, down to one, then what is
// left under a mask. Where rows touch, all of them are done as one.
func (w *writer) tile(o operation, name string, form int) {
	if !w.wide() && o.narrow > 0 {
		o.unroll = o.narrow
	}
	t := &tile{writer: w, operation: o, form: form, values: make([]lanes, o.operands)}
	t.declare(name)
	t.join()
	whole, blocks := w.GP64(), w.GP64()
	t.rest = w.split(t.cols, whole)
	w.MOVQ(whole, blocks)
	w.ANDQ(operand.I32(-o.unroll*w.width), blocks)
	if w.wide() {
		w.hold(o.held...)
	}
	if o.start != nil {
		o.start(w)
	}

	row, next := w.label("row"), w.label("next")
	w.Label(row)
	for k := range o.operands {
		if t.single(k) {
			r := w.take()
			w.VBROADCASTSS(operand.Mem{Base: t.in[k]}, r)
			t.values[k] = lanes{r}
		}
	}
	t.unused, t.x = w.free, w.GP64()
	w.XORQ(t.x, t.x)
	w.loop(t.x, blocks, o.unroll*w.width, func() { t.part(o.unroll, false) })
	for count := o.unroll / 2; count > 0; count /= 2 {
		skip := w.label("skip")
		w.TESTQ(operand.U32(count*w.width), whole)
		w.JE(operand.LabelRef(skip))
		t.part(count, false)
		w.ADDQ(operand.I32(count*w.width), t.x)
		w.Label(skip)
	}
	w.TESTQ(t.rest.count, t.rest.count)
	w.JE(operand.LabelRef(next))
	t.part(1, true)
	w.Label(next)
	w.LEAQ(operand.Mem{Base: t.dst, Index: t.ldd, Scale: 4}, t.dst)
	for k := range o.operands {
		w.LEAQ(operand.Mem{Base: t.in[k], Index: t.ld[k], Scale: 4}, t.in[k])
	}
	w.DECQ(t.rows)
	w.JNE(operand.LabelRef(row))
	if o.finish != nil {
		w.free = t.unused
		o.finish(w)
	}
	w.VZEROUPPER()
	w.RET()
}

// single reports whether an operand has one value a row.
func (t *tile) single(k int) bool { return t.form>>(t.operands-1-k)&1 == 1 }

// declare starts the function and loads its arguments.
func (t *tile) declare(name string) {
	pointers, distances := "dst", "ldd"
	for _, k := range letters[:t.operands] {
		pointers += ", " + string(k)
		distances += ", ld" + string(k)
	}
	t.function(name, fmt.Sprintf("func(%s *float32, rows, cols, %s int)%s",
		pointers, distances, t.result))
	argument := func(name string) reg.Register { return t.Load(t.Param(name), t.GP64()) }
	t.dst, t.ldd = argument("dst"), argument("ldd")
	for _, k := range letters[:t.operands] {
		t.in = append(t.in, argument(string(k)))
		t.ld = append(t.ld, argument("ld"+string(k)))
	}
	t.rows, t.cols = argument("rows"), argument("cols")
}

// join makes one row of all where they touch: where every operand's distance is the number
// of columns, or 0 for one that has a value a row.
func (t *tile) join() {
	apart := operand.LabelRef(t.label("apart"))
	t.CMPQ(t.ldd, t.cols)
	t.JNE(apart)
	for k, ld := range t.ld {
		if t.single(k) {
			t.TESTQ(ld, ld)
		} else {
			t.CMPQ(ld, t.cols)
		}
		t.JNE(apart)
	}
	t.IMULQ(t.rows, t.cols)
	t.MOVQ(operand.U32(1), t.rows)
	t.Label(string(apart))
}

// part emits the operation on count vectors at x, or on what is left of a row.
func (t *tile) part(count int, masked bool) {
	t.free, t.scratch, t.count = append([]reg.VecPhysical(nil), t.unused...), nil, count
	at := func(base reg.Register) lanes {
		l := make(lanes, count)
		for u := range l {
			l[u] = operand.Mem{Base: base, Index: t.x, Scale: 4, Disp: 4 * t.width * u}
		}
		return l
	}
	args := make([]lanes, t.operands)
	for k := range args {
		switch {
		case t.single(k):
			args[k] = t.values[k]
		case masked:
			args[k] = t.fresh()
			t.rest.load(t.writer, args[k][0], at(t.in[k])[0])
		case strings.Contains(t.memory, letters[k:k+1]):
			args[k] = at(t.in[k])
		default:
			args[k] = t.fresh()
			t.each(t.VMOVUPS, at(t.in[k]), args[k])
		}
	}
	out := t.code(t.writer, args)
	if masked {
		t.rest.store(t.writer, out.at(0), at(t.dst)[0])
	} else {
		t.each(t.VMOVUPS, out, at(t.dst))
	}
}

// loop emits a loop that moves x by step up to end; x is a multiple of step less than or
// equal to end when it starts.
func (w *writer) loop(x, end reg.GPVirtual, step int, body func()) {
	again, done := w.label("loop"), w.label("done")
	w.CMPQ(x, end)
	w.JGE(operand.LabelRef(done))
	w.Label(again)
	body()
	w.ADDQ(operand.I32(step), x)
	w.CMPQ(x, end)
	w.JLT(operand.LabelRef(again))
	w.Label(done)
}

// advance moves a pointer by a distance in elements.
func (w *writer) advance(p reg.Register, distance string) {
	ld := w.Load(w.Param(distance), w.GP64())
	w.LEAQ(operand.Mem{Base: p, Index: ld, Scale: 4}, p)
}

// remainder is the elements of a row after its whole vectors: their number and a mask.
type remainder struct {
	count reg.GPVirtual
	mask  reg.Register
}

// split sets whole to the elements of a row that fill vectors.
func (w *writer) split(cols reg.Register, whole reg.GPVirtual) remainder {
	rest := remainder{count: w.GP64()}
	w.MOVQ(cols, rest.count)
	w.ANDQ(operand.I32(w.width-1), rest.count)
	w.MOVQ(cols, whole)
	w.SUBQ(rest.count, whole)
	if w.wide() {
		w.MOVQ(rest.count, reg.RCX)
		bits := w.GP32()
		w.MOVL(operand.U32(1), bits)
		w.SHLL(reg.CL, bits)
		w.DECL(bits)
		w.KMOVW(bits, reg.K1)
		rest.mask = reg.K1
		return rest
	}
	m := w.take()
	window, at := w.GP64(), w.GP64()
	w.LEAQ(w.maskWindow(), window)
	w.MOVQ(rest.count, at)
	w.NEGQ(at)
	w.VMOVUPS(operand.Mem{Base: window, Index: at, Scale: 4, Disp: 4 * columnLanes}, m)
	rest.mask = m
	return rest
}

// firstLanes makes the mask of the first count lanes, of all of them if count is larger.
func (w *writer) firstLanes(count reg.GPVirtual, vector reg.VecPhysical) remainder {
	n, most := w.GP64(), w.GP64()
	w.MOVQ(count, n)
	w.MOVQ(operand.U32(w.width), most)
	w.CMPQ(n, most)
	w.CMOVQGT(most, n)
	if w.wide() {
		ones := w.GP32()
		w.MOVQ(n, reg.RCX)
		w.MOVL(operand.U32(1), ones)
		w.SHLL(reg.CL, ones)
		w.DECL(ones)
		w.KMOVW(ones, reg.K1)
		return remainder{mask: reg.K1}
	}
	window := w.GP64()
	w.LEAQ(w.maskWindow(), window)
	w.NEGQ(n)
	w.VMOVUPS(operand.Mem{Base: window, Index: n, Scale: 4, Disp: 4 * columnLanes}, vector)
	return remainder{mask: vector}
}

// maskWindow is a row of sixteen ones and sixteen zeros; a mask for n elements is what
// starts n before the zeros.
func (w *writer) maskWindow() operand.Mem {
	m, ok := w.data["window"]
	if !ok {
		m = w.StaticGlobal("window" + w.title)
		w.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 2 * columnLanes {
			v := operand.U32(0xffffffff)
			if i >= columnLanes {
				v = 0
			}
			w.AddDatum(4*i, v)
		}
		w.data["window"] = m
	}
	return m
}

func (r remainder) load(w *writer, to, from operand.Op) {
	if w.wide() {
		w.VMOVUPS_Z(from, r.mask, to)
		return
	}
	w.VMASKMOVPS(from, r.mask, to)
}

func (r remainder) store(w *writer, from, to operand.Op) {
	if w.wide() {
		w.VMOVUPS(from, r.mask, to)
		return
	}
	w.VMASKMOVPS(from, r.mask, to)
}
