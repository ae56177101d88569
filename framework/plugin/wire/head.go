package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// Limits of what a head returns. Those of a use are checked by Spec.Check.
const (
	maxLeaves      = 1 << 14
	maxPredictions = 64
	maxMetrics     = 256
)

// EncodeHeadSpec converts one use of a head for the wire.
func EncodeHeadSpec(s head.Spec) (*pluginv1.HeadUse, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	sizes, err := unsigned([]int{s.Width, s.Batch, s.Target.Classes, s.Vocabulary, s.Cache})
	if err != nil {
		return nil, fmt.Errorf("use of a head: %w", err)
	}
	m := &pluginv1.HeadUse{
		Width: sizes[0], Batch: sizes[1], Train: s.Train,
		Vocabulary: sizes[3], Cache: sizes[4], Next: s.Next, DecoderOnly: s.DecoderOnly,
		Target: &pluginv1.Target{
			Kind: string(s.Target.Kind), Classes: sizes[2], VariableWay: s.Target.VariableWay,
			PerPosition: s.Target.PerPosition, Set: s.Target.Set,
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
	fail := func(err error) (head.Spec, error) {
		return head.Spec{}, fmt.Errorf("use of a head: %w", err)
	}
	target, support := m.GetTarget(), m.GetSupport()
	sizes, err := signed([]uint32{m.GetWidth(), m.GetBatch(), target.GetClasses(),
		m.GetVocabulary(), m.GetCache(), support.GetBatch()})
	if err != nil {
		return fail(err)
	}
	s := head.Spec{
		Width: sizes[0], Batch: sizes[1], Train: m.GetTrain(),
		Vocabulary: sizes[3], Cache: sizes[4], Next: m.GetNext(), DecoderOnly: m.GetDecoderOnly(),
		Target: head.Target{
			Kind: head.TargetKind(target.GetKind()), Classes: sizes[2],
			VariableWay: target.GetVariableWay(), PerPosition: target.GetPerPosition(),
			Set: target.GetSet(),
		},
	}
	if s.Sets, err = decodeSets(m.GetSets()); err != nil {
		return fail(err)
	}
	if support != nil {
		s.Support = &head.Side{Batch: sizes[5]}
		if s.Support.Sets, err = decodeSets(support.GetSets()); err != nil {
			return fail(err)
		}
	}
	if err := s.Check(); err != nil {
		return fail(err)
	}
	return s, nil
}

func decodeSets(ms []*pluginv1.InputSet) ([]head.Length, error) {
	if len(ms) > head.MaxSets {
		return nil, fmt.Errorf("%d input sets, want at most %d", len(ms), head.MaxSets)
	}
	var out []head.Length
	for _, m := range ms {
		positions, err := signed([]uint32{m.GetPositions()})
		if err != nil {
			return nil, fmt.Errorf("input set %.80q: %w", m.GetName(), err)
		}
		out = append(out, head.Length{Set: m.GetName(), Positions: positions[0]})
	}
	return out, nil
}

// signed converts sizes that a graph's shapes can hold.
func signed(sizes []uint32) ([]int, error) {
	out := make([]int, len(sizes))
	for i, n := range sizes {
		if n > math.MaxInt32 {
			return nil, fmt.Errorf("size %d, want at most %d", n, math.MaxInt32)
		}
		out[i] = int(n)
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
	for _, p := range t.Predictions {
		m.Predictions = append(m.Predictions,
			&pluginv1.Prediction{Name: p.Name, Kind: string(p.Kind)})
	}
	for _, metric := range t.Metrics {
		m.Metrics = append(m.Metrics, &pluginv1.Metric{
			Name: metric.Name, Finish: string(metric.Finish), Higher: metric.Higher,
		})
	}
	return m, nil
}

// DecodeTraced converts a traced head from the wire and holds it to the use that
// was asked for: its function is verified, and parameters, calls, results, leaves,
// predictions and metrics must agree with the use.
func DecodeTraced(m *pluginv1.TracedHead, spec head.Spec) (*head.Traced, error) {
	for _, list := range []struct {
		name         string
		length, most int
	}{
		{"leaves", len(m.GetLeaves()), maxLeaves}, {"metrics", len(m.GetMetrics()), maxMetrics},
		{"predictions", len(m.GetPredictions()), maxPredictions},
	} {
		if list.length > list.most {
			return nil, fmt.Errorf("the head has %d %s, want at most %d", list.length, list.name,
				list.most)
		}
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
	for _, p := range m.GetPredictions() {
		t.Predictions = append(t.Predictions,
			head.Prediction{Name: p.GetName(), Kind: head.PredictionKind(p.GetKind())})
	}
	for _, metric := range m.GetMetrics() {
		t.Metrics = append(t.Metrics, head.Metric{
			Name: metric.GetName(), Finish: head.Finish(metric.GetFinish()),
			Higher: metric.GetHigher(),
		})
	}
	if err := t.Check(spec); err != nil {
		return nil, fmt.Errorf("head %q: %w", f.Name, err)
	}
	return t, nil
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
	case !(math.Abs(m.GetScale()) <= math.MaxFloat32): // nor NaN
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
