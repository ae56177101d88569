package exec

import (
	"unsafe"
)

// line is the words of a cache line. Values begin at multiples of it.
const line = 16

// memory is what a run works on: an arena, the constants and the caller's arguments and
// results.
type memory struct {
	arena   []float32
	base    []unsafe.Pointer // by space
	scratch []float32
	offsets []int         // of a cluster's operands
	slots   [2][]*float32 // likewise, and of its temporaries, for a block and the next
}

func newMemory(p *Program) *memory {
	m := &memory{base: make([]unsafe.Pointer, p.spaces), offsets: make([]int, p.slots)}
	for i := range m.slots {
		m.slots[i] = make([]*float32, p.slots)
	}
	m.base[inConstants] = unsafe.Pointer(unsafe.SliceData(p.constants))
	return m
}

// use works on an arena, whose first words are for values; nil: on none.
func (m *memory) use(arena []float32, words int) {
	m.arena, m.scratch = arena, arena[words:]
	m.base[inArena] = unsafe.Pointer(unsafe.SliceData(arena))
}

// aligned allocates words that begin at a cache line.
func aligned(words int) []float32 {
	memory := make([]float32, words+line)
	past := int(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))/4) % line
	from := (line - past) % line
	return memory[from : from+words : from+words]
}

// at returns the address of an element of a value of 32-bit words.
func (m *memory) at(v *value, element int) *float32 {
	return (*float32)(unsafe.Add(m.base[v.space], (v.offset+element)*4))
}

func (m *memory) floats(v *value) []float32 { return unsafe.Slice(m.at(v, 0), v.size) }

func (m *memory) words(v *value) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(m.at(v, 0))), v.words())
}

func (m *memory) integers(v *value) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(m.at(v, 0))), v.size)
}

func (m *memory) doubles(v *value) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(m.at(v, 0))), v.size)
}

// bools returns an argument or result that is of bool.
func (m *memory) bools(v *value) []bool {
	return unsafe.Slice((*bool)(m.base[v.space]), v.size)
}
