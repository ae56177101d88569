package reference

import "slices"

// buffer is memory that several slots use one after the other.
type buffer struct {
	kind storage
	size int
}

// arena is the memory of one run: what every slot holds.
type arena struct{ data []any }

func newArena(p *Program) *arena {
	m := &arena{data: make([]any, len(p.slots))}
	memory := make([]any, len(p.buffers))
	for i, b := range p.buffers {
		memory[i] = allocate(b.kind, b.size)
	}
	for i, s := range p.slots {
		switch {
		case s.data != nil:
			m.data[i] = s.data
		case s.owned:
			m.data[i] = first(memory[s.buffer], s.size)
		}
	}
	return m
}

func allocate(kind storage, size int) any {
	switch kind {
	case inFloat32:
		return make([]float32, size)
	case inFloat64:
		return make([]float64, size)
	case inInt32:
		return make([]int32, size)
	default:
		return make([]bool, size)
	}
}

func first(memory any, size int) any {
	switch memory := memory.(type) {
	case []float32:
		return memory[:size]
	case []float64:
		return memory[:size]
	case []int32:
		return memory[:size]
	default:
		return memory.([]bool)[:size]
	}
}

// plan gives every owned slot a buffer from the step that fills it to the last one
// that reads it. A workspace is filled by the step that reads it.
func (c *compiler) plan() {
	for i, s := range c.steps {
		c.slots[s.out].lastUse = i // if nothing reads it
		for _, k := range s.in {
			c.slots[k].lastUse = i
		}
	}
	for _, v := range c.results {
		c.slots[v.slot].lastUse = len(c.steps)
	}
	var free [inBool + 1][]int // buffers by kind
	held := map[int]bool{}     // slots
	for i, s := range c.steps {
		overwritten := c.reusable(i)
		if overwritten >= 0 {
			c.slots[s.out].buffer = c.slots[overwritten].buffer
			held[s.out], held[overwritten] = true, false
		}
		used := slices.Concat(s.in, []int{s.out})
		for _, k := range used {
			if x := &c.slots[k]; x.owned && !held[k] && k != overwritten {
				x.buffer, free[x.kind] = c.buffer(free[x.kind], x.kind, x.size)
				held[k] = true
			}
		}
		for _, k := range used {
			if x := c.slots[k]; held[k] && x.lastUse == i {
				held[k] = false
				free[x.kind] = append(free[x.kind], x.buffer)
			}
		}
	}
}

// buffer takes the smallest of the free buffers that holds size elements. If none
// does the largest grows, and if there is none a new one is made.
func (c *compiler) buffer(free []int, kind storage, size int) (int, []int) {
	if len(free) == 0 {
		c.buffers = append(c.buffers, buffer{kind, size})
		return len(c.buffers) - 1, free
	}
	best := 0
	for i, b := range free {
		got, held := c.buffers[b].size, c.buffers[free[best]].size
		if got >= size && (held < size || got <= held) || got < size && held < got {
			best = i
		}
	}
	taken := free[best]
	c.buffers[taken].size = max(c.buffers[taken].size, size)
	return taken, slices.Delete(free, best, best+1)
}

// reusable returns an operand of step i that the result may overwrite, or -1: an
// elementwise step reads every element of an aligned operand just before it writes
// there.
func (c *compiler) reusable(i int) int {
	s := c.steps[i]
	for j, aligned := range s.aligned {
		x := c.slots[s.in[j]]
		if aligned && x.owned && x.lastUse == i && x.kind == c.slots[s.out].kind {
			return s.in[j]
		}
	}
	return -1
}
