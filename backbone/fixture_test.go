package backbone_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

type array struct {
	Shape graph.Shape
	Data  []float64
}

type tree map[string]array

func (t tree) values() exectest.Values {
	values := exectest.Values{}
	for name, a := range t {
		values[name] = a.Data
	}
	return values
}

// fixture is a forward pass with gradients, as tools/fixtures/README.md describes it.
type fixture struct {
	Backbone struct {
		Layers, Width, Heads, MLP, Vocabulary, Features int
		MaxLength                                       int `json:"max_length"`
		Activation, Positions, Pooling                  string
		Kind, Norm                                      string
		NormOrder                                       string `json:"norm_order"`
		Experts, Segments                               int
		Image                                           []int // height, width, channels, patch
		Adapters                                        []struct {
			Kind, On string
			Rank     int
			Scale    float64
			Private  bool
		}
	}
	Objective struct {
		Name, Kind string
		Size       int
	}
	Zero                        []string `json:"zero_gradient"`
	Batch, Parameters, Gradient tree
	Hidden, Pooled, Prediction  array
	Attention, Cross            array // of all layers: [L, B, H, T, S]
	Loss                        float64
}

func load(t *testing.T, name string) fixture {
	t.Helper()
	data, err := os.ReadFile("../framework/train/testdata/fixtures/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f fixture) model() model {
	a := f.Backbone
	m := model{
		Config: backbone.Config{
			Kind: cmp.Or(a.Kind, "encoder"), Norm: a.Norm, NormOrder: a.NormOrder,
			Layers: a.Layers, Width: a.Width, Heads: a.Heads, MLP: a.MLP,
			Activation: a.Activation, Positions: a.Positions, Pooling: a.Pooling,
		},
		Objective: f.Objective.Name, Train: true,
		B: f.Batch["input/mask"].Shape[0], T: f.Batch["input/mask"].Shape[1],
	}
	for _, one := range a.Adapters {
		m.Adapters = append(m.Adapters, backbone.Adapter{Kind: one.Kind, On: one.On, Rank: one.Rank,
			Scale: one.Scale, PerTask: one.Private})
	}
	if a.Experts > 0 {
		m.Experts = &backbone.Experts{Count: a.Experts, PerTask: true}
	}
	switch f.Objective.Kind {
	case "classification":
		m.Classes = f.Objective.Size
	case "tokens":
		m.Classes, m.Next = f.Objective.Size, true
	}
	if m.reads() {
		m.S = f.Batch["source/mask"].Shape[1]
	}
	if a.Vocabulary > 0 {
		m.Tokens = &backbone.Tokens{Vocabulary: a.Vocabulary, MaxLength: a.MaxLength,
			Segments: a.Segments, Separator: separator}
	} else if len(a.Image) == 4 {
		m.Image = &backbone.Image{Height: a.Image[0], Width: a.Image[1], Channels: a.Image[2],
			Patch: a.Image[3]}
	} else {
		m.Numeric = &backbone.Numeric{Features: a.Features, MaxLength: a.MaxLength}
	}
	return m
}

// separator is the token between the texts of fixtures and models here.
const separator = 2

var fixtures = []string{
	"encoder", "encoder_relu", "encoder_first", "encoder_positions_none", "encoder_numeric",
	"mlp", "mlp_tokens",
	"encoder_post", "encoder_sinusoidal", "encoder_rotary", "encoder_relative", "encoder_alibi",
	"encoder_segments", "encoder_image",
	"decoder", "decoder_last", "decoder_rotary", "decoder_relative", "decoder_alibi",
	"encoder_decoder", "encoder_decoder_post", "encoder_decoder_relative",
	"encoder_adapters", "encoder_decoder_adapters",
}

// TestPyTorch compares forward pass, loss and every gradient with PyTorch's. The
// last row of the batches is padding only: what it gives is a choice.
func TestPyTorch(t *testing.T) {
	for _, p := range []struct {
		name      string
		precision reference.Precision
		tolerance float64
	}{{"double", reference.Double, 1e-9}, {"single", reference.Single, 1e-4}} {
		for _, name := range fixtures {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				f := load(t, name)
				m := f.model()
				keys := exectest.Values{"key": {0, 0}, "source/key": {0, 1}}
				args := arguments(f.Parameters.values(), f.Batch.values(), keys)
				got := exectest.Compile(t, m.trace(t, nil), p.precision).Run(t, args)

				mask := f.Batch["input/mask"].Data
				weight := f.Batch[m.Objective+"/weight"].Data
				near := func(name string, mask, want []float64) {
					t.Helper()
					exectest.Near(t, name, at(mask, got[name]), at(mask, want), p.tolerance)
				}
				near("hidden", mask, f.Hidden.Data)
				if f.Pooled.Data != nil {
					near("pooled", weight, f.Pooled.Data)
				}
				f.compareAttention(t, got, p.tolerance)
				near("prediction", weight, f.Prediction.Data)
				exectest.Near(t, "loss", got["value"], []float64{f.Loss}, p.tolerance)
				f.compareGradient(t, got, p.tolerance)
			})
		}
	}
}

// compareAttention compares the weights of every layer, where the file has them.
func (f fixture) compareAttention(t *testing.T, got exectest.Values, tolerance float64) {
	t.Helper()
	for name, want := range map[string]array{"attention": f.Attention, "cross": f.Cross} {
		if want.Data == nil {
			continue
		}
		size := len(want.Data) / want.Shape[0]
		for i, layer := range slices.Collect(slices.Chunk(want.Data, size)) {
			name := fmt.Sprintf("%s/%d", name, i)
			exectest.Near(t, name, got[name], layer, tolerance)
		}
	}
}

// compareGradient compares leaf by leaf. Softmax does not see the key bias of
// attention, so its true gradient is zero and both sides hold rounding noise:
// that is bounded by the largest gradient of the model.
func (f fixture) compareGradient(t *testing.T, got exectest.Values, tolerance float64) {
	t.Helper()
	largest := 0.0
	for _, g := range f.Gradient {
		for _, v := range g.Data {
			largest = max(largest, math.Abs(v))
		}
	}
	for address, want := range f.Gradient {
		g := got["gradient/"+address]
		if !slices.Contains(f.Zero, address) {
			exectest.Near(t, address, g, want.Data, tolerance)
			continue
		}
		for i, v := range g {
			if !(math.Abs(v) <= tolerance*largest) {
				t.Errorf("%s: gradient %d is %.3g, want 0 up to %.3g", address, i, v, tolerance*largest)
			}
		}
	}
}

// TestKeyBias holds the fixtures to the leaves they name as being without a
// gradient.
func TestKeyBias(t *testing.T) {
	f := load(t, "encoder")
	want := []string{"backbone/layers/0/attention/k/b", "backbone/layers/1/attention/k/b"}
	slices.Sort(f.Zero)
	if !slices.Equal(f.Zero, want) {
		t.Errorf("leaves without gradient %q, want %q", f.Zero, want)
	}
}

// at keeps the rows of x whose mask is not 0.
func at(mask, x []float64) []float64 {
	var kept []float64
	for i, row := range slices.Collect(slices.Chunk(x, len(x)/len(mask))) {
		if mask[i] != 0 {
			kept = append(kept, row...)
		}
	}
	return kept
}

// TestEveryOptionHasAFixture expects every value of every option in the fixtures that are
// compared, all of which have rows of several lengths. What values there are is read off
// the message about one that is none of them.
func TestEveryOptionHasAFixture(t *testing.T) {
	for _, option := range []struct {
		name string
		of   func(c *backbone.Config) *string
	}{
		{"kind", func(c *backbone.Config) *string { return &c.Kind }},
		{"activation", func(c *backbone.Config) *string { return &c.Activation }},
		{"norm", func(c *backbone.Config) *string { return &c.Norm }},
		{"norm_order", func(c *backbone.Config) *string { return &c.NormOrder }},
		{"positions", func(c *backbone.Config) *string { return &c.Positions }},
		{"pooling", func(c *backbone.Config) *string { return &c.Pooling }},
	} {
		config := small().Config
		*option.of(&config) = "?"
		_, known, _ := strings.Cut(config.Check().Error(), option.name+` is "?", want `)
		values := strings.Split(known, " or ")
		if len(values) < 2 {
			t.Fatalf("%s: values %q", option.name, values)
		}
		for _, name := range fixtures {
			m := load(t, name).model()
			m.Norm, m.NormOrder = cmp.Or(m.Norm, "layernorm"), cmp.Or(m.NormOrder, "pre")
			values = slices.DeleteFunc(values, func(v string) bool { return v == *option.of(&m.Config) })
		}
		if len(values) > 0 {
			t.Errorf("%s: no fixture of %q", option.name, values)
		}
	}
}
