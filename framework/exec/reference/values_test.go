package reference_test

import (
	"fmt"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/graph/graphtest"
)

func TestValues(t *testing.T) {
	for _, test := range []struct {
		name      string
		float     graph.DType
		precision reference.Precision
		tolerance float64
	}{
		{"f64", graph.Float64, reference.Single, graphtest.ToleranceDouble},
		{"f32 in double precision", graph.Float32, reference.Double, graphtest.ToleranceDouble},
		{"f32", graph.Float32, reference.Single, graphtest.ToleranceSingle},
	} {
		t.Run(test.name, func(t *testing.T) {
			eval := evaluator(t, test.precision)
			for _, s := range graphtest.Varied(test.float) {
				graphtest.CheckValue(t, eval, test.tolerance, s)
				graphtest.CheckValue(t, eval, test.tolerance, computed(s))
			}
		})
	}
}

func TestGradients(t *testing.T) {
	for i, s := range graphtest.Samples() {
		t.Run(fmt.Sprintf("%d_%s", i, s.Name), func(t *testing.T) {
			graphtest.CheckGrad(t, exectest.Eval, s)
		})
	}
}

func TestPaddingChangesNoBit(t *testing.T) {
	graphtest.CheckPadding(t, evaluator(t, reference.Single), graph.Float32)
	graphtest.CheckPadding(t, evaluator(t, reference.Single), graph.Float64)
}

func TestPrograms(t *testing.T) {
	graphtest.CheckPrograms(t, evaluator(t, reference.Double), 1e-9)
}

// computed returns s with operands that are results of steps, whose memory a step
// may overwrite, not arguments.
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

// evaluator runs functions in a precision.
func evaluator(t *testing.T, precision reference.Precision) graphtest.Eval {
	return func(f *graph.Func, args [][]float64) ([][]float64, error) {
		t.Helper()
		named := exectest.Values{}
		for i, p := range f.Params {
			named[p.Attrs().Name] = args[i]
		}
		out := exectest.Compile(t, f, precision).Run(t, named)
		results := make([][]float64, len(f.Results))
		for i, r := range f.Results {
			results[i] = out[r.Name]
		}
		return results, nil
	}
}
