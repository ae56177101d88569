package exec

import "quickstudy/framework/graph"

// storage is the element type that values are held in.
type storage uint8

const (
	inFloat32 storage = iota
	inInt32
	inMask // 32 bits, all of them set where true
	inFloat64
)

func storageOf(d graph.DType) storage {
	switch d {
	case graph.Float32:
		return inFloat32
	case graph.Int32:
		return inInt32
	case graph.Bool:
		return inMask
	default:
		return inFloat64
	}
}

// words is the size of an element in units of 32 bits.
func (k storage) words() int {
	if k == inFloat64 {
		return 2
	}
	return 1
}

// space says which memory a value is in.
type space int

const (
	inArena space = iota
	inConstants
	inArguments // the first argument; the others follow, then the results
)

// value is what one unit computes, or what a parameter or a constant holds. Its
// elements are dense in some order of axes.
type value struct {
	node   *graph.Node // for messages
	kind   storage
	size   int // elements
	space  space
	offset int  // words
	inside bool // made and read within one cluster, and never stored
	// first is the position of the unit that makes it, last that of the last one that
	// reads it.
	first, last int
}

func (v *value) words() int { return v.size * v.kind.words() }
