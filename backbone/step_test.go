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

// step traces one position that is written, or, from a memory, what comes before all.
func (m model) step(t *testing.T, start bool) *graph.Func {
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
			cache := transformer.Start(leaf, transformer.Encode(leaf, in, nil, false))
			f.Results = []graph.Result{{Name: "cache", Node: cache}}
			return &f
		}
		hidden, cache := transformer.Step(leaf, param("cache", graph.Float32, m.B, transformer.Cache()),
			param("token", graph.Int32, m.B), param("position", graph.Int32, m.B))
		f.Results = []graph.Result{{Name: "hidden", Node: hidden}, {Name: "cache", Node: cache}}
		return &f
	})
}

// TestStep writes texts token by token and expects every bit of what Decode makes of
// the whole, whatever the options. Examples stand at different positions: one starts
// later than the others.
func TestStep(t *testing.T) {
	for _, kind := range []string{"decoder", "encoder_decoder"} {
		for _, positions := range positions {
			for _, order := range []string{"pre", "post"} {
				t.Run(kind+"/"+positions+"/"+order, func(t *testing.T) {
					m := writer(kind)
					m.Positions, m.NormOrder = positions, order
					batch, parameters := m.batch(5, 5, 5), m.parameters(t)
					p := exectest.Compile(t, m.trace(t, nil), reference.Single)
					want := p.Run(t, arguments(parameters, batch))["hidden"]

					cache := make([]float64, m.B*m.new(t).Cache())
					if m.reads() {
						p := exectest.Compile(t, m.step(t, true), reference.Single)
						cache = p.Run(t, arguments(parameters, batch))["cache"]
					}
					one := exectest.Compile(t, m.step(t, false), reference.Single)
					for step := range m.T + 1 {
						token, position := make([]float64, m.B), make([]float64, m.B)
						for i := range m.B {
							at := min(step, m.T-1)
							if i == 1 { // waits at its first token
								at = max(step-1, 0)
							}
							token[i], position[i] = batch["input/tokens"][i*m.T+at], float64(at)
						}
						got := one.Run(t, arguments(parameters, exectest.Values{
							"cache": cache, "token": token, "position": position}))
						cache = got["cache"]
						for i := range m.B {
							at := (i*m.T + int(position[i])) * m.Width
							sameBits(t, "hidden", got["hidden"][i*m.Width:(i+1)*m.Width], want[at:at+m.Width])
						}
					}
				})
			}
		}
	}
}

// TestStepErrors expects a misuse to be reported at the line that calls.
func TestStepErrors(t *testing.T) {
	ids := func(n int) *graph.Node { return graph.Param("ids", graph.Int32, graph.Shape{n}) }
	cache := func(n int) *graph.Node { return graph.Param("cache", graph.Float32, graph.Shape{3, n}) }
	numbers := numeric()
	numbers.Kind = "decoder"
	for _, row := range []struct {
		m                      model
		cache, token, position *graph.Node
		want                   string
	}{
		{small(), cache(8), ids(3), ids(3), "a backbone of kind encoder writes nothing"},
		{numbers, cache(8), ids(3), ids(3), "a backbone of numeric input writes nothing"},
		{writer("decoder"), nil, ids(3), ids(3), "no cache, token or position, want [B,192]"},
		{writer("decoder"), cache(8), ids(3), ids(3),
			"cache f32[3,8], token i32[3], position i32[3], want floating-point [B,192]"},
		{writer("encoder_decoder"), cache(390), ids(3), ids(2),
			"position i32[2], want floating-point [B,390]"},
	} {
		nodes := map[string]*graph.Node{}
		for _, l := range row.m.new(t).Leaves() {
			nodes[l.Address] = graph.Param(l.Address, graph.Float32, l.Shape)
		}
		leaf := func(address string) *graph.Node { return nodes[address] }
		_, err := graph.Trace("f", func() *graph.Func {
			row.m.new(t).Step(leaf, row.cache, row.token, row.position)
			return &graph.Func{}
		})
		var misuse *graph.Error
		if !errors.As(err, &misuse) || !strings.Contains(misuse.Message, row.want) ||
			!strings.HasPrefix(misuse.Pos, "backbone/step_test.go:") {
			t.Errorf("error %v, want one of this line with %q", err, row.want)
		}
	}
}
