package backbone_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"quickstudy/backbone"
	"quickstudy/framework/graph"
)

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		change func(c *backbone.Config)
		want   string
	}{
		{func(c *backbone.Config) {}, ""},
		{func(c *backbone.Config) { c.Kind = "rnn" }, `kind is "rnn", want encoder or decoder`},
		{func(c *backbone.Config) { c.Activation = "" }, `activation is "", want gelu or relu or swiglu`},
		{func(c *backbone.Config) { c.Positions = "sine" }, `positions is "sine", want learned or`},
		{func(c *backbone.Config) { c.Pooling = "max" }, `pooling is "max", want mean or first or last`},
		{func(c *backbone.Config) { c.Norm = "batch" }, `norm is "batch", want layernorm or rmsnorm`},
		{func(c *backbone.Config) { c.NormOrder = "both" }, `norm_order is "both", want pre or post`},
		{func(c *backbone.Config) { c.Positions, c.Width, c.Heads = "rotary", 6, 2 },
			"rotary positions turn pairs, and a head is 3 wide (width 6, heads 2), want an even number"},
		{func(c *backbone.Config) { c.Positions, c.Width, c.Heads = "sinusoidal", 9, 3 },
			"sinusoidal positions are pairs of sine and cosine, and width is 9, want an even number"},
		{func(c *backbone.Config) { c.Kind, c.Pooling = "decoder", "first" },
			"pooling is first, and the first position of a decoder sees itself alone, want mean or last"},
		{func(c *backbone.Config) { c.Layers = 0 }, "layers is 0, want at least 1"},
		{func(c *backbone.Config) { c.Width = -8 }, "width is -8, want at least 1"},
		{func(c *backbone.Config) { c.Heads = 3 }, "width 8 does not divide into 3 heads"},
		{func(c *backbone.Config) { c.MLP = 0 }, "mlp is 0, want at least 1"},
		{func(c *backbone.Config) { c.Dropout = 1 }, "dropout is 1, want a number in [0, 1)"},
		{func(c *backbone.Config) { c.Tokens = nil }, "no input"},
		{func(c *backbone.Config) { c.Numeric = numeric().Numeric }, ""},
		{func(c *backbone.Config) { c.Image = &backbone.Image{Height: 4, Width: 4, Patch: 2} },
			"channels is 0, want at least 1"},
		{func(c *backbone.Config) {
			c.Image = &backbone.Image{Height: 4, Width: 5, Channels: 1, Patch: 2}
		}, "images of 4 x 5 pixels do not divide into patches of 2 x 2"},
		{func(c *backbone.Config) { c.Tokens.Vocabulary = 0 }, "vocabulary is 0, want at least 1"},
		{func(c *backbone.Config) { c.Tokens, c.Numeric = nil, &backbone.Numeric{MaxLength: 4} },
			"features is 0, want at least 1"},
	} {
		config := small().Config
		row.change(&config)
		_, err := backbone.New(config)
		switch {
		case row.want == "" && err != nil:
			t.Errorf("got error %v, want none", err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("got error %v, want one with %q", err, row.want)
		}
	}
}

// TestLeaves lists address, shape, initial value, role and layer.
func TestLeaves(t *testing.T) {
	m := numeric()
	m.Layers = 1
	const want = `
backbone/embed/numeric/w [3,8] glorot_uniform 1 weight -1
backbone/embed/numeric/b [8] zeros 0 bias -1
backbone/embed/positions [6,8] normal 0.35355 embedding -1
backbone/layers/0/norm1/scale [8] ones 0 norm 0
backbone/layers/0/norm1/bias [8] zeros 0 norm 0
backbone/layers/0/attention/q/w [8,8] glorot_uniform 1 weight 0
backbone/layers/0/attention/q/b [8] zeros 0 bias 0
backbone/layers/0/attention/k/w [8,8] glorot_uniform 1 weight 0
backbone/layers/0/attention/k/b [8] zeros 0 bias 0
backbone/layers/0/attention/v/w [8,8] glorot_uniform 1 weight 0
backbone/layers/0/attention/v/b [8] zeros 0 bias 0
backbone/layers/0/attention/out/w [8,8] glorot_uniform 1 weight 0
backbone/layers/0/attention/out/b [8] zeros 0 bias 0
backbone/layers/0/norm2/scale [8] ones 0 norm 0
backbone/layers/0/norm2/bias [8] zeros 0 norm 0
backbone/layers/0/mlp/in/w [8,12] glorot_uniform 1 weight 0
backbone/layers/0/mlp/in/b [12] zeros 0 bias 0
backbone/layers/0/mlp/out/w [12,8] glorot_uniform 1 weight 0
backbone/layers/0/mlp/out/b [8] zeros 0 bias 0
backbone/norm/scale [8] ones 0 norm -1
backbone/norm/bias [8] zeros 0 norm -1
`
	got := "\n"
	for _, l := range m.new(t).Leaves() {
		got += fmt.Sprintln(l.Address, l.Shape, l.Init.Kind, fmt.Sprintf("%.5g", l.Init.Scale), l.Role,
			l.Layer)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numeric input (-want +got):\n%s", diff)
	}
	tokens := small()
	tokens.Positions, tokens.Layers = "none", 1
	leaves := tokens.new(t).Leaves()
	first := fmt.Sprint(leaves[0].Address, leaves[0].Shape, " then ", leaves[1].Address)
	if want := "backbone/embed/tokens[11,8] then backbone/layers/0/norm1/scale"; first != want {
		t.Errorf("tokens without positions: got %s, want %s", first, want)
	}
}

// TestEncodeErrors expects a misuse to be reported at the line that calls Encode.
func TestEncodeErrors(t *testing.T) {
	param := func(name string, dtype graph.DType, shape ...int) *graph.Node {
		return graph.Param(name, dtype, shape)
	}
	mask := param("mask", graph.Float32, 2, 5)
	tokens := param("tokens", graph.Int32, 2, 5)
	for _, row := range []struct {
		name   string
		in     backbone.Inputs
		leaves func(address string) *graph.Node // nil: as listed
		want   string
	}{
		{name: "no input", in: backbone.Inputs{Mask: mask}, want: "no input or no mask"},
		{name: "no mask", in: backbone.Inputs{Tokens: tokens}, want: "no input or no mask"},
		{name: "other kind", in: backbone.Inputs{Numeric: param("x", graph.Float32, 2, 5, 3), Mask: mask},
			want: "no input or no mask, want i32 [B,T]"},
		{name: "type", in: backbone.Inputs{Tokens: param("x", graph.Float32, 2, 5), Mask: mask},
			want: "input is f32[2,5] with a mask [2,5]"},
		{name: "shape", in: backbone.Inputs{Tokens: param("x", graph.Int32, 2, 4), Mask: mask},
			want: "input is i32[2,4] with a mask [2,5]"},
		{name: "length", in: backbone.Inputs{
			Tokens: param("x", graph.Int32, 2, 7), Mask: param("m", graph.Float32, 2, 7),
		}, want: "7 positions, want at most max_length 6"},
		{name: "key", in: backbone.Inputs{Tokens: tokens, Mask: mask}, want: "no key for dropout 0.1"},
		{name: "leaf", in: backbone.Inputs{Tokens: tokens, Mask: mask},
			leaves: func(string) *graph.Node { return nil }, want: `no leaf "backbone/embed/tokens"`},
		{name: "leaf's shape", in: backbone.Inputs{Tokens: tokens, Mask: mask},
			leaves: func(a string) *graph.Node { return param(a, graph.Float32, 3) },
			want:   `leaf "backbone/embed/tokens" is f32[3], want floating-point [11,8]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := small()
			m.Dropout = 0.1
			nodes := map[string]*graph.Node{}
			for _, l := range m.new(t).Leaves() {
				nodes[l.Address] = param(l.Address, graph.Float32, l.Shape...)
			}
			leaf := func(address string) *graph.Node { return nodes[address] }
			if row.leaves != nil {
				leaf = row.leaves
			}
			_, err := graph.Trace("f", func() *graph.Func {
				m.new(t).Encode(leaf, row.in, nil, true)
				return &graph.Func{}
			})
			var misuse *graph.Error
			if !errors.As(err, &misuse) || !strings.Contains(misuse.Message, row.want) {
				t.Fatalf("got error %v, want one with %q", err, row.want)
			}
			if !strings.HasPrefix(misuse.Pos, "backbone/config_test.go:") {
				t.Errorf("error is at %q, want the line that calls Encode", misuse.Pos)
			}
		})
	}
}

// TestSeveralInputs: a backbone of tokens, numbers and images reads each as one that has no
// other input does, from the same leaves.
func TestSeveralInputs(t *testing.T) {
	all := small()
	all.Numeric = &backbone.Numeric{Features: 3, MaxLength: 6}
	all.Image = &backbone.Image{Height: 2, Width: 4, Channels: 1, Patch: 1}
	addresses := map[string]bool{}
	for _, l := range all.new(t).Leaves() {
		addresses[l.Address] = true
	}
	for _, want := range []string{"backbone/embed/tokens", "backbone/embed/positions",
		"backbone/embed/numeric/w", "backbone/embed/numeric/positions", "backbone/embed/image/w",
		"backbone/embed/image/class", "backbone/embed/image/positions"} {
		if !addresses[want] {
			t.Errorf("no leaf %q: %v", want, addresses)
		}
	}
	param := func(name string, dtype graph.DType, shape ...int) *graph.Node {
		return graph.Param(name, dtype, shape)
	}
	mask := func(n int) *graph.Node { return param("mask", graph.Float32, 2, n) }
	tokens, numbers := param("x", graph.Int32, 2, 5), param("y", graph.Float32, 2, 5, 3)
	for name, row := range map[string]struct {
		in   backbone.Inputs
		want string
	}{
		"tokens":  {backbone.Inputs{Tokens: tokens, Mask: mask(5)}, ""},
		"numbers": {backbone.Inputs{Numeric: numbers, Mask: mask(5)}, ""},
		"image":   {backbone.Inputs{Image: param("z", graph.Float32, 2, 9, 1), Mask: mask(9)}, ""},
		"part of an image": {backbone.Inputs{Image: param("z", graph.Float32, 2, 8, 1), Mask: mask(8)},
			"images of 8 positions, want all 9"},
		"two": {backbone.Inputs{Tokens: tokens, Numeric: numbers, Mask: mask(5)},
			"inputs of several kinds, want one"},
	} {
		nodes := map[string]*graph.Node{}
		for _, l := range all.new(t).Leaves() {
			nodes[l.Address] = param(l.Address, graph.Float32, l.Shape...)
		}
		_, err := graph.Trace("f", func() *graph.Func {
			e := all.new(t).Encode(func(a string) *graph.Node { return nodes[a] }, row.in, nil, false)
			if got, want := e.Pooled.Shape(), (graph.Shape{2, 8}); !got.Equal(want) {
				t.Errorf("%s: pooled is %v", name, got)
			}
			return &graph.Func{Results: []graph.Result{{Name: "x", Node: graph.Scalar(graph.Float32, 0)}}}
		})
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
	}
}
