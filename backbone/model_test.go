package backbone_test

import (
	"maps"
	"slices"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// model is a backbone with a linear head and its loss on a batch [B, T].
type model struct {
	backbone.Config
	Objective string
	Classes   int // 0: regression
	B, T      int
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

func (m model) new(t *testing.T) *backbone.Transformer {
	t.Helper()
	transformer, err := backbone.New(m.Config)
	if err != nil {
		t.Fatal(err)
	}
	return transformer
}

// leaves lists the parameters of backbone and head.
func (m model) leaves(t *testing.T) []nn.Leaf {
	out := max(m.Classes, 1)
	weight := nn.Init{Kind: nn.GlorotUniform, Scale: 1}
	return append(m.new(t).Leaves(),
		nn.Leaf{Address: "heads/" + m.Objective + "/w", Shape: graph.Shape{m.Width, out},
			Init: weight, Role: "weight"},
		nn.Leaf{Address: "heads/" + m.Objective + "/b", Shape: graph.Shape{out}, Role: "bias"})
}

// parameters returns initial values, biases and scales made uneven as training
// would.
func (m model) parameters(t *testing.T) exectest.Values {
	values := exectest.Values{}
	for i, leaf := range m.leaves(t) {
		values[leaf.Address] = nn.InitialValue(7, leaf)
		if leaf.Role == "bias" || leaf.Role == "norm" {
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
	rows, inputs := len(lengths), make([]float64, 0, len(lengths)*m.T)
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
	if m.Tokens != nil {
		for i := range rows * m.T {
			inputs = append(inputs, float64((i*i+3*i+1)%m.Tokens.Vocabulary))
		}
		values["input/tokens"] = inputs
	} else {
		values["input/numeric"] = exectest.Random(5, rows*m.T*m.Numeric.Features)
	}
	values["input/mask"] = mask
	values[m.Objective+"/weight"] = weight
	values[m.Objective+"/inverse_weight"] = []float64{1 / max(sum, 1)}
	if m.Classes == 0 {
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

// arguments joins parameters and a batch.
func arguments(sets ...exectest.Values) exectest.Values {
	all := exectest.Values{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

// trace returns hidden, pooled, prediction and the derivatives of the loss.
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
		var leaves []*graph.Node
		for _, leaf := range m.leaves(t) {
			leaves = append(leaves, param(leaf.Address, graph.Float32, leaf.Shape...))
		}
		in := backbone.Inputs{Mask: param("input/mask", graph.Float32, m.B, m.T)}
		if m.Tokens != nil {
			in.Tokens = param("input/tokens", graph.Int32, m.B, m.T)
		} else {
			in.Numeric = param("input/numeric", graph.Float32, m.B, m.T, m.Numeric.Features)
		}
		leaf := func(address string) *graph.Node { return nodes[address] }
		encoded := transformer.Encode(leaf, in, param("key", graph.Int32, 2), m.Train)

		o := m.Objective
		prediction := nn.Linear(encoded.Pooled, nodes["heads/"+o+"/w"], nodes["heads/"+o+"/b"])
		var each *graph.Node // [B]
		if m.Classes > 0 {
			each = nn.CrossEntropy(prediction, param(o+"/class", graph.Int32, m.B),
				param(o+"/class_mask", graph.Float32, m.Classes))
		} else {
			prediction = graph.Reshape(prediction, m.B)
			each = nn.SquaredError(prediction, param(o+"/value", graph.Float32, m.B))
		}
		sum := graph.Sum(graph.Mul(each, param(o+"/weight", graph.Float32, m.B)))
		loss := graph.Mul(sum, param(o+"/inverse_weight", graph.Float32))
		f.Results = slices.Concat([]graph.Result{
			{Name: "hidden", Node: encoded.Hidden}, {Name: "pooled", Node: encoded.Pooled},
			{Name: "prediction", Node: prediction},
		}, exectest.Derivatives(loss, along, leaves...))
		return &f
	})
}

// direction draws a random direction of all leaves.
func (m model) direction(t *testing.T) exectest.Values {
	along := exectest.Values{}
	for i, leaf := range m.leaves(t) {
		along[leaf.Address] = exectest.Random(100+uint64(i), leaf.Shape.Size())
	}
	return along
}
