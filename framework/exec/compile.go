package exec

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// compiler turns the nodes of a function into units, one by one in post-order.
type compiler struct {
	f         *graph.Func
	table     *kernel.Table
	views     map[*graph.Node]view
	orders    map[*graph.Node][]int
	units     []*unit
	constants []uint32
	scalars   map[scalar]*value
	copies    map[string]view // by what they are copies of
	arguments map[*graph.Node]int
	waits     map[*graph.Node][]*value // of who reads a node that is not computed by itself
	epilogues map[*graph.Node]epilogue
	absorbed  map[*graph.Node]bool // by a product
}

// scalar is a constant of one word.
type scalar struct {
	kind storage
	word uint32
}

// unit is what runs as one: it reads values and makes others.
type unit struct {
	node          *graph.Node
	reads, writes []*value
	waits         []*value  // made before it for another reason
	members       []*member // of a cluster, whose step is built when it is complete
	space         indexSpace
	step          step
}

// step is a unit made ready to run, which is immutable.
type step interface {
	// run computes what the unit makes. Its error says what is wrong with the values.
	run(m *memory) error
	// scratch returns how many words of memory a run needs besides the values.
	scratch() int
}

// rule makes what one node needs: a unit, or only another way to read a value that is
// there.
type rule func(c *compiler, n *graph.Node) (view, error)

// inputs returns the operands of n. The nodes come in post-order, so they are there.
func (c *compiler) inputs(n *graph.Node) []view {
	in := make([]view, len(n.Inputs()))
	for i, x := range n.Inputs() {
		in[i] = c.views[x]
	}
	return in
}

// make adds a unit that makes a value of n.
func (c *compiler) make(n *graph.Node, kind storage, size int, step step, in ...view) *value {
	v := &value{node: n, kind: kind, size: size}
	u := &unit{node: n, writes: []*value{v}, step: step}
	for _, x := range in {
		u.reads = append(u.reads, x.value)
	}
	c.units = append(c.units, u)
	return v
}

// whole is the view of a value that is dense in row-major order.
func whole(v *value, shape graph.Shape) view { return view{value: v, strides: rowMajor(shape)} }

// scalar returns a constant of one word, read with stride 0.
func (c *compiler) scalar(kind storage, word uint32, rank int) view {
	v := c.scalars[scalar{kind, word}]
	if v == nil {
		v = c.constant(nil, kind, []uint32{word})
		c.scalars[scalar{kind, word}] = v
	}
	return view{value: v, strides: make([]int, rank)}
}

func (c *compiler) float(x float32, rank int) view {
	return c.scalar(inFloat32, math.Float32bits(x), rank)
}

// constant adds words to the constants.
func (c *compiler) constant(n *graph.Node, kind storage, words []uint32) *value {
	v := &value{node: n, kind: kind, size: len(words) / kind.words(), space: inConstants,
		offset: len(c.constants)}
	c.constants = append(c.constants, words...)
	for len(c.constants)%line != 0 {
		c.constants = append(c.constants, 0)
	}
	return v
}

// dense returns x stored in row-major order. A copy is made once for all users.
func (c *compiler) dense(n *graph.Node, x view, shape graph.Shape) view {
	if x.dense(shape) {
		return x
	}
	return c.copied(n, x, shape, rowMajor(shape))
}

// copied returns a copy of x stored by the given strides, which must be dense.
func (c *compiler) copied(n *graph.Node, x view, shape graph.Shape, strides []int) view {
	key := fmt.Sprintf("%p %d %v %v %v", x.value, x.offset, shape, x.strides, strides)
	if v, ok := c.copies[key]; ok {
		return v
	}
	move := &movement{table: c.table}
	v := c.make(n, x.value.kind, shape.Size(), move, x)
	move.to = v
	move.pieces = []piece{newPiece(x, shape, 0, strides)}
	made := view{value: v, strides: strides}
	c.copies[key] = made
	return made
}

// single reports whether n and all its operands are held in 32-bit words.
func single(n *graph.Node) bool {
	wide := func(x *graph.Node) bool { return x.DType() == graph.Float64 }
	return !wide(n) && !slices.ContainsFunc(n.Inputs(), wide)
}

// lower makes the units of all nodes.
func (c *compiler) lower() error {
	for _, n := range c.f.Nodes() {
		if c.absorbed[n] {
			c.wait(n, nil)
			continue
		}
		rule := rules[n.Op()]
		if !single(n) && !slices.Contains(leaves, n.Op()) {
			rule = foreign
		}
		if e, ok := c.epilogues[n]; ok {
			rule = func(c *compiler, n *graph.Node) (view, error) { return c.product(n, e) }
		}
		before := len(c.units)
		v, err := rule(c, n)
		if err != nil {
			return at(n, err)
		}
		c.views[n] = v
		c.wait(n, c.units[before:])
	}
	return nil
}

// wait hands what n's operands wait for to the units that were made for n or, if there are
// none, to whoever reads n. What several operands wait for is there once: what passes
// through many edges unchanged would otherwise multiply at each.
func (c *compiler) wait(n *graph.Node, units []*unit) {
	var waits []*value
	var there map[*value]bool
	add := func(values ...*value) {
		for _, v := range values {
			if !there[v] {
				if there == nil {
					there = map[*value]bool{}
				}
				there[v] = true
				waits = append(waits, v)
			}
		}
	}
	for i, x := range n.Inputs() {
		add(c.waits[x]...)
		if n.Op() == graph.OpAfter && i > 0 {
			add(c.views[x].value)
		}
	}
	if len(units) == 0 && waits != nil {
		c.waits[n] = waits
	}
	for _, u := range units {
		u.waits = waits
	}
}

func refuse(hint string) rule {
	return func(*compiler, *graph.Node) (view, error) {
		return view{}, fmt.Errorf("cannot be executed; %s", hint)
	}
}

// at names the operation and the author's line in an error.
func at(n *graph.Node, err error) error {
	if n.Pos() == "" {
		return fmt.Errorf("%v: %w", n.Op(), err)
	}
	return fmt.Errorf("%s: %v: %w", n.Pos(), n.Op(), err)
}
