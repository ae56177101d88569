package exectest

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// Values are arguments or results by name, in row-major order. Integers and
// booleans (0 and 1) are passed as floats.
type Values map[string][]float64

// Program is a compiled function that is called by the names of its parameters.
type Program struct {
	program   executable
	precision reference.Precision
}

type executable interface {
	Signature() *graph.Signature
	Run(args []*tensor.Dense) ([]*tensor.Dense, error)
}

// Trace traces a function or fails the test.
func Trace(t testing.TB, build func() *graph.Func) *graph.Func {
	t.Helper()
	f, err := graph.Trace(t.Name(), build)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Compile expands the derivatives of f and compiles it, or fails the test.
func Compile(t testing.TB, f *graph.Func, precision reference.Precision) *Program {
	t.Helper()
	p, err := compile(f, precision)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// CompileFor is Compile by the compiled executor with the given options.
func CompileFor(t testing.TB, f *graph.Func, o exec.Options) *Program {
	t.Helper()
	f, err := graph.ExpandGrads(f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := exec.Compile(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return &Program{p, reference.Single}
}

// Run returns the results for arguments, or fails the test. Arguments that are
// no parameters of the function are ignored.
func (p *Program) Run(t testing.TB, args Values) Values {
	t.Helper()
	sig := p.program.Signature()
	var in [][]float64
	for _, v := range sig.Params {
		values, ok := args[v.Name]
		if !ok {
			t.Fatalf("%s: no argument for %v", sig.Name, v)
		}
		in = append(in, values)
	}
	out, err := p.run(in)
	if err != nil {
		t.Fatal(err)
	}
	results := Values{}
	for i, v := range sig.Results {
		results[v.Name] = out[i]
	}
	return results
}

// Eval runs f in double precision on arguments in the order of its parameters.
// It is a graphtest.Eval.
func Eval(f *graph.Func, args [][]float64) ([][]float64, error) {
	p, err := compile(f, reference.Double)
	if err != nil {
		return nil, err
	}
	return p.run(args)
}

func compile(f *graph.Func, precision reference.Precision) (*Program, error) {
	f, err := graph.ExpandGrads(f)
	if err != nil {
		return nil, err
	}
	p, err := reference.Compile(f, precision)
	if err != nil {
		return nil, err
	}
	return &Program{p, precision}, nil
}

func (p *Program) run(args [][]float64) ([][]float64, error) {
	sig := p.program.Signature()
	if len(args) != len(sig.Params) {
		return nil, fmt.Errorf("%s: %d arguments, want %d", sig.Name, len(args), len(sig.Params))
	}
	in := make([]*tensor.Dense, len(args))
	for i, v := range sig.Params {
		if len(args[i]) != v.Shape.Size() {
			return nil, fmt.Errorf("%s: %d elements for %v, want %d", sig.Name, len(args[i]), v,
				v.Shape.Size())
		}
		in[i] = dense(v, args[i], p.precision)
	}
	out, err := p.program.Run(in)
	if err != nil {
		return nil, err
	}
	results := make([][]float64, len(out))
	for i, d := range out {
		if results[i], err = elements(d); err != nil {
			return nil, fmt.Errorf("%s: result %q: %w", sig.Name, sig.Results[i].Name, err)
		}
	}
	return results, nil
}

// dense holds values in the type in which the program stores v.
func dense(v graph.Value, values []float64, precision reference.Precision) *tensor.Dense {
	var backing any
	switch {
	case v.DType == graph.Int32:
		backing = convert(values, func(x float64) int32 { return int32(x) })
	case v.DType == graph.Bool:
		backing = convert(values, func(x float64) bool { return x != 0 })
	case v.DType == graph.Float32 && precision == reference.Single:
		backing = convert(values, func(x float64) float32 { return float32(x) })
	default:
		backing = slices.Clone(values)
	}
	if len(v.Shape) > 0 {
		return tensor.New(tensor.WithShape(v.Shape...), tensor.WithBacking(backing))
	}
	switch backing := backing.(type) {
	case []int32:
		return tensor.New(tensor.FromScalar(backing[0]))
	case []bool:
		return tensor.New(tensor.FromScalar(backing[0]))
	case []float32:
		return tensor.New(tensor.FromScalar(backing[0]))
	default:
		return tensor.New(tensor.FromScalar(values[0]))
	}
}

// elements returns the values of a result; a scalar has one.
func elements(d *tensor.Dense) ([]float64, error) {
	number := func(x bool) float64 {
		if x {
			return 1
		}
		return 0
	}
	switch data := d.Data().(type) {
	case float64:
		return []float64{data}, nil
	case []float64:
		return data, nil
	case float32:
		return []float64{float64(data)}, nil
	case []float32:
		return convert(data, func(x float32) float64 { return float64(x) }), nil
	case int32:
		return []float64{float64(data)}, nil
	case []int32:
		return convert(data, func(x int32) float64 { return float64(x) }), nil
	case bool:
		return []float64{number(data)}, nil
	case []bool:
		return convert(data, number), nil
	default:
		return nil, fmt.Errorf("elements are %T, want numbers or booleans", data)
	}
}

func convert[X, Y any](xs []X, f func(X) Y) []Y {
	ys := make([]Y, len(xs))
	for i, x := range xs {
		ys[i] = f(x)
	}
	return ys
}
