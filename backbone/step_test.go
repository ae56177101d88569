package backbone_test

import (
	"errors"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// step traces one position of texts of n at most, or, from a memory, what comes before all.
func (m model) step(t *testing.T, start bool, n int) *graph.Func {
	t.Helper()
	transformer := m.new(t)
	return exectest.Trace(t, func() *graph.Func {
		var f graph.Func
		nodes := map[string]*graph.Node{}
		param := func(name string, dtype graph.DType, shape ...int) *graph.Node {
			nodes[name] = graph.Param(name, dtype, shape)
			f.Params = append(f.Params, nodes[name])
			return nodes[name]
		}
		for _, leaf := range transformer.Leaves() {
			param(leaf.Address, graph.Float32, leaf.Shape...)
		}
		leaf := func(address string) *graph.Node { return nodes[address] }
		if start {
			in := backbone.Inputs{Tokens: param("source/tokens", graph.Int32, m.B, m.S),
				Mask: param("source/mask", graph.Float32, m.B, m.S)}
			memory := transformer.Start(leaf, transformer.Encode(leaf, in, nil, false))
			f.Results = []graph.Result{{Name: "memory", Node: memory}}
			return &f
		}
		var memory *graph.Node
		if m.reads() {
			memory = param("memory", graph.Float32, m.B, m.S*(transformer.Cache()+1))
		}
		hidden, remembered := transformer.Step(leaf,
			param("written", graph.Float32, m.B, n, transformer.Cache()), memory,
			param("token", graph.Int32, m.B), param("position", graph.Int32, m.B))
		f.Results = []graph.Result{{Name: "hidden", Node: hidden},
			{Name: "remembered", Node: remembered}}
		return &f
	})
}

// TestStep writes texts token by token and expects every bit of what Decode makes of
// the whole, whatever the options, and however many positions there is room for. Examples
// stand at different positions: one starts later than the others.
func TestStep(t *testing.T) {
	for _, kind := range []string{"decoder", "encoder_decoder"} {
		for _, positions := range positions {
			for _, order := range []string{"pre", "post"} {
				t.Run(kind+"/"+positions+"/"+order, func(t *testing.T) {
					m := writer(kind)
					m.Positions, m.NormOrder = positions, order
					m.sameSteps(t)
				})
			}
		}
	}
}

// sameSteps writes token by token what Decode is given as a whole.
func (m model) sameSteps(t *testing.T) {
	t.Helper()
	batch, parameters := m.batch(5, 5, 5), m.parameters(t)
	p := exectest.Compile(t, m.trace(t, nil), reference.Single)
	want := p.Run(t, arguments(parameters, batch))["hidden"]

	given := exectest.Values{}
	if m.reads() {
		p := exectest.Compile(t, m.step(t, true, 0), reference.Single)
		given["memory"] = p.Run(t, arguments(parameters, batch))["memory"]
	}
	a := m.new(t).Cache()
	for _, n := range []int{m.T, m.Tokens.MaxLength} {
		one := exectest.Compile(t, m.step(t, false, n), reference.Single)
		given["written"] = exectest.Random(3, m.B*n*a)
		for step := range m.T + 1 {
			given["token"], given["position"] = make([]float64, m.B), make([]float64, m.B)
			for i := range m.B {
				at := min(step, m.T-1)
				if i == 1 { // waits at its first token
					at = max(step-1, 0)
				}
				given["token"][i], given["position"][i] = batch["input/tokens"][i*m.T+at], float64(at)
			}
			got := one.Run(t, arguments(parameters, given))
			for i := range m.B {
				at := int(given["position"][i])
				copy(given["written"][(i*n+at)*a:], got["remembered"][i*a:(i+1)*a])
				sameBits(t, "hidden", got["hidden"][i*m.Width:(i+1)*m.Width],
					want[(i*m.T+at)*m.Width:][:m.Width])
			}
		}
	}
}

// TestStepErrors expects a misuse to be reported at the line that calls.
func TestStepErrors(t *testing.T) {
	ids := func(n int) *graph.Node { return graph.Param("ids", graph.Int32, graph.Shape{n}) }
	floats := func(shape ...int) *graph.Node { return graph.Param("x", graph.Float32, shape) }
	numbers := numeric()
	numbers.Kind = "decoder"
	for _, row := range []struct {
		m                                model
		written, memory, token, position *graph.Node
		want                             string
	}{
		{small(), floats(3, 4, 8), nil, ids(3), ids(3), "a backbone of kind encoder writes nothing"},
		{numbers, floats(3, 4, 8), nil, ids(3), ids(3), "a backbone of numeric input writes nothing"},
		{writer("decoder"), nil, nil, ids(3), ids(3), "no token or no position, want [B,P,32]"},
		{writer("decoder"), floats(3, 32), nil, ids(3), ids(3),
			"written f32[3,32], token i32[3], position i32[3], want floating-point [B,P,32]"},
		{writer("decoder"), floats(3, 4, 32), nil, ids(3), ids(2), "position i32[2], want"},
		{writer("decoder"), floats(3, 7, 32), nil, ids(3), ids(3), "P at most 6"},
		{writer("decoder"), floats(3, 4, 32), floats(3, 33), ids(3), ids(3),
			"want one of encoder_decoder"},
		{writer("encoder_decoder"), floats(3, 4, 32), nil, ids(3), ids(3),
			"want one of encoder_decoder"},
		{writer("encoder_decoder"), floats(3, 4, 32), floats(3, 34), ids(3), ids(3),
			"memory f32[3,34], want floating-point [3,M], M a multiple of 33"},
	} {
		nodes := map[string]*graph.Node{}
		for _, l := range row.m.new(t).Leaves() {
			nodes[l.Address] = graph.Param(l.Address, graph.Float32, l.Shape)
		}
		leaf := func(address string) *graph.Node { return nodes[address] }
		_, err := graph.Trace("f", func() *graph.Func {
			row.m.new(t).Step(leaf, row.written, row.memory, row.token, row.position)
			return &graph.Func{}
		})
		var misuse *graph.Error
		if !errors.As(err, &misuse) || !strings.Contains(misuse.Message, row.want) ||
			!strings.HasPrefix(misuse.Pos, "backbone/step_test.go:") {
			t.Errorf("error %v, want one of this line with %q", err, row.want)
		}
	}
}
