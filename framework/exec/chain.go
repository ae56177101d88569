package exec

import (
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// link is a step of a chain of operations, whose value stays in registers.
type link struct {
	kind   kernel.StepKind
	x, y   argument
	single [2]bool // x, y have one value a row
}

func (l *link) access() access {
	if l.kind == kernel.StepStore {
		return access{dst: &l.x, onto: true}
	}
	return access{in: []*argument{&l.x, &l.y}[:l.operands()]}
}

// access is what an instruction, or a link of a chain, reads and writes.
type access struct {
	in   []*argument
	dst  *argument // or nil
	onto bool      // dst may lie on an operand
}

// accesses returns those of an instruction in their order.
func (x *instruction) accesses() (all []access) {
	switch x.form {
	case nothing:
	case chainForm:
		for i := range x.links {
			all = append(all, x.links[i].access())
		}
	default:
		a := access{dst: &x.dst, onto: x.form <= choiceForm}
		for i := range x.inputs() {
			a.in = append(a.in, &x.in[i])
		}
		all = append(all, a)
	}
	return all
}

// inputs returns the operands of an instruction that is no chain.
func (x *instruction) inputs() []argument {
	switch x.form {
	case unaryForm, reduceForm:
		return x.in[:1]
	case binaryForm, dotForm:
		return x.in[:2]
	default:
		return x.in[:]
	}
}

// linker makes chains of the instructions of a cluster.
type linker struct {
	*builder
	reads []int // of every slot
	maker []int // the instruction that makes a slot, -1: it is there before
	tail  []int // the instruction whose value at its end a slot is, or -1
}

// link makes chains: an operation goes to the end of the one whose result it reads, or that
// one comes to it, if what they read and make allows it. A sum along rows computes the
// products that only it reads.
func (b *builder) link() {
	n := b.count()
	l := &linker{b, make([]int, n), make([]int, n), make([]int, n)}
	for slot := range n {
		l.maker[slot], l.tail[slot] = -1, -1
	}
	for i := range b.instructions {
		for _, a := range b.instructions[i].inputs() {
			l.reads[a.slot]++
		}
	}
	l.sumProducts()
	for i := range b.instructions {
		x := &b.instructions[i]
		if x.form == nothing {
			continue
		}
		at, slot := i, x.dst.slot
		if x.chainable() {
			at = l.extend(i)
			l.tail[slot] = at
		}
		l.maker[slot] = at
	}
	for i := range b.instructions {
		if x := &b.instructions[i]; x.form == chainForm {
			x.links = append(x.links, link{kind: kernel.StepStore, x: x.dst})
		}
	}
	b.instructions = slices.DeleteFunc(b.instructions,
		func(x instruction) bool { return x.form == nothing })
}

// sumProducts makes one instruction of a product and the sum that reads it.
func (l *linker) sumProducts() {
	products := map[int]*instruction{} // by their slot
	for i := range l.instructions {
		x := &l.instructions[i]
		y := products[x.in[0].slot]
		switch {
		case x.form == binaryForm && x.op == graph.OpMul && !x.single[0] && !x.single[1]:
			products[x.dst.slot] = x
		case x.form == reduceForm && x.dot != nil && y != nil && y.shape == x.shape &&
			!l.kept(x.in[0].slot):
			x.form, x.in = dotForm, y.in
			y.form = nothing
		}
	}
}

// kept reports whether a slot is needed apart from one instruction that reads it.
func (l *linker) kept(slot int) bool { return slot < len(l.operands) || l.reads[slot] > 1 }

// chainable reports whether an instruction can be part of a chain.
func (x *instruction) chainable() bool {
	if x.shape != tile || x.form > choiceForm {
		return false
	}
	switch x.op {
	case graph.OpAdd, graph.OpSub, graph.OpMul, graph.OpDiv, graph.OpNeg, graph.OpSelect,
		graph.OpEq, graph.OpLt, graph.OpLe:
		return true
	}
	return false
}

// extend adds instruction i to one that ends with an operand of it, if there is one, and
// returns where the instruction is then.
func (l *linker) extend(i int) int {
	x := &l.instructions[i]
	for k, a := range x.inputs() {
		at := l.tail[a.slot]
		if at < 0 || x.single[k] {
			continue
		}
		y := &l.instructions[at]
		both := instruction{form: chainForm, links: l.join(y, x, k), dst: x.dst}
		switch {
		case l.ready(x, at):
			l.tail[a.slot] = -1
			y.form, *y = nothing, both
			x.form = nothing
			return at
		case l.unread(at, i):
			l.tail[a.slot] = -1
			y.form, *x = nothing, both
			for slot, m := range l.maker {
				if m == at {
					l.maker[slot] = i
				}
			}
			return i
		}
	}
	return i
}

// ready reports whether all operands of an instruction are there after instruction at.
func (l *linker) ready(x *instruction, at int) bool {
	return !slices.ContainsFunc(x.inputs(), func(a argument) bool { return l.maker[a.slot] > at })
}

// unread reports whether nothing between two instructions reads what the first makes.
func (l *linker) unread(first, second int) bool {
	for i := first + 1; i < second; i++ {
		for _, x := range l.instructions[i].accesses() {
			for _, a := range x.in {
				if l.maker[a.slot] == first {
					return false
				}
			}
		}
	}
	return true
}

// join returns the links of y and of x, whose operand k is what y makes.
func (l *linker) join(y, x *instruction, k int) []link {
	links := slices.Clone(y.links)
	if y.form != chainForm {
		first := y.first()
		links = []link{{kind: kernel.StepLoad, x: y.in[first], single: [2]bool{y.single[first]}},
			y.link(first)}
	}
	if l.kept(y.dst.slot) {
		links = append(links, link{kind: kernel.StepStore, x: y.dst})
	}
	return append(links, x.link(k))
}

// first is the operand with which a chain begins: one with a value for every column.
func (x *instruction) first() int {
	for k := range x.inputs() {
		if !x.single[k] {
			return k
		}
	}
	return 0
}

// link returns an operation on the value of a chain, its operand k.
func (x *instruction) link(k int) link {
	others := make([]int, 0, 2)
	for i := range x.inputs() {
		if i != k {
			others = append(others, i)
		}
	}
	kinds := map[graph.Op][3]kernel.StepKind{
		graph.OpAdd:    {kernel.StepAdd, kernel.StepAdd},
		graph.OpSub:    {kernel.StepSub, kernel.StepFrom},
		graph.OpMul:    {kernel.StepMul, kernel.StepMul},
		graph.OpDiv:    {kernel.StepDiv, kernel.StepInto},
		graph.OpNeg:    {kernel.StepNeg},
		graph.OpEq:     {kernel.StepEq, kernel.StepEq},
		graph.OpLt:     {kernel.StepLess, kernel.StepGreater},
		graph.OpLe:     {kernel.StepAtMost, kernel.StepAtLeast},
		graph.OpSelect: {kernel.StepPick, kernel.StepThen, kernel.StepElse},
	}
	to := link{kind: kinds[x.op][k]}
	for i, other := range others {
		to.single[i] = x.single[other]
		if i == 0 {
			to.x = x.in[other]
		} else {
			to.y = x.in[other]
		}
	}
	return to
}

// prepare makes the steps of all chains, but for the addresses, which a block brings.
func (b *builder) prepare() {
	_, cols := b.walk.rows()
	for i := range b.instructions {
		x := &b.instructions[i]
		if x.form != chainForm {
			continue
		}
		x.from, x.dense = len(b.steps), true
		for _, l := range x.links {
			b.steps = append(b.steps, kernel.Step{Code: l.kind.Code(l.single[0], l.single[1]),
				RowX: l.x.ld, RowY: l.y.ld})
			for k, a := range []argument{l.x, l.y}[:l.operands()] {
				x.dense = x.dense && !l.single[k] && a.ld == cols
			}
		}
		b.steps = append(b.steps, kernel.Step{})
	}
}

// operands returns how many a link has.
func (l *link) operands() int {
	switch l.kind {
	case kernel.StepNeg:
		return 0
	case kernel.StepThen, kernel.StepElse, kernel.StepPick:
		return 2
	}
	return 1
}

// runChain runs a chain on a block.
func (s *cluster) runChain(x *instruction, b *block, memory []kernel.Step) {
	steps := memory[x.from:][:len(x.links)+1]
	for i := range x.links {
		l := &x.links[i]
		steps[i].X, steps[i].Y = b.slots[l.x.slot], b.slots[l.y.slot]
	}
	rows, cols := b.height, b.width
	if _, all := s.walk.rows(); x.dense && cols == all {
		rows, cols = 1, rows*cols
	}
	s.runSteps(steps, rows, cols)
}
