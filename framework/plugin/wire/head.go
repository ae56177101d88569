package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// Limits of one use of a head.
const (
	maxSets    = 64
	maxLeaves  = 1 << 14
	maxMetrics = 256
)

// EncodeHeadSpec converts one use of a head for the wire.
func EncodeHeadSpec(s head.Spec) (*pluginv1.HeadUse, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	sizes, err := unsigned([]int{s.Width, s.Batch, s.Target.Classes})
	if err != nil {
		return nil, fmt.Errorf("use of a head: %w", err)
	}
	m := &pluginv1.HeadUse{
		Width: sizes[0], Batch: sizes[1], Train: s.Train,
		Target: &pluginv1.Target{
			Kind: string(s.Target.Kind), Classes: sizes[2], VariableWay: s.Target.VariableWay,
			PerPosition: s.Target.PerPosition,
		},
	}
	if m.Sets, err = encodeSets(s.Sets); err != nil {
		return nil, err
	}
	if s.Support != nil {
		batch, err := unsigned([]int{s.Support.Batch})
		if err != nil {
			return nil, fmt.Errorf("use of a head: support: %w", err)
		}
		m.Support = &pluginv1.SupportSide{Batch: batch[0]}
		if m.Support.Sets, err = encodeSets(s.Support.Sets); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func encodeSets(sets []head.Length) ([]*pluginv1.InputSet, error) {
	var out []*pluginv1.InputSet
	for _, s := range sets {
		positions, err := unsigned([]int{s.Positions})
		if err != nil {
			return nil, fmt.Errorf("input set %q: %w", s.Set, err)
		}
		out = append(out, &pluginv1.InputSet{Name: s.Set, Positions: positions[0]})
	}
	return out, nil
}

// DecodeHeadSpec converts one use of a head from the wire and checks it.
func DecodeHeadSpec(m *pluginv1.HeadUse) (head.Spec, error) {
	sizes := []uint32{m.GetWidth(), m.GetBatch(), m.GetTarget().GetClasses(),
		m.GetSupport().GetBatch()}
	for _, n := range sizes {
		if n > math.MaxInt32 {
			return head.Spec{}, fmt.Errorf("use of a head: size %d, want at most %d", n,
				math.MaxInt32)
		}
	}
	s := head.Spec{
		Width: int(m.GetWidth()), Batch: int(m.GetBatch()), Train: m.GetTrain(),
		Target: head.Target{
			Kind:        head.TargetKind(m.GetTarget().GetKind()),
			Classes:     int(m.GetTarget().GetClasses()),
			VariableWay: m.GetTarget().GetVariableWay(),
			PerPosition: m.GetTarget().GetPerPosition(),
		},
	}
	var err error
	if s.Sets, err = decodeSets(m.GetSets()); err != nil {
		return head.Spec{}, err
	}
	if m.Support != nil {
		s.Support = &head.Side{Batch: int(m.GetSupport().GetBatch())}
		if s.Support.Sets, err = decodeSets(m.GetSupport().GetSets()); err != nil {
			return head.Spec{}, err
		}
	}
	if err := s.Check(); err != nil {
		return head.Spec{}, err
	}
	return s, nil
}

func decodeSets(ms []*pluginv1.InputSet) ([]head.Length, error) {
	if len(ms) > maxSets {
		return nil, fmt.Errorf("%d input sets, want at most %d", len(ms), maxSets)
	}
	var out []head.Length
	for _, m := range ms {
		if n := m.GetPositions(); n < 1 || n > math.MaxInt32 || len(m.GetName()) > maxName {
			return nil, fmt.Errorf("input set %.80q of %d positions", m.GetName(), n)
		}
		out = append(out, head.Length{Set: m.GetName(), Positions: int(m.GetPositions())})
	}
	return out, nil
}

// EncodeTraced converts a traced head for the wire.
func EncodeTraced(t *head.Traced) (*pluginv1.TracedHead, error) {
	f, err := EncodeFunc(t.Func)
	if err != nil {
		return nil, err
	}
	m := &pluginv1.TracedHead{Function: f, Coupled: t.Coupled}
	for _, l := range t.Leaves {
		leaf, err := EncodeLeaf(l)
		if err != nil {
			return nil, err
		}
		m.Leaves = append(m.Leaves, leaf)
	}
	for _, metric := range t.Metrics {
		m.Metrics = append(m.Metrics, &pluginv1.Metric{
			Name: metric.Name, Finish: string(metric.Finish), Higher: metric.Higher,
		})
	}
	return m, nil
}

// DecodeTraced converts a traced head from the wire and holds it to the use that
// was asked for: its parameters, results, leaves and metrics must agree.
func DecodeTraced(m *pluginv1.TracedHead, spec head.Spec) (*head.Traced, error) {
	if len(m.GetLeaves()) > maxLeaves || len(m.GetMetrics()) > maxMetrics {
		return nil, fmt.Errorf("the head has %d leaves and %d metrics, want at most %d and %d",
			len(m.GetLeaves()), len(m.GetMetrics()), maxLeaves, maxMetrics)
	}
	f, err := DecodeFunc(m.GetFunction())
	if err != nil {
		return nil, err
	}
	t := &head.Traced{Func: f, Coupled: m.GetCoupled()}
	for _, l := range m.GetLeaves() {
		leaf, err := DecodeLeaf(l)
		if err != nil {
			return nil, err
		}
		t.Leaves = append(t.Leaves, leaf)
	}
	for _, metric := range m.GetMetrics() {
		t.Metrics = append(t.Metrics, head.Metric{
			Name: metric.GetName(), Finish: head.Finish(metric.GetFinish()),
			Higher: metric.GetHigher(),
		})
	}
	for _, check := range []func(*head.Traced, head.Spec) error{checkHeadParams, checkHeadResults} {
		if err := check(t, spec); err != nil {
			return nil, fmt.Errorf("head %q: %w", f.Name, err)
		}
	}
	return t, nil
}

// checkHeadParams compares the function's parameters with the leaves and with
// the tensors that a head may ask for.
func checkHeadParams(t *head.Traced, spec head.Spec) error {
	tensors := headTensors(spec)
	leaves := t.Leaves
	for _, p := range t.Func.Signature().Params {
		if address, ok := strings.CutPrefix(p.Name, "param/"); ok {
			if len(leaves) == 0 || leaves[0].Address != address {
				return fmt.Errorf("parameter %q is not the next leaf", p.Name)
			}
			if p.DType != graph.Float32 || !p.Shape.Equal(leaves[0].Shape) {
				return fmt.Errorf("parameter %v, its leaf has the shape %v", p, leaves[0].Shape)
			}
			leaves = leaves[1:]
			continue
		}
		i := slices.IndexFunc(tensors, func(v graph.Value) bool { return v.Name == p.Name })
		if i < 0 {
			return fmt.Errorf("parameter %q is neither a leaf nor a tensor of this use", p.Name)
		}
		if p.DType != tensors[i].DType || !p.Shape.Equal(tensors[i].Shape) {
			return fmt.Errorf("parameter %v, want %v", p, tensors[i])
		}
	}
	if len(leaves) > 0 {
		return fmt.Errorf("leaf %q is no parameter of the function", leaves[0].Address)
	}
	return nil
}

// headTensors lists what a head may have as parameters beside its leaves.
func headTensors(spec head.Spec) []graph.Value {
	perExample := graph.Shape{spec.Batch}
	weight := perExample
	if spec.Target.PerPosition {
		weight = graph.Shape{spec.Batch, spec.Sets[0].Positions}
	}
	tensors := []graph.Value{
		{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}},
		{Name: "data/weight", DType: graph.Float32, Shape: weight},
	}
	if spec.Target.Kind == head.ValueTarget {
		return append(tensors, graph.Value{Name: "data/value", DType: graph.Float32, Shape: weight})
	}
	tensors = append(tensors,
		graph.Value{Name: "data/class", DType: graph.Int32, Shape: perExample},
		graph.Value{Name: "data/class_mask", DType: graph.Float32,
			Shape: graph.Shape{spec.Target.Classes}})
	if spec.Support != nil {
		side := graph.Shape{spec.Support.Batch}
		tensors = append(tensors,
			graph.Value{Name: "support/class", DType: graph.Int32, Shape: side},
			graph.Value{Name: "support/weight", DType: graph.Float32, Shape: side})
	}
	return tensors
}

// checkHeadResults compares the function's results with what a head returns.
func checkHeadResults(t *head.Traced, spec head.Spec) error {
	results := t.Func.Signature().Results
	loss := graph.Shape{spec.Batch}
	if spec.Target.PerPosition {
		loss = append(loss, spec.Sets[0].Positions)
	}
	first := results[0]
	if first.Name != "loss" || first.DType != graph.Float32 || !first.Shape.Equal(loss) {
		return fmt.Errorf("result %v, want loss: f32%v first", first, loss)
	}
	results = results[1:]
	for len(results) > 0 && strings.HasPrefix(results[0].Name, "prediction/") {
		if s := results[0].Shape; s.Rank() < 1 || s[0] != spec.Batch {
			return fmt.Errorf("result %v, want a leading axis of %d examples", results[0],
				spec.Batch)
		}
		results = results[1:]
	}
	for _, m := range t.Metrics {
		n := m.Finish.Sums()
		if n == 0 || n > len(results) {
			return fmt.Errorf("metric %q is finished by %q, with %d results left", m.Name,
				m.Finish, len(results))
		}
		for i, r := range results[:n] {
			if want := fmt.Sprintf("metric/%s/%d", m.Name, i); r.Name != want || !r.DType.Float() {
				return fmt.Errorf("result %v, want %s of a floating-point type", r, want)
			}
		}
		results = results[n:]
	}
	if len(results) > 0 {
		return fmt.Errorf("result %v belongs to nothing that a head returns", results[0])
	}
	return nil
}

// initKinds are the distributions that have a name on the wire.
var initKinds = []nn.InitKind{nn.Zeros, nn.Ones, nn.Normal, nn.GlorotUniform, nn.Uniform}

// roles are the roles a leaf may have.
var roles = []string{"weight", "bias", "norm", "embedding"}

// EncodeLeaf converts a leaf for the wire.
func EncodeLeaf(l nn.Leaf) (*pluginv1.Leaf, error) {
	dims, err := unsigned(l.Shape)
	if err != nil {
		return nil, fmt.Errorf("leaf %q: shape: %w", l.Address, err)
	}
	layer, err := unsigned([]int{l.Layer + 1})
	if err != nil {
		return nil, fmt.Errorf("leaf %q: layer: %w", l.Address, err)
	}
	return &pluginv1.Leaf{
		Address: l.Address, Dims: dims, Init: l.Init.Kind.String(), Scale: l.Init.Scale,
		Role:  l.Role,
		Layer: layer[0], Task: l.Task, Episodic: l.Episodic, Frozen: l.Frozen,
	}, nil
}

// DecodeLeaf converts a leaf from the wire and checks it.
func DecodeLeaf(m *pluginv1.Leaf) (nn.Leaf, error) {
	fail := func(err error) (nn.Leaf, error) {
		return nn.Leaf{}, fmt.Errorf("leaf %.80q: %w", m.GetAddress(), err)
	}
	kind := slices.IndexFunc(initKinds, func(k nn.InitKind) bool { return k.String() == m.GetInit() })
	switch {
	case m.GetAddress() == "" || len(m.GetAddress()) > maxName ||
		strings.ContainsAny(m.GetAddress(), "*{}"):
		return fail(errors.New("the address is empty, too long, or holds a character of patterns"))
	case len(m.GetTask()) > maxName:
		return fail(errors.New("the name of its task is too long"))
	case kind < 0:
		return fail(fmt.Errorf("unknown initial values %.80q", m.GetInit()))
	case math.IsNaN(m.GetScale()) || math.IsInf(m.GetScale(), 0):
		return fail(fmt.Errorf("the scale of its initial values is %v", m.GetScale()))
	case !slices.Contains(roles, m.GetRole()):
		return fail(fmt.Errorf("its role is %.80q, want one of %q", m.GetRole(), roles))
	case m.GetLayer() > math.MaxInt32:
		return fail(fmt.Errorf("it belongs to layer %d", m.GetLayer()))
	}
	shape, err := decodeShape(m.GetDims())
	if err != nil {
		return fail(err)
	}
	return nn.Leaf{
		Address: m.GetAddress(), Shape: shape,
		Init: nn.Init{Kind: initKinds[kind], Scale: m.GetScale()},
		Role: m.GetRole(), Layer: int(m.GetLayer()) - 1, Task: m.GetTask(),
		Episodic: m.GetEpisodic(), Frozen: m.GetFrozen(),
	}, nil
}
