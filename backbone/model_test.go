package backbone_test

import (
	"fmt"
	"maps"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// model is a backbone with a head and its loss on a batch [B, T]: a linear head of
// what is pooled, or the next token by the embedding of tokens, to which it is tied.
type model struct {
	backbone.Config
	Objective string
	Classes   int  // 0: regression
	Next      bool // decode, and predict the next token
	B, T      int
	S         int // positions of the memory of an encoder_decoder
	Train     bool
}

// small is a model whose parts all do something.
func small() model {
	return model{
		Config: backbone.Config{
			Kind: "encoder", Layers: 2, Width: 8, Heads: 2, MLP: 12,
			Activation: "gelu", Positions: "learned", Pooling: "mean",
			Tokens: &backbone.Tokens{Vocabulary: 11, MaxLength: 6},
		},
		Objective: "label", Classes: 3, B: 3, T: 5,
	}
}

// numeric is small with vectors of three features for an input.
func numeric() model {
	m := small()
	m.Tokens, m.Numeric = nil, &backbone.Numeric{Features: 3, MaxLength: 6}
	m.Objective, m.Classes = "level", 0
	return m
}

// writer is small as a decoder of some kind, which predicts the next token.
func writer(kind string) model {
	m := small()
	m.decodes(kind)
	return m
}

// decodes makes m one that predicts the next token.
func (m *model) decodes(kind string) {
	m.Kind, m.Objective, m.Next, m.Classes, m.S = kind, "next", true, m.Tokens.Vocabulary, 4
}

// reads reports whether the decoder looks at a memory.
func (m model) reads() bool { return m.Next && m.Kind == "encoder_decoder" }

func (m model) new(t *testing.T) *backbone.Transformer {
	t.Helper()
	transformer, err := backbone.New(m.Config)
	if err != nil {
		t.Fatal(err)
	}
	return transformer.For("mine")
}

// leaves lists the parameters of backbone and head.
func (m model) leaves(t *testing.T) []nn.Leaf {
	out := max(m.Classes, 1)
	leaves := m.new(t).Leaves()
	if !m.Next {
		leaves = append(leaves, nn.Leaf{Address: "heads/" + m.Objective + "/w", Role: "weight",
			Shape: graph.Shape{m.Width, out}, Init: nn.Init{Kind: nn.GlorotUniform, Scale: 1}})
	}
	return append(leaves,
		nn.Leaf{Address: "heads/" + m.Objective + "/b", Shape: graph.Shape{out}, Role: "bias"})
}

// parameters returns initial values, biases and scales made uneven as training
// would.
func (m model) parameters(t *testing.T) exectest.Values {
	values := exectest.Values{}
	for i, leaf := range m.leaves(t) {
		values[leaf.Address] = nn.InitialValue(7, leaf)
		if leaf.Role == "bias" || leaf.Role == "norm" || leaf.Init.Kind == nn.Zeros {
			for j, noise := range exectest.Random(uint64(i), leaf.Shape.Size()) {
				values[leaf.Address][j] += 0.1 * noise
			}
		}
	}
	return values
}

// batch draws a batch whose rows have the given lengths; what stands at padding
// is drawn too. A row of length 0 weighs 0.
func (m model) batch(lengths ...int) exectest.Values {
	values := exectest.Values{"key": {17, 4}}
	rows := len(lengths)
	mask, weight := make([]float64, rows*m.T), make([]float64, rows)
	sum := 0.0
	for i, length := range lengths {
		for j := range length {
			mask[i*m.T+j] = 1
		}
		if length > 0 {
			weight[i] = 1 + float64(i)/4
		}
		sum += weight[i]
	}
	if m.reads() {
		values["source/key"], values["source/tokens"] = []float64{17, 5}, m.tokens(rows*m.S, 5)
		values["source/mask"] = make([]float64, rows*m.S)
		for i, length := range lengths {
			for j := range min(length, m.S) {
				values["source/mask"][i*m.S+j] = 1
			}
		}
	}
	switch {
	case m.Tokens != nil:
		values["input/tokens"] = m.tokens(rows*m.T, 3)
	case m.Image != nil:
		values["input/image"] = exectest.Random(5, rows*m.T*m.Image.Features())
	default:
		values["input/numeric"] = exectest.Random(5, rows*m.T*m.Numeric.Features)
	}
	values["input/mask"] = mask
	if m.Next {
		sum, values[m.Objective+"/tokens"] = 0, m.tokens(rows*m.T, 7)
		each := make([]float64, rows*m.T)
		for i, real := range mask {
			each[i] = real * weight[i/m.T]
			sum += each[i]
		}
		weight = each
	}
	values[m.Objective+"/weight"] = weight
	values[m.Objective+"/inverse_weight"] = []float64{1 / max(sum, 1)}
	switch {
	case m.Next:
		return values
	case m.Classes == 0:
		values[m.Objective+"/value"] = exectest.Random(6, rows)
		return values
	}
	class, classMask := make([]float64, rows), make([]float64, m.Classes)
	for i := range class {
		class[i] = float64(i % m.Classes)
	}
	for i := range classMask {
		classMask[i] = 1
	}
	values[m.Objective+"/class"], values[m.Objective+"/class_mask"] = class, classMask
	return values
}

// tokens returns n ids; another b gives others.
func (m model) tokens(n, b int) []float64 {
	var ids []float64
	for i := range n {
		ids = append(ids, float64((i*i+b*i+1)%m.Tokens.Vocabulary))
	}
	return ids
}

// arguments joins parameters and a batch.
func arguments(sets ...exectest.Values) exectest.Values {
	all := exectest.Values{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

// trace returns hidden, what is read of it, prediction, attention weights by layer and
// the derivatives of the loss.
func (m model) trace(t *testing.T, along exectest.Values) *graph.Func {
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
		result := func(name string, n *graph.Node) {
			f.Results = append(f.Results, graph.Result{Name: name, Node: n})
		}
		var leaves []*graph.Node
		for _, leaf := range m.leaves(t) {
			leaves = append(leaves, param(leaf.Address, graph.Float32, leaf.Shape...))
		}
		inputs := func(set string, positions int) backbone.Inputs {
			in := backbone.Inputs{Mask: param(set+"/mask", graph.Float32, m.B, positions)}
			switch {
			case m.Tokens != nil:
				in.Tokens = param(set+"/tokens", graph.Int32, m.B, positions)
			case m.Image != nil:
				in.Image = param(set+"/image", graph.Float32, m.B, positions, m.Image.Features())
			default:
				in.Numeric = param(set+"/numeric", graph.Float32, m.B, positions, m.Numeric.Features)
			}
			return in
		}
		in, key := inputs("input", m.T), param("key", graph.Int32, 2)
		leaf := func(address string) *graph.Node { return nodes[address] }

		var prediction, each *graph.Node
		var attention, cross []*graph.Node
		answers := graph.Shape{m.B}
		if m.Next {
			var memory backbone.Encoded
			if m.reads() {
				key := param("source/key", graph.Int32, 2)
				memory = transformer.Encode(leaf, inputs("source", m.S), key, m.Train)
			}
			decoded := transformer.Decode(leaf, in, memory, key, m.Train)
			attention, cross, answers = decoded.Attention, decoded.Cross, graph.Shape{m.B, m.T}
			result("hidden", decoded.Hidden)
			prediction, each = m.next(nodes, decoded.Hidden, param)
		} else {
			encoded := transformer.Encode(leaf, in, key, m.Train)
			attention = encoded.Attention
			result("hidden", encoded.Hidden)
			result("pooled", encoded.Pooled)
			prediction, each = m.answer(nodes, encoded.Pooled, param)
		}
		result("prediction", prediction)
		for i, weights := range attention {
			result(fmt.Sprintf("attention/%d", i), weights)
		}
		for i, weights := range cross {
			result(fmt.Sprintf("cross/%d", i), weights)
		}
		sum := graph.Sum(graph.Mul(each, param(m.Objective+"/weight", graph.Float32, answers...)))
		loss := graph.Mul(sum, param(m.Objective+"/inverse_weight", graph.Float32))
		f.Results = append(f.Results, exectest.Derivatives(loss, along, leaves...)...)
		return &f
	})
}

type declare func(name string, dtype graph.DType, shape ...int) *graph.Node

// answer is the prediction of what is pooled [B, D], and the loss [B].
func (m model) answer(nodes map[string]*graph.Node, pooled *graph.Node,
	param declare) (prediction, loss *graph.Node) {
	o := m.Objective
	prediction = nn.Linear(pooled, nodes["heads/"+o+"/w"], nodes["heads/"+o+"/b"])
	if m.Classes > 0 {
		return prediction, nn.CrossEntropy(prediction, param(o+"/class", graph.Int32, m.B),
			param(o+"/class_mask", graph.Float32, m.Classes))
	}
	prediction = graph.Reshape(prediction, m.B)
	return prediction, nn.SquaredError(prediction, param(o+"/value", graph.Float32, m.B))
}

// next is the prediction [B, T, V] of the next token, and the loss [B, T].
// Press & Wolf 2017, https://arxiv.org/abs/1608.05859.
func (m model) next(nodes map[string]*graph.Node, hidden *graph.Node,
	param declare) (prediction, loss *graph.Node) {
	table := graph.Transpose(nodes["backbone/embed/tokens"], 1, 0)
	prediction = nn.Linear(hidden, table, nodes["heads/"+m.Objective+"/b"])
	tokens := param(m.Objective+"/tokens", graph.Int32, m.B, m.T)
	each := nn.CrossEntropy(graph.Reshape(prediction, m.B*m.T, -1), graph.Reshape(tokens, -1), nil)
	return prediction, graph.Reshape(each, m.B, m.T)
}

// direction draws a random direction of all leaves.
func (m model) direction(t *testing.T) exectest.Values {
	along := exectest.Values{}
	for i, leaf := range m.leaves(t) {
		along[leaf.Address] = exectest.Random(100+uint64(i), leaf.Shape.Size())
	}
	return along
}
