package wire

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// Limits of a traced function from another process. The largest programs known,
// twelve layers with five second-order steps, have 35 thousand nodes once linked;
// what crosses here is before linking and smaller.
const (
	maxNodes      = 1 << 16
	maxInputs     = 1 << 20 // over all nodes
	maxConstants  = 1 << 24 // values over all constants
	maxStrings    = 1 << 18
	maxString     = 1 << 10
	maxSignatures = 1 << 12
	maxValues     = 1 << 16 // parameters, results, or values of a signature
	maxRank       = 16
	maxElements   = math.MaxInt32 // of one node
)

// EncodeFunc converts a traced function for the wire.
func EncodeFunc(f *graph.Func) (*pluginv1.Graph, error) {
	e := encoder{
		graph:      &pluginv1.Graph{Name: f.Name, Strings: []string{""}},
		strings:    map[string]uint32{"": 0},
		nodes:      map[*graph.Node]uint32{},
		signatures: map[*graph.Signature]uint32{},
	}
	for _, n := range f.Nodes() {
		if err := e.node(n); err != nil {
			return nil, fmt.Errorf("function %q: %w", f.Name, err)
		}
	}
	for _, p := range f.Params {
		e.graph.Params = append(e.graph.Params, e.nodes[p])
	}
	for _, r := range f.Results {
		e.graph.Results = append(e.graph.Results,
			&pluginv1.Result{Name: r.Name, Node: e.nodes[r.Node]})
	}
	return e.graph, nil
}

type encoder struct {
	graph      *pluginv1.Graph
	strings    map[string]uint32
	nodes      map[*graph.Node]uint32
	signatures map[*graph.Signature]uint32 // 1 + index
}

func (e *encoder) text(s string) uint32 {
	i, ok := e.strings[s]
	if !ok {
		i = uint32(len(e.graph.Strings))
		e.strings[s] = i
		e.graph.Strings = append(e.graph.Strings, s)
	}
	return i
}

func (e *encoder) node(n *graph.Node) error {
	m := &pluginv1.Node{
		Op: e.text(n.Op().String()), Dtype: pluginv1.ElementType(n.DType()),
		Position: e.text(n.Pos()),
	}
	var err error
	if m.Dims, err = unsigned(n.Shape()); err != nil {
		return fmt.Errorf("%v: shape: %w", n, err)
	}
	for _, in := range n.Inputs() {
		m.Inputs = append(m.Inputs, e.nodes[in])
	}
	if m.Attributes, err = e.attributes(n.Attrs()); err != nil {
		return fmt.Errorf("%v: %w", n, err)
	}
	e.nodes[n] = uint32(len(e.graph.Nodes))
	e.graph.Nodes = append(e.graph.Nodes, m)
	return nil
}

// attributes is nil when all of them are zero.
func (e *encoder) attributes(a *graph.Attrs) (*pluginv1.NodeAttributes, error) {
	dims, err := unsigned(a.Shape)
	if err != nil {
		return nil, fmt.Errorf("shape: %w", err)
	}
	axes, err := unsigned(a.Axes)
	if err != nil {
		return nil, fmt.Errorf("axes: %w", err)
	}
	numbers, err := unsigned([]int{a.Axis, a.Lo, a.Hi, a.N})
	if err != nil {
		return nil, err
	}
	m := &pluginv1.NodeAttributes{
		Name: e.text(a.Name), Dtype: pluginv1.ElementType(a.DType), Dims: dims, Values: a.Values,
		Axes: axes,
		Axis: numbers[0], Lo: numbers[1], Hi: numbers[2], N: numbers[3],
		TransA: a.TransA, TransB: a.TransB, Reverse: a.Reverse,
	}
	if a.Sig != nil {
		if m.Signature, err = e.signature(a.Sig); err != nil {
			return nil, err
		}
	}
	if a.Name == "" && a.DType == 0 && len(dims)+len(axes)+len(a.Values) == 0 && a.Axis == 0 &&
		a.Lo == 0 && a.Hi == 0 && a.N == 0 && !a.TransA && !a.TransB && !a.Reverse && a.Sig == nil {
		return nil, nil
	}
	return m, nil
}

func (e *encoder) signature(s *graph.Signature) (uint32, error) {
	if i, ok := e.signatures[s]; ok {
		return i, nil
	}
	m, err := EncodeSignature(s)
	if err != nil {
		return 0, err
	}
	e.graph.Signatures = append(e.graph.Signatures, m)
	e.signatures[s] = uint32(len(e.graph.Signatures))
	return e.signatures[s], nil
}

// EncodeSignature converts a function's type for the wire.
func EncodeSignature(s *graph.Signature) (*pluginv1.Signature, error) {
	params, err := encodeValues(s.Params)
	if err != nil {
		return nil, fmt.Errorf("signature %q: %w", s.Name, err)
	}
	results, err := encodeValues(s.Results)
	if err != nil {
		return nil, fmt.Errorf("signature %q: %w", s.Name, err)
	}
	return &pluginv1.Signature{Name: s.Name, Params: params, Results: results}, nil
}

func encodeValues(values []graph.Value) ([]*pluginv1.Value, error) {
	var out []*pluginv1.Value
	for _, v := range values {
		dims, err := unsigned(v.Shape)
		if err != nil {
			return nil, fmt.Errorf("value %q: %w", v.Name, err)
		}
		out = append(out, &pluginv1.Value{Name: v.Name, Dtype: pluginv1.ElementType(v.DType),
			Dims: dims})
	}
	return out, nil
}

// unsigned converts numbers that are never negative in a verified graph.
func unsigned(ints []int) ([]uint32, error) {
	var out []uint32
	for _, n := range ints {
		if n < 0 || n > math.MaxInt32 {
			return nil, fmt.Errorf("%d is outside 0 to %d", n, math.MaxInt32)
		}
		out = append(out, uint32(n))
	}
	return out, nil
}

// DecodeFunc converts a traced function from the wire. Every node is checked
// against the operation table and against the type that it states, and the
// whole is verified.
func DecodeFunc(m *pluginv1.Graph) (*graph.Func, error) {
	d, err := newDecoder(m)
	if err != nil {
		return nil, err
	}
	for i, n := range m.GetNodes() {
		if err := d.node(n); err != nil {
			return nil, fmt.Errorf("function %q: node %d: %w", m.GetName(), i, err)
		}
	}
	f := &graph.Func{Name: m.GetName()}
	for i, p := range m.GetParams() {
		n, err := d.at(p)
		if err != nil {
			return nil, fmt.Errorf("function %q: parameter %d: %w", f.Name, i, err)
		}
		f.Params = append(f.Params, n)
	}
	for _, r := range m.GetResults() {
		n, err := d.at(r.GetNode())
		if err != nil {
			return nil, fmt.Errorf("function %q: result %q: %w", f.Name, r.GetName(), err)
		}
		f.Results = append(f.Results, graph.Result{Name: r.GetName(), Node: n})
	}
	if err := graph.Verify(f); err != nil { // which names the function
		return nil, err
	}
	return f, nil
}

type decoder struct {
	strings           []string
	signatures        []*graph.Signature
	nodes             []*graph.Node
	inputs, constants int // so far, over all nodes
}

// newDecoder checks all counts and the tables that nodes refer to.
func newDecoder(m *pluginv1.Graph) (*decoder, error) {
	for _, c := range []struct {
		what       string
		got, limit int
	}{
		{"nodes", len(m.GetNodes()), maxNodes},
		{"strings", len(m.GetStrings()), maxStrings},
		{"signatures", len(m.GetSignatures()), maxSignatures},
		{"parameters", len(m.GetParams()), maxValues},
		{"results", len(m.GetResults()), maxValues},
	} {
		if c.got > c.limit {
			return nil, fmt.Errorf("function %.80q has %d %s, want at most %d", m.GetName(),
				c.got, c.what, c.limit)
		}
	}
	names := append([]string{m.GetName()}, m.GetStrings()...)
	for _, r := range m.GetResults() {
		names = append(names, r.GetName())
	}
	for _, s := range names {
		if len(s) > maxString {
			return nil, fmt.Errorf("function %.80q: a string of %d bytes, want at most %d",
				m.GetName(), len(s), maxString)
		}
	}
	if s := m.GetStrings(); len(s) == 0 || s[0] != "" {
		return nil, fmt.Errorf("function %q: entry 0 of the string table must be empty",
			m.GetName())
	}
	d := &decoder{strings: m.GetStrings(), nodes: make([]*graph.Node, 0, len(m.GetNodes()))}
	for _, s := range m.GetSignatures() {
		signature, err := DecodeSignature(s)
		if err != nil {
			return nil, fmt.Errorf("function %q: %w", m.GetName(), err)
		}
		d.signatures = append(d.signatures, signature)
	}
	return d, nil
}

func (d *decoder) text(i uint32) (string, error) {
	if int(i) >= len(d.strings) {
		return "", fmt.Errorf("string %d of a table of %d", i, len(d.strings))
	}
	return d.strings[i], nil
}

// at returns a node that came before.
func (d *decoder) at(i uint32) (*graph.Node, error) {
	if int(i) >= len(d.nodes) {
		return nil, fmt.Errorf("refers to node %d, only %d come before it", i, len(d.nodes))
	}
	return d.nodes[i], nil
}

func (d *decoder) node(m *pluginv1.Node) error {
	name, err := d.text(m.GetOp())
	if err != nil {
		return err
	}
	op, ok := graph.ParseOp(name)
	if !ok {
		return fmt.Errorf("unknown operation %q", name)
	}
	position, err := d.text(m.GetPosition())
	if err != nil {
		return err
	}
	if d.inputs += len(m.GetInputs()); d.inputs > maxInputs {
		return fmt.Errorf("more than %d operands in all", maxInputs)
	}
	inputs := make([]*graph.Node, len(m.GetInputs()))
	for i, in := range m.GetInputs() {
		if inputs[i], err = d.at(in); err != nil {
			return fmt.Errorf("operand %d: %w", i, err)
		}
	}
	shape, err := decodeShape(m.GetDims())
	if err != nil {
		return err
	}
	attributes, err := d.attributes(m.GetAttributes())
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(attributes.Values, math.IsNaN); i >= 0 {
		return fmt.Errorf("a constant holds NaN as value %d; it was made at %s", i, position)
	}
	n, err := graph.New(op, attributes, position, inputs...)
	if err != nil {
		return err
	}
	if pluginv1.ElementType(n.DType()) != m.GetDtype() || !n.Shape().Equal(shape) {
		return fmt.Errorf("%v states the type %v%v", n, graph.DType(m.GetDtype()), shape)
	}
	d.nodes = append(d.nodes, n)
	return nil
}

func (d *decoder) attributes(m *pluginv1.NodeAttributes) (graph.Attrs, error) {
	if m == nil {
		return graph.Attrs{}, nil
	}
	name, err := d.text(m.GetName())
	if err != nil {
		return graph.Attrs{}, err
	}
	dtype, err := decodeDType(m.GetDtype())
	if err != nil {
		return graph.Attrs{}, err
	}
	shape, err := decodeShape(m.GetDims())
	if err != nil {
		return graph.Attrs{}, err
	}
	if len(m.GetAxes()) > maxRank {
		return graph.Attrs{}, fmt.Errorf("%d axes, want at most %d", len(m.GetAxes()), maxRank)
	}
	if d.constants += len(m.GetValues()); d.constants > maxConstants {
		return graph.Attrs{}, fmt.Errorf("more than %d constant values in all", maxConstants)
	}
	for _, n := range []uint32{m.GetAxis(), m.GetLo(), m.GetHi(), m.GetN()} {
		if n > math.MaxInt32 {
			return graph.Attrs{}, fmt.Errorf("%d is outside 0 to %d", n, math.MaxInt32)
		}
	}
	a := graph.Attrs{
		Name: name, DType: dtype, Shape: shape, Values: m.GetValues(),
		Axis: int(m.GetAxis()), Lo: int(m.GetLo()), Hi: int(m.GetHi()), N: int(m.GetN()),
		TransA: m.GetTransA(), TransB: m.GetTransB(), Reverse: m.GetReverse(),
	}
	for _, axis := range m.GetAxes() {
		if axis >= maxRank {
			return graph.Attrs{}, fmt.Errorf("axis %d, want less than %d", axis, maxRank)
		}
		a.Axes = append(a.Axes, int(axis))
	}
	if i := m.GetSignature(); int(i) > len(d.signatures) {
		return graph.Attrs{}, fmt.Errorf("signature %d of %d", i, len(d.signatures))
	} else if i > 0 {
		a.Sig = d.signatures[i-1]
	}
	return a, nil
}

// DecodeSignature converts a function's type from the wire.
func DecodeSignature(m *pluginv1.Signature) (*graph.Signature, error) {
	if len(m.GetName()) > maxString {
		return nil, fmt.Errorf("signature with a name of %d bytes, want at most %d",
			len(m.GetName()), maxString)
	}
	params, err := decodeValues(m.GetParams())
	if err != nil {
		return nil, fmt.Errorf("signature %q: parameter %w", m.GetName(), err)
	}
	results, err := decodeValues(m.GetResults())
	if err != nil {
		return nil, fmt.Errorf("signature %q: result %w", m.GetName(), err)
	}
	return &graph.Signature{Name: m.GetName(), Params: params, Results: results}, nil
}

func decodeValues(ms []*pluginv1.Value) ([]graph.Value, error) {
	if len(ms) > maxValues {
		return nil, fmt.Errorf("list of %d values, want at most %d", len(ms), maxValues)
	}
	var out []graph.Value
	for i, m := range ms {
		if len(m.GetName()) > maxString {
			return nil, fmt.Errorf("%d: a name of %d bytes, want at most %d", i, len(m.GetName()),
				maxString)
		}
		dtype, err := decodeDType(m.GetDtype())
		if err == nil && dtype == 0 {
			err = fmt.Errorf("it has no element type")
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", m.GetName(), err)
		}
		shape, err := decodeShape(m.GetDims())
		if err != nil {
			return nil, fmt.Errorf("%q: %w", m.GetName(), err)
		}
		out = append(out, graph.Value{Name: m.GetName(), DType: dtype, Shape: shape})
	}
	return out, nil
}

// decodeDType accepts the four element types and 0, none.
func decodeDType(m pluginv1.ElementType) (graph.DType, error) {
	if m < 0 || m > pluginv1.ElementType_ELEMENT_TYPE_BOOL {
		return 0, fmt.Errorf("unknown element type %d", m)
	}
	return graph.DType(m), nil
}

func decodeShape(dims []uint32) (graph.Shape, error) {
	if len(dims) > maxRank {
		return nil, fmt.Errorf("shape of rank %d, want at most %d", len(dims), maxRank)
	}
	var shape graph.Shape
	size := 1
	for _, n := range dims {
		if n == 0 || n > math.MaxInt32 || size > maxElements/int(n) {
			return nil, fmt.Errorf("shape %v: axes are positive, and at most %d elements", dims,
				maxElements)
		}
		size *= int(n)
		shape = append(shape, int(n))
	}
	return shape, nil
}
