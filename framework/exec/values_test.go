package exec_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	_ "go4.org/unsafe/assume-no-moving-gc" // gorgonia.org/tensor panics at start with an older one

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/graph/graphtest"
	"quickstudy/framework/kernel"
)

func TestValues(t *testing.T) {
	for _, o := range variants() {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			for _, s := range graphtest.Varied(graph.Float32) {
				graphtest.CheckValue(t, evaluator(t, o), graphtest.ToleranceSingle, s)
				graphtest.CheckValue(t, evaluator(t, o), graphtest.ToleranceSingle, computed(s))
			}
		})
	}
}

// variants returns ways to compile a function, the usual one first: for every instruction
// set, and for the best one without what joins operations.
func variants() []exec.Options {
	best := kernel.Best()
	all := []exec.Options{{ISA: best}, {ISA: best, Stored: true}, {ISA: best, Unfused: true}}
	for _, isa := range kernel.Available() {
		if isa != best {
			all = append(all, exec.Options{ISA: isa})
		}
	}
	return all
}

// TestDoubles runs what is left to the reference interpreter.
func TestDoubles(t *testing.T) {
	for _, s := range graphtest.Varied(graph.Float64) {
		graphtest.CheckValue(t, evaluator(t, variants()[0]), graphtest.ToleranceDouble, s)
	}
}

// TestPrograms: random programs agree with the oracle, and every way to compile them
// computes the same bits.
func TestPrograms(t *testing.T) {
	graphtest.CheckPrograms(t, func(f *graph.Func, args [][]float64) ([][]float64, error) {
		want, err := evaluator(t, variants()[0])(f, args)
		for _, o := range variants()[1:] {
			got, other := evaluator(t, o)(f, args)
			if other != nil {
				return nil, other
			}
			for i := range want {
				if !slices.EqualFunc(got[i], want[i], sameBits) {
					t.Errorf("%+v and %+v differ in result %d of\n%v", o, variants()[0], i, f)
				}
			}
		}
		return want, err
	}, 2e-5)
}

func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// computed returns s with operands that are results of kernels, not arguments.
func computed(s graphtest.Sample) graphtest.Sample {
	c := s
	c.Name += "_computed"
	c.Build = func(x []*graph.Node) *graph.Node {
		operands := make([]*graph.Node, len(x))
		for i, p := range x {
			switch p.DType() {
			case graph.Bool:
				operands[i] = graph.Not(graph.Not(p))
			case graph.Int32:
				operands[i] = graph.Add(p, graph.ConstLike(p, 0))
			default:
				operands[i] = graph.Neg(graph.Neg(p))
			}
		}
		return s.Build(operands)
	}
	return c
}

// evaluator runs functions that are compiled by the given options.
func evaluator(t *testing.T, o exec.Options) graphtest.Eval {
	return func(f *graph.Func, args [][]float64) ([][]float64, error) {
		t.Helper()
		named := exectest.Values{}
		for i, p := range f.Params {
			named[p.Attrs().Name] = args[i]
		}
		out := exectest.CompileFor(t, f, o).Run(t, named)
		results := make([][]float64, len(f.Results))
		for i, r := range f.Results {
			results[i] = out[r.Name]
		}
		return results, nil
	}
}
