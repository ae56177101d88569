package link

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

// written is a fixture of a decoder and the loss of its next tokens, as
// tools/fixtures/README.md describes it.
type written struct {
	Backbone struct {
		Layers, Width, Heads, MLP, Vocabulary int
		MaxLength                             int `json:"max_length"`
		Activation, Positions, Pooling        string
		Kind, Norm                            string
		NormOrder                             string `json:"norm_order"`
	}
	Batch, Parameters, Gradient tree
	Loss                        float64
}

type tree map[string]struct {
	Shape graph.Shape
	Data  []float64
}

// generation is teacher forcing: every token of a text from those before it and, if
// there is one, from a source. Vaswani et al. 2017, tied as in Press & Wolf 2017.
func generation(t *head.Tracer) head.Outputs {
	b := t.Param("b", graph.Shape{t.Target().Classes}, nn.Init{})
	scores := func(hidden *graph.Node) *graph.Node { // [..., D] to [..., V]
		return nn.Linear(hidden, graph.Transpose(t.Embedding(), 1, 0), b)
	}
	if n := t.Next(); n != nil {
		hidden, cache := t.Step(n.Cache, n.Token, n.Position)
		return head.Outputs{Cache: cache,
			Predictions: []head.Prediction{{Name: "scores", Node: scores(hidden)}}}
	}
	tokens, memory := t.Tokens(), head.Encoded{}
	if !t.DecoderOnly() {
		memory = t.Encode("source")
	}
	logits := scores(t.Decode(memory, tokens.Set).Hidden) // [B, T, V]
	flat := graph.Reshape(logits, -1, tokens.Classes)
	each := nn.CrossEntropy(flat, graph.Reshape(tokens.IDs, -1), nil)
	out := head.Outputs{Loss: graph.Reshape(each, tokens.IDs.Shape()...),
		Predictions: []head.Prediction{{Name: "scores", Node: logits}}}
	if !t.DecoderOnly() {
		out.Cache = t.Start(memory)
	}
	return out
}

// load returns a fixture and its task; its only objective comes as often as asked.
func load(t *testing.T, name string, dropout float64, objectives int) (*written, *Task) {
	t.Helper()
	data, err := os.ReadFile("../train/testdata/fixtures/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	f := &written{}
	if err := json.Unmarshal(data, f); err != nil {
		t.Fatal(err)
	}
	a := f.Backbone
	transformer, err := backbone.New(backbone.Config{
		Kind: a.Kind, Layers: a.Layers, Width: a.Width, Heads: a.Heads, MLP: a.MLP,
		Activation: a.Activation, Norm: a.Norm, NormOrder: a.NormOrder, Positions: a.Positions,
		Pooling: a.Pooling, Dropout: dropout,
		Tokens: &backbone.Tokens{Vocabulary: a.Vocabulary, MaxLength: a.MaxLength},
	})
	if err != nil {
		t.Fatal(err)
	}
	query := &Side{}
	for _, name := range slices.Sorted(maps.Keys(f.Batch)) {
		dtype := graph.Float32
		if strings.HasSuffix(name, "/tokens") {
			dtype = graph.Int32
		}
		query.Values = append(query.Values,
			graph.Value{Name: name, DType: dtype, Shape: f.Batch[name].Shape})
	}
	next := Objective{Name: "next", Head: "next", Weight: 1,
		Target: head.Target{Kind: head.TokensTarget, Classes: a.Vocabulary, Set: head.Input},
		Trace: func(spec head.Spec) (*head.Traced, error) {
			return head.Trace("generation", generation, spec)
		}}
	task, err := NewTask(transformer, slices.Repeat([]Objective{next}, objectives), nil, query)
	if err != nil {
		t.Fatal(err)
	}
	return f, task
}

// losses runs the objectives, and the gradient of the first in every leaf; scores are
// its own.
func (f *written) losses(t *testing.T, task *Task, precision reference.Precision) exectest.Values {
	t.Helper()
	args := exectest.Values{"key": {3, 4}}
	for _, named := range []tree{f.Batch, f.Parameters} {
		for name, array := range named {
			args[name] = array.Data
		}
	}
	traced := exectest.Trace(t, func() *graph.Func {
		g := &graph.Func{}
		param := func(name string, dtype graph.DType, shape graph.Shape) {
			g.Params = append(g.Params, graph.Param(name, dtype, shape))
		}
		for _, l := range task.Leaves() {
			param(l.Address, graph.Float32, l.Shape)
		}
		for _, v := range task.query.Values {
			param(v.Name, v.DType, v.Shape)
		}
		param("key", graph.Int32, graph.Shape{2})
		outs, err := task.bind(querySide, true, nil, g.Params).all()
		if err != nil {
			t.Fatal(err)
		}
		leaves := g.Params[:len(task.Leaves())]
		for i, gradient := range graph.Grad(outs[0].loss, leaves...) {
			g.Results = append(g.Results, graph.Result{Name: leaves[i].Attrs().Name, Node: gradient})
		}
		for i, o := range outs {
			g.Results = append(g.Results, graph.Result{Name: fmt.Sprintf("loss/%d", i), Node: o.loss})
		}
		g.Results = append(g.Results, outs[0].predictions...)
		return g
	})
	return exectest.Compile(t, traced, precision).Run(t, args)
}

// TestTeacherForcing compares a head's loss of next tokens, and its gradient in every
// leaf of backbone and head, with PyTorch's.
func TestTeacherForcing(t *testing.T) {
	for _, name := range []string{
		"decoder", "decoder_rotary", "encoder_decoder", "encoder_decoder_post",
	} {
		t.Run(name, func(t *testing.T) {
			f, task := load(t, name, 0, 1)
			got := f.losses(t, task, reference.Double)
			exectest.Near(t, "loss", got["loss/0"], []float64{f.Loss}, 1e-9)
			for address, want := range f.Gradient {
				exectest.Near(t, address, got[address], want.Data, 1e-9)
			}
			if len(f.Gradient) != len(task.Leaves()) {
				t.Errorf("%d gradients for %d leaves", len(f.Gradient), len(task.Leaves()))
			}
		})
	}
}

// TestSharedDecoding: two heads that decode the same set drop out the same elements.
func TestSharedDecoding(t *testing.T) {
	f, task := load(t, "encoder_decoder", 0.3, 2)
	got := f.losses(t, task, reference.Double)
	if got["loss/0"][0] != got["loss/1"][0] {
		t.Errorf("losses %v and %v, want the same", got["loss/0"], got["loss/1"])
	}
	if plain := f.Loss; got["loss/0"][0] == plain {
		t.Errorf("the loss is %v with dropout and without", plain)
	}
}

// TestWriter writes a text token by token, as a search does, and expects every bit of
// the scores of the whole text, however many positions there is room for.
func TestWriter(t *testing.T) {
	for _, name := range []string{
		"decoder", "decoder_alibi", "encoder_decoder", "encoder_decoder_relative",
	} {
		t.Run(name, func(t *testing.T) {
			f, task := load(t, name, 0, 1)
			text := f.Batch["input/tokens"]
			rows, length, classes := text.Shape[0], text.Shape[1], f.Backbone.Vocabulary
			want := f.losses(t, task, reference.Single)["scores"] // [B, T, V]
			args := exectest.Values{"key": {0, 0}}
			for address, array := range f.Parameters {
				args["leaf/"+address] = array.Data
			}
			for name, array := range f.Batch {
				args["query/"+name] = array.Data
			}
			start, err := task.Start("next")
			if err != nil {
				t.Fatal(err)
			}
			sizes := Texts{Rows: rows}
			if start != nil {
				args["memory"] = exectest.Compile(t, start, reference.Single).Run(t, args)["memory"]
				sizes.Memory = len(args["memory"]) / rows
			}
			a := task.transformer.Cache()
			for _, sizes.Positions = range []int{length, f.Backbone.MaxLength} {
				linked, err := task.Next("next", sizes)
				if err != nil {
					t.Fatal(err)
				}
				next := exectest.Compile(t, linked, reference.Single)
				args["written"] = make([]float64, rows*sizes.Positions*a)
				for at := range length {
					args["token"], args["position"] = nil, nil
					for row := range rows {
						args["token"] = append(args["token"], text.Data[row*length+at])
						args["position"] = append(args["position"], float64(at))
					}
					got := next.Run(t, args)
					for row := range rows {
						copy(args["written"][(row*sizes.Positions+at)*a:], got["remembered"][row*a:(row+1)*a])
						whole := want[(row*length+at)*classes:][:classes]
						if real := f.Batch["input/mask"].Data[row*length+at] == 1; real &&
							!slices.Equal(got["prediction/scores"][row*classes:][:classes], whole) {
							t.Errorf("text %d, position %d: scores %v, of the whole %v", row, at,
								got["prediction/scores"][row*classes:][:classes], whole)
						}
					}
				}
			}
		})
	}
}

// TestWriterErrors names what cannot write.
func TestWriterErrors(t *testing.T) {
	_, task := load(t, "decoder", 0, 1)
	sizes := Texts{Rows: 1, Positions: 2}
	for name, err := range map[string]error{
		"start": func() error { _, err := task.Start("other"); return err }(),
		"next":  func() error { _, err := task.Next("other", sizes); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), `no objective "other"`) {
			t.Errorf("%s: error %v, want one that names the objective", name, err)
		}
	}
	encoder, err := newTask(t, backbone.Config{Tokens: &backbone.Tokens{Vocabulary: 5, MaxLength: 4}},
		func(t *head.Tracer) head.Outputs {
			return head.Outputs{Loss: graph.ConstLike(t.Tokens().Weight, 1)}
		})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encoder.Next("next", sizes); err == nil ||
		!strings.Contains(err.Error(), `objective "next": head "writer": `) {
		t.Errorf("error %v, want one that names objective and head", err)
	}
}

// TestCacheIsPassedOn: a head that does not return the cache that it was given is refused,
// whatever it makes of it.
func TestCacheIsPassedOn(t *testing.T) {
	scores := func(hidden *graph.Node) []head.Prediction {
		return []head.Prediction{{Name: "scores", Node: graph.Pad(hidden, 1, 0, 1)}}
	}
	for name, spoil := range map[string]func(*head.Tracer, *head.Next) head.Outputs{
		"another": func(t *head.Tracer, n *head.Next) head.Outputs {
			hidden, _ := t.Step(n.Cache, n.Token, n.Position)
			return head.Outputs{Cache: n.Cache, Predictions: scores(hidden)}
		},
		"a sum": func(t *head.Tracer, n *head.Next) head.Outputs {
			hidden, cache := t.Step(n.Cache, n.Token, n.Position)
			return head.Outputs{Cache: graph.Add(cache, cache), Predictions: scores(hidden)}
		},
	} {
		task, err := newTask(t, backbone.Config{Kind: "decoder",
			Tokens: &backbone.Tokens{Vocabulary: 5, MaxLength: 4}},
			func(t *head.Tracer) head.Outputs {
				if n := t.Next(); n != nil {
					return spoil(t, n)
				}
				return head.Outputs{Loss: graph.ConstLike(t.Tokens().Weight, 1)}
			})
		if err != nil {
			t.Fatal(err)
		}
		_, err = task.Next("next", Texts{Rows: 1, Positions: 2})
		if err == nil || !strings.Contains(err.Error(), "pass on what Start or Step returns") {
			t.Errorf("%s: error %v, want one that says what to return", name, err)
		}
	}
}
