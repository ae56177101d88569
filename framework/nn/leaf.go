package nn

import (
	"fmt"
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/philox"
)

// InitKind names a distribution of initial values.
type InitKind uint8

// The initial values a leaf may ask for.
const (
	Zeros         InitKind = iota
	Ones                   // every element 1
	Normal                 // normal, mean 0, standard deviation Scale
	GlorotUniform          // uniform in ±Scale·√(6 / (fan in + fan out)), Glorot & Bengio 2010, eq. 16
	Uniform                // uniform in ±Scale
)

// String returns the name of the distribution.
func (k InitKind) String() string {
	switch k {
	case Zeros:
		return "zeros"
	case Ones:
		return "ones"
	case Normal:
		return "normal"
	case GlorotUniform:
		return "glorot_uniform"
	case Uniform:
		return "uniform"
	}
	return fmt.Sprintf("InitKind(%d)", uint8(k))
}

// Init says how a leaf starts. Scale is the standard deviation, gain or bound
// of the distribution; Zeros and Ones ignore it.
type Init struct {
	Kind  InitKind
	Scale float64
}

// Leaf is a named parameter of a model.
type Leaf struct {
	Address  string // segments joined by "/", such as backbone/norm/scale
	Shape    graph.Shape
	Init     Init
	Role     string // weight, bias, norm or embedding
	Layer    int    // index of the layer it belongs to; -1: none
	Task     string // the only task that uses it; empty: shared
	Episodic bool   // made anew for every episode, never reduced or saved
	Frozen   bool   // never updated
}

// InitialValue returns the first values of a leaf in row-major order. It is a
// pure function of seed, address, shape and Init: the key of the generator is
// derived from seed and address, the counter the index of the element, so no leaf
// depends on which others exist. It panics on an InitKind that is not one.
func InitialValue(seed uint64, leaf Leaf) []float64 {
	values := make([]float64, leaf.Shape.Size())
	if leaf.Init.Kind == Zeros {
		return values
	}
	key := philox.Derive(seed, "initial value", leaf.Address).Key(0)
	scale := leaf.Init.Scale
	if leaf.Init.Kind == GlorotUniform {
		scale *= math.Sqrt(6 / fans(leaf.Shape))
	}
	for i := range values {
		if leaf.Init.Kind == Ones {
			values[i] = 1
			continue
		}
		block := philox.Block([4]uint32{uint32(i), uint32(uint64(i) >> 32)}, key)
		u, v := unit(block[0], block[1]), unit(block[2], block[3])
		switch leaf.Init.Kind {
		case Normal: // Box & Muller 1958
			values[i] = scale * (math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v))
		case GlorotUniform, Uniform:
			values[i] = scale * (2*u - 1)
		default:
			panic(fmt.Sprintf("nn: initial value of %q: unknown %v", leaf.Address, leaf.Init.Kind))
		}
	}
	return values
}

// unit maps 64 random bits to the middle of one of 2^52 intervals of (0, 1).
func unit(lo, hi uint32) float64 {
	return (float64((uint64(hi)<<32|uint64(lo))>>12) + 0.5) / (1 << 52)
}

// fans returns the number of inputs plus outputs of a weight [..., in, out].
func fans(s graph.Shape) float64 {
	switch n := len(s); n {
	case 0:
		return 2
	case 1:
		return float64(s[0] + 1)
	default:
		return float64(s[n-2] + s[n-1])
	}
}
