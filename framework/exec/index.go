package exec

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

func gather(c *compiler, n *graph.Node) (view, error) {
	table := n.Inputs()[0].Shape()
	s := &gathering{gather: c.table.Gather, rows: table[0], width: table.Size() / table[0]}
	s.table, s.ids = c.denseInput(n, 0), c.denseInput(n, 1)
	s.out = c.make(n, storageOf(n.DType()), n.Shape().Size(), s, s.table, s.ids)
	return whole(s.out, n.Shape()), nil
}

// denseInput returns an operand of n in row-major order.
func (c *compiler) denseInput(n *graph.Node, i int) view {
	x := n.Inputs()[i]
	return c.dense(n, c.views[x], x.Shape())
}

// gathering copies rows of a table.
type gathering struct {
	gather      kernel.Indexed
	rows, width int
	table, ids  view
	out         *value
}

func (s *gathering) scratch() int { return 0 }

func (s *gathering) run(m *memory) error {
	ids := m.integers(s.ids.value)[s.ids.offset:][:s.out.size/s.width]
	if err := within(ids, s.rows); err != nil {
		return err
	}
	s.gather(m.at(s.out, 0), m.at(s.table.value, s.table.offset), &ids[0], len(ids), s.width,
		s.width, s.width)
	return nil
}

// within checks that all ids are those of one of so many rows.
func within(ids []int32, rows int) error {
	for i := range ids {
		if err := outside(ids, i, rows); err != nil {
			return err
		}
	}
	return nil
}

func scatterAdd(c *compiler, n *graph.Node) (view, error) {
	rows := n.Attrs().N
	s := &scattering{add: c.table.AddRows, rows: rows, width: n.Shape().Size() / rows}
	s.count = n.Inputs()[0].Shape().Size()
	s.ids, s.updates = c.denseInput(n, 0), c.denseInput(n, 1)
	s.out = c.make(n, inFloat32, n.Shape().Size(), s, s.ids, s.updates)
	return whole(s.out, n.Shape()), nil
}

// scattering adds rows to a table of zeros, in order.
type scattering struct {
	add                kernel.Indexed
	rows, width, count int
	ids, updates       view
	out                *value
}

func (s *scattering) scratch() int { return 0 }

func (s *scattering) run(m *memory) error {
	ids := m.integers(s.ids.value)[s.ids.offset:][:s.count]
	if err := within(ids, s.rows); err != nil {
		return err
	}
	clear(m.floats(s.out))
	s.add(m.at(s.out, 0), m.at(s.updates.value, s.updates.offset), &ids[0], len(ids), s.width,
		s.width, s.width)
	return nil
}

func uniform(c *compiler, n *graph.Node) (view, error) {
	s := &drawing{draw: c.table.Uniform, key: c.denseInput(n, 0)}
	s.out = c.make(n, inFloat32, n.Shape().Size(), s, s.key)
	return whole(s.out, n.Shape()), nil
}

// drawing fills a value from a key's stream.
type drawing struct {
	draw func(dst *float32, first, count int, key0, key1 uint32)
	key  view
	out  *value
}

func (s *drawing) scratch() int { return 0 }

func (s *drawing) run(m *memory) error {
	key := m.integers(s.key.value)[s.key.offset:]
	const block = 1 << 16 // a kernel is not interrupted
	for first := 0; first < s.out.size; first += block {
		s.draw(m.at(s.out, first), first, min(block, s.out.size-first), uint32(key[0]), uint32(key[1]))
	}
	return nil
}
