package exec

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/philox"
)

func gather(c *compiler, n *graph.Node) (view, error) {
	table := n.Inputs()[0].Shape()
	s := &gathering{rows: table[0], width: table.Size() / table[0]}
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
	rows, width int
	table, ids  view
	out         *value
}

func (s *gathering) scratch() int { return 0 }

func (s *gathering) run(m *memory) error {
	dst, table := m.words(s.out), m.words(s.table.value)[s.table.offset:]
	ids := m.integers(s.ids.value)[s.ids.offset:][:len(dst)/s.width]
	for i, id := range ids {
		if err := outside(ids, i, s.rows); err != nil {
			return err
		}
		copy(dst[i*s.width:(i+1)*s.width], table[int(id)*s.width:])
	}
	return nil
}

func scatterAdd(c *compiler, n *graph.Node) (view, error) {
	rows := n.Attrs().N
	s := &scattering{rows: rows, width: n.Shape().Size() / rows}
	s.count = n.Inputs()[0].Shape().Size()
	s.ids, s.updates = c.denseInput(n, 0), c.denseInput(n, 1)
	s.out = c.make(n, inFloat32, n.Shape().Size(), s, s.ids, s.updates)
	return whole(s.out, n.Shape()), nil
}

// scattering adds rows to a table of zeros, in order.
type scattering struct {
	rows, width, count int
	ids, updates       view
	out                *value
}

func (s *scattering) scratch() int { return 0 }

func (s *scattering) run(m *memory) error {
	dst, updates := m.floats(s.out), m.floats(s.updates.value)[s.updates.offset:]
	ids := m.integers(s.ids.value)[s.ids.offset:][:s.count]
	clear(dst)
	for i, id := range ids {
		if err := outside(ids, i, s.rows); err != nil {
			return err
		}
		row := dst[int(id)*s.width : (int(id)+1)*s.width]
		for j, u := range updates[i*s.width : (i+1)*s.width] {
			row[j] += u
		}
	}
	return nil
}

func uniform(c *compiler, n *graph.Node) (view, error) {
	s := &drawing{key: c.denseInput(n, 0)}
	s.out = c.make(n, inFloat32, n.Shape().Size(), s, s.key)
	return whole(s.out, n.Shape()), nil
}

// drawing fills a value from a key's stream.
type drawing struct {
	key view
	out *value
}

func (s *drawing) scratch() int { return 0 }

func (s *drawing) run(m *memory) error {
	key := m.integers(s.key.value)[s.key.offset:]
	philox.Fill(m.floats(s.out), [2]uint32{uint32(key[0]), uint32(key[1])})
	return nil
}
