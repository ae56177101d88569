package backbone_test

import (
	"slices"
	"testing"

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
	"numeric": func(m *model) {
		n := numeric()
		n.Numeric.MaxLength = m.Tokens.MaxLength
		m.Tokens, m.Numeric, m.Objective, m.Classes = nil, n.Numeric, n.Objective, n.Classes
	},
	"wide": func(m *model) { m.Layers, m.Width, m.Heads, m.MLP = 1, 64, 4, 80 },
}

// TestDerivatives compares the derivatives of a loss, dropout on at a fixed key,
// with central differences along a random direction of all leaves.
func TestDerivatives(t *testing.T) {
	const (
		step      = 1e-5
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
			got, hi, lo := at(0), at(step), at(-step)
			difference := func(name string) []float64 {
				d := make([]float64, len(hi[name]))
				for i := range d {
					d[i] = (hi[name][i] - lo[name][i]) / (2 * step)
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
		for kind, m := range map[string]model{"tokens": small(), "zero features": numeric()} {
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
// dropped: the input, and in a layer the attention weights and both parts.
func TestDropoutSites(t *testing.T) {
	m := small()
	m.Dropout, m.Train = 0.4, true
	keys, draws := map[float64]bool{}, 0
	for _, n := range m.trace(t, nil).Nodes() {
		if n.Op() != graph.OpUniform {
			continue
		}
		draws++
		if fold := n.Inputs()[0]; fold.Op() == graph.OpFoldKey {
			keys[fold.Inputs()[1].Attrs().Values[0]] = true
		}
	}
	if want := 1 + 3*m.Layers; len(keys) != want || draws != want {
		t.Errorf("%d draws from %d keys, want %d of each", draws, len(keys), want)
	}
}
