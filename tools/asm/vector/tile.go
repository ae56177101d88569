package main

import (
	"fmt"
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

const letters = "abc"

// tile emits a function that runs an operation on rows × cols elements. The digits of
// form, the last operand's lowest, are 1 where an operand has one value a row.
//
// A row is done in blocks of unroll vectors, then half as many, down to one, then what is
// left under a mask. Where rows touch, all of them are done as one.
func (w *writer) tile(o operation, name string, form int) {
	if !w.wide() && o.narrow > 0 {
		o.unroll = o.narrow
	}
	single := func(k int) bool { return form>>(o.operands-1-k)&1 == 1 }
	pointers, distances := "dst", "ldd"
	for k := range o.operands {
		pointers += ", " + letters[k:k+1]
		distances += ", ld" + letters[k:k+1]
	}
	w.function(name, fmt.Sprintf("func(%s *float32, rows, cols, %s int)%s",
		pointers, distances, o.result))

	dst := w.Load(w.Param("dst"), w.GP64())
	var in []reg.Register
	for k := range o.operands {
		in = append(in, w.Load(w.Param(letters[k:k+1]), w.GP64()))
	}
	rows, cols := w.Load(w.Param("rows"), w.GP64()), w.Load(w.Param("cols"), w.GP64())

	apart := w.label("apart")
	ldd := w.Load(w.Param("ldd"), w.GP64())
	var ld []reg.Register
	for k := range o.operands {
		ld = append(ld, w.Load(w.Param("ld"+letters[k:k+1]), w.GP64()))
	}
	w.CMPQ(ldd, cols)
	w.JNE(operand.LabelRef(apart))
	for k := range o.operands {
		if single(k) {
			w.TESTQ(ld[k], ld[k])
		} else {
			w.CMPQ(ld[k], cols)
		}
		w.JNE(operand.LabelRef(apart))
	}
	w.IMULQ(rows, cols)
	w.MOVQ(operand.U32(1), rows)
	w.Label(apart)

	whole, blocks := w.GP64(), w.GP64()
	rest := w.split(cols, whole)
	w.MOVQ(whole, blocks)
	w.ANDQ(operand.I32(-o.unroll*w.width), blocks)
	if w.wide() {
		w.hold(o.held...)
	}
	if o.start != nil {
		o.start(w)
	}

	row := w.label("row")
	w.Label(row)
	values := make([]lanes, o.operands)
	for k := range o.operands {
		if single(k) {
			r := w.take()
			w.VBROADCASTSS(operand.Mem{Base: in[k]}, r)
			values[k] = lanes{r}
		}
	}
	x := w.GP64()
	w.XORQ(x, x)
	free := w.free
	run := func(count int, masked bool) {
		w.free, w.scratch, w.count = append([]reg.VecPhysical(nil), free...), nil, count
		at := func(base reg.Register) lanes {
			l := make(lanes, count)
			for u := range l {
				l[u] = operand.Mem{Base: base, Index: x, Scale: 4, Disp: 4 * w.width * u}
			}
			return l
		}
		args := make([]lanes, o.operands)
		for k := range args {
			switch {
			case single(k):
				args[k] = values[k]
			case masked:
				args[k] = w.fresh()
				rest.load(w, args[k][0], at(in[k])[0])
			case inString(letters[k], o.memory):
				args[k] = at(in[k])
			default:
				args[k] = w.fresh()
				w.each(w.VMOVUPS, at(in[k]), args[k])
			}
		}
		out := o.code(w, args)
		if masked {
			rest.store(w, out.at(0), at(dst)[0])
		} else {
			w.each(w.VMOVUPS, out, at(dst))
		}
	}
	w.loop(x, blocks, o.unroll*w.width, func() { run(o.unroll, false) })
	for count := o.unroll / 2; count > 0; count /= 2 {
		skip := w.label("skip")
		w.TESTQ(operand.U32(count*w.width), whole)
		w.JE(operand.LabelRef(skip))
		run(count, false)
		w.ADDQ(operand.I32(count*w.width), x)
		w.Label(skip)
	}
	next := w.label("next")
	w.TESTQ(rest.count, rest.count)
	w.JE(operand.LabelRef(next))
	run(1, true)
	w.Label(next)
	w.LEAQ(operand.Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	for k := range o.operands {
		w.LEAQ(operand.Mem{Base: in[k], Index: ld[k], Scale: 4}, in[k])
	}
	w.DECQ(rows)
	w.JNE(operand.LabelRef(row))
	if o.finish != nil {
		w.free = free
		o.finish(w)
	}
	w.VZEROUPPER()
	w.RET()
}

func inString(c byte, s string) bool {
	for i := range len(s) {
		if s[i] == c {
			return true
		}
	}
	return false
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
