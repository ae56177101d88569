package backbone_test

import (
	"fmt"
	"slices"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// variants are architectures that between them use every part.
var variants = map[string]func(m *model){
	"mean":  func(m *model) {},
	"first": func(m *model) { m.Pooling = "first" },
	"relu without positions": func(m *model) {
		m.Activation, m.Positions = "relu", "none"
	},
	"numeric": numbers,
	"mlp": func(m *model) {
		m.Kind, m.Heads, m.MLP, m.Positions = "mlp", 0, 0, "none"
	},
	"wide": func(m *model) { m.Layers, m.Width, m.Heads, m.MLP = 1, 64, 4, 80 },

	"sinusoidal after norms": func(m *model) { m.Positions, m.NormOrder = "sinusoidal", "post" },
	"segments":               func(m *model) { m.Tokens.Segments, m.Tokens.Separator = 3, separator },
	"segments of a decoder": func(m *model) {
		m.Kind, m.Pooling = "decoder", "last"
		m.Tokens.Segments, m.Tokens.Separator = 2, separator
	},
	"segments of a memory": func(m *model) {
		m.decodes("encoder_decoder")
		m.Tokens.Segments, m.Tokens.Separator = 2, separator
	},
	"rotary":   rotary,
	"relative": func(m *model) { m.Positions, m.Norm = "relative", "rmsnorm" },
	"alibi":    func(m *model) { m.Positions, m.Activation = "alibi", "swiglu" },

	"decoder":          func(m *model) { m.decodes("decoder") },
	"last":             func(m *model) { m.Kind, m.Pooling = "decoder", "last" },
	"numeric decoder":  func(m *model) { numbers(m); m.Kind, m.Pooling = "decoder", "last" },
	"rotary decoder":   func(m *model) { m.decodes("decoder"); rotary(m) },
	"relative decoder": func(m *model) { m.decodes("decoder"); m.Positions = "relative" },
	"alibi decoder after norms": func(m *model) {
		m.decodes("decoder")
		m.Positions, m.NormOrder = "alibi", "post"
	},

	"both": func(m *model) { m.decodes("encoder_decoder") },
	"sinusoidal both after norms": func(m *model) {
		m.decodes("encoder_decoder")
		m.Positions, m.NormOrder = "sinusoidal", "post"
	},
	"adapters": func(m *model) {
		m.Adapters, m.Experts = adapters, &backbone.Experts{Count: 3, PerTask: true}
	},
	"adapters of both": func(m *model) {
		m.decodes("encoder_decoder")
		m.Adapters, m.Norm = []backbone.Adapter{{Kind: "lora", On: "decoder/**", Rank: 2, Scale: 1},
			{Kind: "bottleneck", On: "**/cross", Rank: 2},
			{Kind: "norm", On: "**", PerTask: true}}, "rmsnorm"
	},
	"images": func(m *model) {
		m.Tokens, m.Image = nil, &backbone.Image{Height: 4, Width: 4, Channels: 2, Patch: 2}
	},
	"rotary both":   func(m *model) { m.decodes("encoder_decoder"); rotary(m) },
	"relative both": func(m *model) { m.decodes("encoder_decoder"); m.Positions = "relative" },
	"alibi both":    func(m *model) { m.decodes("encoder_decoder"); m.Positions = "alibi" },
}

// adapters are of every kind.
var adapters = []backbone.Adapter{
	{Kind: "lora", On: "layers/*/attention/{q,v}", Rank: 2, Scale: 3},
	{Kind: "lora", On: "{layers/*/mlp/in,layers/0/attention/v}", Rank: 1, Scale: 1, PerTask: true},
	{Kind: "bottleneck", On: "layers/*/{attention,mlp}", Rank: 3, PerTask: true},
	{Kind: "norm", On: "layers/*/norm*", PerTask: true},
	{Kind: "context", On: "layers/*/mlp/{in,out}", Rank: 2},
	{Kind: "context", On: "layers/0/attention/k", Rank: 1, PerTask: true},
}

// numbers takes an input of numbers, and predicts one.
func numbers(m *model) {
	n := numeric()
	n.Numeric.MaxLength = m.Tokens.MaxLength
	m.Tokens, m.Numeric, m.Objective, m.Classes = nil, n.Numeric, n.Objective, n.Classes
}

// rotary takes the parts of LLaMA.
func rotary(m *model) { m.Positions, m.Norm, m.Activation = "rotary", "rmsnorm", "swiglu" }

// TestDerivatives compares the derivatives of a loss, dropout on at a fixed key,
// with central differences of five points along a random direction of all leaves.
func TestDerivatives(t *testing.T) {
	const (
		step      = 3e-5
		tolerance = 1e-6
	)
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			m := small()
			change(&m)
			m.Dropout, m.Train = 0.3, true
			batch, parameters, along := m.batch(5, 2, 0), m.parameters(t), m.direction(t)
			p := exectest.Compile(t, m.trace(t, along), reference.Double)
			at := func(h float64) exectest.Values {
				moved := exectest.Values{}
				for address, values := range parameters {
					moved[address] = slices.Clone(values)
					for i, v := range along[address] {
						moved[address][i] += h * v
					}
				}
				return p.Run(t, arguments(moved, batch))
			}
			got, hi, lo, far, back := at(0), at(step), at(-step), at(2*step), at(-2*step)
			difference := func(name string) []float64 {
				d := make([]float64, len(hi[name]))
				for i := range d {
					d[i] = (8*(hi[name][i]-lo[name][i]) - (far[name][i] - back[name][i])) / (12 * step)
				}
				return d
			}
			slope := 0.0
			for address := range parameters {
				for i, v := range along[address] {
					slope += v * got["gradient/"+address][i]
				}
				exectest.Near(t, "second/"+address, got["second/"+address],
					difference("gradient/"+address), tolerance)
			}
			exectest.Near(t, "first", []float64{slope}, difference("value"), tolerance)
		})
	}
}

// TestDegenerateBatches expects finite numbers to order 2 where a norm, a mean or
// a softmax has nothing to work on.
func TestDegenerateBatches(t *testing.T) {
	for name, lengths := range map[string][]int{
		"a row of padding": {4, 0, 1},
		"only padding":     {0, 0, 0},
	} {
		for kind, m := range map[string]model{
			"tokens": small(), "zero features": numeric(),
			"decoder": writer("decoder"), "encoder and decoder": writer("encoder_decoder"),
		} {
			for _, precision := range []reference.Precision{reference.Single, reference.Double} {
				m.Dropout, m.Train = 0.5, true
				batch := m.batch(lengths...)
				clear(batch["input/numeric"])
				p := exectest.Compile(t, m.trace(t, m.direction(t)), precision)
				got := p.Run(t, arguments(m.parameters(t), batch))
				t.Run(name+"/"+kind, func(t *testing.T) { exectest.Finite(t, got) })
			}
		}
	}
}

// TestDropout expects dropout in training alone, and its masks to depend on the
// key and nothing else.
func TestDropout(t *testing.T) {
	m := small()
	batch, parameters := m.batch(5, 4, 2), m.parameters(t)
	run := func(rate float64, train bool, key ...float64) []float64 {
		m := m
		m.Dropout, m.Train = rate, train
		p := exectest.Compile(t, m.trace(t, nil), reference.Single)
		return p.Run(t, arguments(parameters, batch, exectest.Values{"key": key}))["hidden"]
	}
	plain, dropped := run(0, true, 1, 2), run(0.4, true, 1, 2)
	sameBits(t, "outside training", run(0.4, false, 1, 2), plain)
	sameBits(t, "with the same key", run(0.4, true, 1, 2), dropped)
	for name, other := range map[string][]float64{
		"without dropout":  plain,
		"with another key": run(0.4, true, 1, 3),
	} {
		if slices.Equal(other, dropped) {
			t.Errorf("%s: hidden is the same, want it to differ", name)
		}
	}
}

// TestDropoutSites expects a key of its own at every place where elements are
// dropped: the input of a stack, and in a layer the attention weights and every part.
// Encoder and decoder are passes of their own, and so are their keys.
func TestDropoutSites(t *testing.T) {
	for _, m := range []model{small(), writer("decoder"), writer("encoder_decoder")} {
		m.Dropout, m.Train = 0.4, true
		keys, draws := map[string]bool{}, 0
		for _, n := range m.trace(t, nil).Nodes() {
			if n.Op() != graph.OpUniform {
				continue
			}
			draws++
			if fold := n.Inputs()[0]; fold.Op() == graph.OpFoldKey {
				key, site := fold.Inputs()[0], fold.Inputs()[1]
				keys[fmt.Sprint(key.Attrs().Name, site.Attrs().Values)] = true
			}
		}
		want := 1 + 3*m.Layers
		if m.reads() {
			want += 1 + 5*m.Layers
		}
		if len(keys) != want || draws != want {
			t.Errorf("%s: %d draws from %d keys, want %d of each", m.Kind, draws, len(keys), want)
		}
	}
}
