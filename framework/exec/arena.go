package exec

// arena is the memory of one run: what every slot holds, and stretches free
// for reuse.
type arena struct {
	data []any
	free map[block][]any
}

type block struct {
	kind storage
	size int
}

func newArena(slots int) *arena { return &arena{data: make([]any, slots), free: map[block][]any{}} }

// take returns memory of any content.
func (m *arena) take(kind storage, size int) any {
	b := block{kind, size}
	if list := m.free[b]; len(list) > 0 {
		data := list[len(list)-1]
		m.free[b] = list[:len(list)-1]
		return data
	}
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

// give returns memory that was taken.
func (m *arena) give(data any) {
	b := block{}
	switch data := data.(type) {
	case []float32:
		b = block{inFloat32, len(data)}
	case []float64:
		b = block{inFloat64, len(data)}
	case []int32:
		b = block{inInt32, len(data)}
	case []bool:
		b = block{inBool, len(data)}
	}
	m.free[b] = append(m.free[b], data)
}
