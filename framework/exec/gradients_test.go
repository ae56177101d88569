package exec_test

import (
	"fmt"
	"testing"

	"gorgonia.org/tensor"
	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/graph/graphtest"
)

func TestGradients(t *testing.T) {
	for i, s := range graphtest.Samples() {
		t.Run(fmt.Sprintf("%d_%s", i, s.Name), func(t *testing.T) { graphtest.CheckGrad(t, evaluate, s) })
	}
}

// evaluate runs f in double precision.
func evaluate(f *graph.Func, args [][]float64) ([][]float64, error) {
	p, err := exec.Compile(f, exec.Double)
	if err != nil {
		return nil, err
	}
	in := make([]*tensor.Dense, len(args))
	for i, param := range f.Params {
		in[i] = dense(param, args[i])
	}
	out, err := p.Run(in)
	if err != nil {
		return nil, err
	}
	results := make([][]float64, len(out))
	for i, d := range out {
		switch data := d.Data().(type) {
		case float64:
			results[i] = []float64{data}
		case []float64:
			results[i] = data
		default:
			return nil, fmt.Errorf("result %d is %T, want float64", i, data)
		}
	}
	return results, nil
}

func dense(param *graph.Node, values []float64) *tensor.Dense {
	var backing any = values
	switch param.DType() {
	case graph.Int32:
		ints := make([]int32, len(values))
		for i, v := range values {
			ints[i] = int32(v)
		}
		backing = ints
	case graph.Bool:
		bools := make([]bool, len(values))
		for i, v := range values {
			bools[i] = v != 0
		}
		backing = bools
	}
	return tensor.New(tensor.WithShape(param.Shape()...), tensor.WithBacking(backing))
}
