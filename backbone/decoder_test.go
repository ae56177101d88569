package backbone_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

var positions = []string{"learned", "sinusoidal", "rotary", "relative", "alibi", "none"}

// TestLaterTokensChangeNoBit changes one token after the other, from the last on, and
// expects every bit of what decoders give at earlier positions, whatever their
// positions are.
func TestLaterTokensChangeNoBit(t *testing.T) {
	for _, kind := range []string{"decoder", "encoder_decoder"} {
		for _, positions := range positions {
			t.Run(kind+"/"+positions, func(t *testing.T) {
				m := writer(kind)
				m.Positions = positions
				batch, parameters := m.batch(5, 5, 3), m.parameters(t)
				p := exectest.Compile(t, m.trace(t, nil), reference.Single)
				want := p.Run(t, arguments(parameters, batch))["hidden"]
				for at := m.T - 1; at > 0; at-- {
					changed := maps.Clone(batch)
					changed["input/tokens"] = slices.Clone(batch["input/tokens"])
					for i := at; i < len(changed["input/tokens"]); i += m.T {
						token := changed["input/tokens"][i] + 1
						changed["input/tokens"][i] = math.Mod(token, float64(m.Tokens.Vocabulary))
					}
					got := p.Run(t, arguments(parameters, changed))["hidden"]
					for i := range m.B {
						row, earlier := i*m.T*m.Width, at*m.Width
						got, want := got[row:row+m.T*m.Width], want[row:row+m.T*m.Width]
						sameBits(t, "earlier", got[:earlier], want[:earlier])
						if slices.Equal(got[earlier:earlier+m.Width], want[earlier:earlier+m.Width]) {
							t.Errorf("example %d: position %d does not see its own token", i, at)
						}
					}
				}
			})
		}
	}
}

// TestMemory expects a decoder to see all of a memory, and nothing of its padding.
func TestMemory(t *testing.T) {
	m := writer("encoder_decoder")
	batch, parameters := m.batch(5, 3, 2), m.parameters(t)
	p := exectest.Compile(t, m.trace(t, nil), reference.Single)
	want := p.Run(t, arguments(parameters, batch))["hidden"]
	for i := range m.B * m.S {
		changed := maps.Clone(batch)
		changed["source/tokens"] = slices.Clone(batch["source/tokens"])
		changed["source/tokens"][i] = 10 - changed["source/tokens"][i]
		got := p.Run(t, arguments(parameters, changed))["hidden"]
		row := m.T * m.Width
		for example := range m.B {
			sees := example == i/m.S && batch["source/mask"][i] == 1 &&
				changed["source/tokens"][i] != batch["source/tokens"][i]
			same := slices.Equal(got[example*row:(example+1)*row], want[example*row:(example+1)*row])
			if same == sees {
				t.Errorf("token %d of memory %d: example %d stays the same: %v, want %v", i%m.S, i/m.S,
					example, same, !sees)
			}
		}
	}
}

// TestAttention expects the weights of every layer and head to add up to 1 over what a
// query may see, to be 0 elsewhere, and to be all 0 in a row of padding.
func TestAttention(t *testing.T) {
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			m := small()
			change(&m)
			batch := m.batch(5, 2, 0)
			p, layers := exectest.Compile(t, m.trace(t, nil), reference.Double), 0
			got := p.Run(t, arguments(m.parameters(t), batch))
			for name, weights := range got {
				kind, _, _ := strings.Cut(name, "/")
				keys, mask := m.T, batch["input/mask"]
				switch kind {
				case "attention":
				case "cross":
					keys, mask = m.S, batch["source/mask"]
				default:
					continue
				}
				layers++
				for i, row := range slices.Collect(slices.Chunk(weights, keys)) { // [B·H·T][S]
					example, query := i/m.T/m.Heads, i%m.T
					seen := slices.Clone(mask[example*keys : (example+1)*keys])
					if kind == "attention" && m.Kind != "encoder" {
						clear(seen[query+1:])
					}
					if err := distribution(row, seen); err != nil {
						t.Errorf("%s: example %d: query %d: %v", name, example, query, err)
					}
				}
			}
			want := m.Layers
			if m.reads() {
				want *= 2
			}
			if m.Kind == "mlp" {
				want = 0
			}
			if layers != want {
				t.Errorf("weights of %d layers, want %d", layers, want)
			}
		})
	}
}

// distribution reports weights that are none over the keys that are seen.
func distribution(weights, seen []float64) error {
	sum := 0.0
	for key, w := range weights {
		if (seen[key] == 0) != (w == 0) || w < 0 {
			return fmt.Errorf("key %d, seen %v, has the weight %v", key, seen[key], w)
		}
		sum += w
	}
	if want := slices.Max(seen); math.Abs(sum-want) > 1e-12 {
		return fmt.Errorf("weights add up to %v, want %v", sum, want)
	}
	return nil
}

// TestDecoderLeaves lists what a decoder with a memory has beside its encoder, whose
// leaves are those of an encoder alone.
func TestDecoderLeaves(t *testing.T) {
	m := writer("encoder_decoder")
	m.Layers, m.Positions, m.Norm, m.Activation = 1, "relative", "rmsnorm", "swiglu"
	both := m.new(t).Leaves()
	m.Kind = "encoder"
	encoder := m.new(t).Leaves()
	var got []string
	for _, l := range both[len(encoder):] {
		got = append(got, strings.TrimPrefix(l.Address, "backbone/decoder/")+l.Shape.String())
		if in := strings.Contains(l.Address, "/layers/"); in != (l.Layer == 1) {
			t.Errorf("%s is of layer %d, want to count on from the encoder's", l.Address, l.Layer)
		}
	}
	want := []string{"embed/relative[32,2]", "layers/0/norm1/scale[8]"}
	square := func(at string, parts ...string) {
		for _, part := range parts {
			want = append(want, at+part+"/w[8,8]", at+part+"/b[8]")
		}
	}
	square("layers/0/attention/", "q", "k", "v", "out")
	want = append(want, "layers/0/norm2/scale[8]")
	square("layers/0/cross/", "q", "k", "v", "out")
	want = append(want, "layers/0/norm3/scale[8]",
		"layers/0/mlp/gate/w[8,12]", "layers/0/mlp/gate/b[12]", "layers/0/mlp/in/w[8,12]",
		"layers/0/mlp/in/b[12]", "layers/0/mlp/out/w[12,8]", "layers/0/mlp/out/b[8]", "norm/scale[8]")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the decoder's leaves (-want +got):\n%s", diff)
	}
	for i, l := range encoder {
		if both[i].Address != l.Address || both[i].Layer != l.Layer {
			t.Errorf("leaf %d is %s, alone %s", i, both[i].Address, l.Address)
		}
	}
}

// TestDecodeErrors expects a misuse to be reported at the line that calls Decode.
func TestDecodeErrors(t *testing.T) {
	param := func(name string, shape ...int) *graph.Node {
		return graph.Param(name, graph.Float32, shape)
	}
	memory := func(b, s, d int) backbone.Encoded {
		return backbone.Encoded{Hidden: param("memory", b, s, d), Mask: param("memory/mask", b, s)}
	}
	for _, row := range []struct {
		kind   string
		memory backbone.Encoded
		want   string
	}{
		{"encoder", backbone.Encoded{}, "a backbone of kind encoder has no decoder, want decoder or"},
		{"decoder", memory(3, 4, 8), "a backbone of kind decoder looks at no memory"},
		{"encoder_decoder", backbone.Encoded{},
			"no memory or no mask of it, want what Encode gives of the same 3 examples"},
		{"encoder_decoder", memory(2, 4, 8), "[2,4,8] with a mask [2,4], want [3,S,8] and [3,S]"},
		{"encoder_decoder", memory(3, 4, 6), "[3,4,6] with a mask [3,4], want [3,S,8] and [3,S]"},
	} {
		m := small()
		m.Kind = row.kind
		nodes := map[string]*graph.Node{}
		for _, l := range m.new(t).Leaves() {
			nodes[l.Address] = param(l.Address, l.Shape...)
		}
		leaf := func(address string) *graph.Node { return nodes[address] }
		tokens := graph.Param("tokens", graph.Int32, graph.Shape{3, 5})
		in := backbone.Inputs{Tokens: tokens, Mask: param("mask", 3, 5)}
		_, err := graph.Trace("f", func() *graph.Func {
			m.new(t).Decode(leaf, in, row.memory, nil, false)
			return &graph.Func{}
		})
		var misuse *graph.Error
		if !errors.As(err, &misuse) || !strings.Contains(misuse.Message, row.want) ||
			!strings.HasPrefix(misuse.Pos, "backbone/decoder_test.go:") {
			t.Errorf("%s: error %v, want one of this line with %q", row.kind, err, row.want)
		}
	}
}
