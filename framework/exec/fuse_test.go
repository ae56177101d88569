package exec_test

import (
	"regexp"
	"strings"
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
	"quickstudy/framework/nn"
)

// TestUnits shows what runs as one.
func TestUnits(t *testing.T) {
	const rows, cols = 64, 48
	x := graph.Param("x", graph.Float32, graph.Shape{rows, cols})
	y := graph.Param("y", graph.Float32, graph.Shape{rows, cols})
	w := graph.Param("w", graph.Float32, graph.Shape{cols, cols})
	b := graph.Param("b", graph.Float32, graph.Shape{cols})
	for _, test := range []struct {
		name    string
		options exec.Options
		results func() []*graph.Node
		want    string // a line a unit: the index space and the operations
	}{
		{"one after the other", exec.Options{}, func() []*graph.Node {
			return []*graph.Node{graph.Exp(graph.Mul(graph.Add(x, y), x))}
		}, "[3072]: add mul exp"},
		{"unfused", exec.Options{Unfused: true}, func() []*graph.Node {
			return []*graph.Node{graph.Exp(graph.Add(x, y))}
		}, "add [64,48] [64,48]\nexp [64,48]"},
		{"a norm of rows", exec.Options{}, func() []*graph.Node {
			return []*graph.Node{nn.LayerNorm(x, b, b)}
		}, "[64 48]: 2×reduce_sum 3×div sub 3×mul 2×add sqrt"},
		{"rows and their sum over all", exec.Options{}, func() []*graph.Node {
			return []*graph.Node{graph.Sum(nn.Softmax(x), 0)}
		}, "[64 48]: reduce_max sub exp 2×reduce_sum div mul"},
		{"what waits for a sum of columns", exec.Options{}, func() []*graph.Node {
			return []*graph.Node{graph.Mul(y, graph.Broadcast(graph.Sum(x, 0), rows, cols))}
		}, "reduce_sum [64,48]\nmul [64,48] [64,48]"},
		{"readers of one value", exec.Options{}, func() []*graph.Node {
			return []*graph.Node{graph.Exp(x), graph.Mul(x, y)}
		}, "[3072]: exp mul"},
		{"computed again", exec.Options{}, func() []*graph.Node {
			e := graph.Exp(x)
			return []*graph.Node{graph.Mul(e, graph.Dot(graph.Tanh(e), w))}
		}, "[3072]: exp tanh\ndot [64,48] [48,48]\n[3072]: exp mul"},
		{"stored", exec.Options{Stored: true}, func() []*graph.Node {
			e := graph.Exp(x)
			return []*graph.Node{graph.Mul(e, graph.Dot(graph.Tanh(e), w))}
		}, "[3072]: exp tanh\ndot [64,48] [48,48]\nmul [64,48] [64,48]"},
		{"what has to come after a product", exec.Options{}, func() []*graph.Node {
			d := graph.Dot(graph.Exp(x), w)
			return []*graph.Node{graph.Mul(d, d), graph.Neg(graph.After(x, d))}
		}, "exp [64,48]\ndot [64,48] [48,48]\nmul [64,48] [64,48]\nneg [64,48]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := exectest.Trace(t, func() *graph.Func {
				f := &graph.Func{Params: []*graph.Node{x, y, w, b}}
				for i, r := range test.results() {
					f.Results = append(f.Results, graph.Result{Name: string(rune('a' + i)), Node: r})
				}
				return f
			})
			test.options.ISA = kernel.Best()
			p, err := exec.Compile(f, test.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range p.Costs() {
				got = append(got, place.ReplaceAllString(c.Unit, ""))
			}
			if got := strings.Join(got, "\n"); got != test.want {
				t.Errorf("units\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// place is where an operation was written.
var place = regexp.MustCompile(` at .*`)
