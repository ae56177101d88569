package wire

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"quickstudy/framework/graph"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// exampleFunc uses every attribute that a node may have.
func exampleFunc(t testing.TB) *graph.Func {
	t.Helper()
	f, err := graph.Trace("example", func() *graph.Func {
		w := graph.Param("w", graph.Float32, graph.Shape{4, 3})
		x := graph.Param("x", graph.Float32, graph.Shape{8, 4})
		ids := graph.Param("ids", graph.Int32, graph.Shape{8})
		loss := &graph.Signature{
			Name: "loss",
			Params: []graph.Value{{Name: "logits", DType: graph.Float32,
				Shape: graph.Shape{8, 3}}},
			Results: []graph.Value{{Name: "sum", DType: graph.Float32},
				{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}},
		}
		logits := graph.Add(graph.Dot(x, w), graph.OneHot(ids, 3, graph.Float32))
		logits = graph.Add(logits, graph.DotT(graph.Transpose(x, 1, 0), w, true, false))
		called := graph.Call(loss, logits)
		noise := graph.Uniform(graph.FoldKey(called[1], graph.Scalar(graph.Int32, 7)),
			graph.Float32, graph.Shape{8, 3})
		total := graph.Add(called[0], graph.Sum(graph.CumSum(noise, 1, true)))
		total = graph.Add(total, graph.Sum(graph.Pad(graph.Slice(x, 1, 1, 3), 0, 2, 1)))
		table := graph.Const(graph.Float32, graph.Shape{3}, []float64{0.5, -1, 2})
		total = graph.Mul(total, graph.Sum(graph.Mul(table,
			graph.Convert(graph.Iota(graph.Int32, graph.Shape{3}, 0), graph.Float32))))
		return &graph.Func{
			Params: []*graph.Node{w, x, ids},
			Results: []graph.Result{
				{Name: "loss", Node: total}, {Name: "dw", Node: graph.Grad(total, w, logits)[0]},
				{Name: "best", Node: graph.TopK(logits, 2)},
			},
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFuncRoundTrip(t *testing.T) {
	want := exampleFunc(t)
	m, err := EncodeFunc(want)
	if err != nil {
		t.Fatal(err)
	}
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var received pluginv1.Graph
	if err := Unmarshal(data, &received); err != nil {
		t.Fatal(err)
	}
	got, err := DecodeFunc(&received)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	nodes := want.Nodes()
	for i, n := range got.Nodes() {
		if n.Pos() != nodes[i].Pos() {
			t.Errorf("node %d: position %q, want %q", i, n.Pos(), nodes[i].Pos())
		}
	}
	t.Logf("%d nodes, %d bytes", len(nodes), len(data))
}

func TestFuncRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*pluginv1.Graph)
		want   string
	}{
		{"no table", func(m *pluginv1.Graph) { m.Strings = nil }, "entry 0"},
		{"unknown operation", func(m *pluginv1.Graph) {
			m.Strings[m.Nodes[0].GetOp()] = "frobnicate"
		}, `unknown operation "frobnicate"`},
		{"operation outside the table", func(m *pluginv1.Graph) { m.Nodes[2].Op = 1 << 30 },
			"of a table of"},
		{"operand after its user", func(m *pluginv1.Graph) { m.Nodes[3].Inputs = []uint32{9, 9} },
			"only 3 come before"},
		{"another type", func(m *pluginv1.Graph) {
			last(m).Dtype = pluginv1.ElementType_ELEMENT_TYPE_BOOL
		}, "states the type bool"},
		{"another shape", func(m *pluginv1.Graph) { last(m).Dims = []uint32{77} },
			"states the type"},
		{"huge shape", func(m *pluginv1.Graph) {
			m.Nodes[0].Attributes.Dims = []uint32{1 << 20, 1 << 20}
		}, "elements"},
		{"empty axis", func(m *pluginv1.Graph) { m.Nodes[0].Attributes.Dims = []uint32{0} },
			"axes are positive"},
		{"rank", func(m *pluginv1.Graph) { m.Nodes[0].Attributes.Dims = make([]uint32, 17) },
			"rank 17"},
		{"unknown dtype", func(m *pluginv1.Graph) { m.Nodes[0].Attributes.Dtype = 9 },
			"element type 9"},
		{"signature", func(m *pluginv1.Graph) { m.Nodes[0].Attributes.Signature = 5 },
			"signature 5 of 1"},
		{"missing parameter", func(m *pluginv1.Graph) { m.Params = m.Params[1:] }, ""},
		{"result", func(m *pluginv1.Graph) { m.Results[0].Node = 4000 }, `result "loss"`},
		{"long string", func(m *pluginv1.Graph) {
			m.Strings = append(m.Strings, strings.Repeat("x", 5000))
		}, "5000 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := EncodeFunc(exampleFunc(t))
			if err != nil {
				t.Fatal(err)
			}
			tt.change(m)
			f, err := DecodeFunc(m)
			if err == nil || f != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func last(m *pluginv1.Graph) *pluginv1.Node { return m.Nodes[len(m.Nodes)-1] }

func FuzzDecodeFunc(f *testing.F) {
	m, err := EncodeFunc(exampleFunc(f))
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.Graph
		if Unmarshal(data, &m) != nil {
			return
		}
		g, err := DecodeFunc(&m)
		if err != nil {
			return
		}
		again, err := EncodeFunc(g)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if h, err := DecodeFunc(again); err != nil || h.String() != g.String() {
			t.Fatalf("decoding is not stable: %v", err)
		}
	})
}
