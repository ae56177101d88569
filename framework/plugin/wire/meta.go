package wire

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// maxInnerSteps is how many steps an inner loop may ask for.
const maxInnerSteps = 1 << 16

// reductions are the reductions at the place of their number on the wire.
var reductions = []meta.Reduction{
	pluginv1.Reduction_REDUCTION_SUM: meta.Sum, pluginv1.Reduction_REDUCTION_MEAN: meta.Mean,
	pluginv1.Reduction_REDUCTION_STACK: meta.Stack, pluginv1.Reduction_REDUCTION_TASK: meta.Task,
}

// EncodeMetaSpec converts one use of a learner for the wire.
func EncodeMetaSpec(s meta.Spec) (*pluginv1.LearnerUse, error) {
	counts, err := unsigned([]int{s.Episodes, s.Tasks})
	if err != nil {
		return nil, fmt.Errorf("use of a learner: %w", err)
	}
	m := &pluginv1.LearnerUse{Episodes: counts[0], Tasks: counts[1]}
	for _, list := range []struct {
		to   *[]*pluginv1.Value
		from []graph.Value
	}{{&m.Leaves, s.Leaves}, {&m.Support, s.Support}, {&m.Query, s.Query}} {
		if *list.to, err = encodeValues(list.from); err != nil {
			return nil, fmt.Errorf("use of a learner: %w", err)
		}
	}
	if o := s.Optimizer; o != nil {
		m.Optimizer = &pluginv1.Optimizer{
			Kind: o.Kind, Momentum: o.Momentum, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon,
			WeightDecay: o.WeightDecay,
		}
	}
	return m, nil
}

// DecodeMetaSpec converts one use of a learner from the wire and checks it.
func DecodeMetaSpec(m *pluginv1.LearnerUse) (meta.Spec, error) {
	if n := max(m.GetEpisodes(), m.GetTasks()); n > maxValues {
		return meta.Spec{}, fmt.Errorf("use of a learner: a step of %d episodes or tasks, want at most %d",
			n, maxValues)
	}
	s := meta.Spec{Episodes: int(m.GetEpisodes()), Tasks: int(m.GetTasks())}
	for _, list := range []struct {
		to   *[]graph.Value
		from []*pluginv1.Value
	}{{&s.Leaves, m.GetLeaves()}, {&s.Support, m.GetSupport()}, {&s.Query, m.GetQuery()}} {
		var err error
		if *list.to, err = decodeValues(list.from); err != nil {
			return meta.Spec{}, fmt.Errorf("use of a learner: value %w", err)
		}
	}
	if o := m.GetOptimizer(); o != nil {
		s.Optimizer = &optim.Config{
			Kind: o.GetKind(), Momentum: o.GetMomentum(), Beta1: o.GetBeta1(), Beta2: o.GetBeta2(),
			Epsilon: o.GetEpsilon(), WeightDecay: o.GetWeightDecay(),
		}
		if err := s.Optimizer.Check(); err != nil {
			return meta.Spec{}, err
		}
	}
	return s, nil
}

// EncodePrograms converts a traced learner for the wire.
func EncodePrograms(p *meta.Programs) (*pluginv1.Programs, error) {
	m := &pluginv1.Programs{}
	encode := func(to **pluginv1.Graph, f *graph.Func) (err error) {
		*to, err = EncodeFunc(f)
		return err
	}
	err := errors.Join(encode(&m.Init, p.Init), encode(&m.Episode, p.Episode),
		encode(&m.Update, p.Update))
	if a := p.Adapt; a != nil && err == nil {
		count, counted := unsigned([]int{a.Count})
		if counted != nil {
			return nil, fmt.Errorf("inner steps: %w", counted)
		}
		m.Adaptation = &pluginv1.Adaptation{Count: count[0]}
		err = encode(&m.Adaptation.Start, a.Start)
		if a.Step != nil {
			err = errors.Join(err, encode(&m.Adaptation.Step, a.Step))
		}
	}
	if err != nil {
		return nil, err
	}
	for _, r := range p.Reduced {
		i := slices.Index(reductions, r.Reduction)
		if i < 1 {
			return nil, fmt.Errorf("%s has the reduction %q", r.Name, r.Reduction)
		}
		m.Reductions = append(m.Reductions, pluginv1.Reduction(i))
	}
	return m, nil
}

// DecodePrograms converts a traced learner from the wire and holds its programs
// to the use that was asked for and to each other: every parameter must be one
// that the host passes, and states, contributions and slots must agree.
func DecodePrograms(m *pluginv1.Programs, spec meta.Spec) (*meta.Programs, error) {
	p := &meta.Programs{}
	for _, part := range []struct {
		name string
		to   **graph.Func
		from *pluginv1.Graph
	}{{"init", &p.Init, m.GetInit()}, {"episode", &p.Episode, m.GetEpisode()},
		{"update", &p.Update, m.GetUpdate()}} {
		var err error
		if *part.to, err = DecodeFunc(part.from); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if a := m.GetAdaptation(); a != nil {
		var err error
		if p.Adapt, err = decodeAdaptation(a); err != nil {
			return nil, err
		}
	}
	results := p.Episode.Signature().Results
	if len(m.GetReductions()) != len(results) {
		return nil, fmt.Errorf("episode: %d reductions for %d results", len(m.GetReductions()),
			len(results))
	}
	for i, r := range m.GetReductions() {
		if r < 1 || int(r) >= len(reductions) {
			return nil, fmt.Errorf("episode: %s has the unknown reduction %d", results[i].Name, r)
		}
		p.Reduced = append(p.Reduced, meta.Reduced{Value: results[i], Reduction: reductions[r]})
	}
	if err := checkPrograms(p, spec); err != nil {
		return nil, err
	}
	return p, nil
}

func decodeAdaptation(m *pluginv1.Adaptation) (*meta.AdaptProgram, error) {
	if m.GetCount() > maxInnerSteps {
		return nil, fmt.Errorf("adaptation of %d steps, want at most %d", m.GetCount(),
			maxInnerSteps)
	}
	a := &meta.AdaptProgram{Count: int(m.GetCount())}
	var err error
	if a.Start, err = DecodeFunc(m.GetStart()); err != nil {
		return nil, fmt.Errorf("start of the adaptation: %w", err)
	}
	if m.Step == nil {
		if a.Count != 0 {
			return nil, fmt.Errorf("adaptation in closed form with %d steps", a.Count)
		}
		return a, nil
	}
	if a.Step, err = DecodeFunc(m.GetStep()); err != nil {
		return nil, fmt.Errorf("step of the adaptation: %w", err)
	}
	return a, nil
}

// checkPrograms compares the types of the programs of one learner.
func checkPrograms(p *meta.Programs, spec meta.Spec) error {
	dtype := graph.Float32
	if len(spec.Leaves) > 0 {
		dtype = spec.Leaves[0].DType
	}
	key := graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}
	support := append(prefixed("support/", spec.Support), key)
	state := p.Init.Signature().Results
	if err := checkNames("init", state, "state/"); err != nil {
		return err
	}
	if err := checkParams(p.Init, prefixed("initial/", spec.Leaves)); err != nil {
		return err
	}

	episode := slices.Concat(state, support, prefixed("query/", spec.Query),
		[]graph.Value{{Name: "weight", DType: dtype}})
	if err := checkParams(p.Episode, episode); err != nil {
		return err
	}
	if err := checkNames("episode", p.Episode.Signature().Results, "contribution/"); err != nil {
		return err
	}
	if a := p.Adapt; a != nil {
		fast := a.Start.Signature().Results
		if err := checkNames("start of the adaptation", fast, "fast/"); err != nil {
			return err
		}
		if err := checkParams(a.Start, slices.Concat(state, support)); err != nil {
			return err
		}
		if a.Step != nil {
			if err := checkParams(a.Step, slices.Concat(fast, support)); err != nil {
				return err
			}
			if err := checkSame("step of the adaptation", a.Step.Signature().Results,
				fast); err != nil {
				return err
			}
		}
	}
	return checkUpdate(p, spec, state, dtype)
}

// checkUpdate compares the update with the state, with the contributions as
// reduced, and its slots with each other.
func checkUpdate(p *meta.Programs, spec meta.Spec, state []graph.Value, dtype graph.DType) error {
	known := slices.Clone(state)
	for _, r := range p.Reduced {
		v := r.Value
		switch r.Reduction {
		case meta.Stack:
			v.Shape = append(graph.Shape{spec.Episodes}, v.Shape...)
		case meta.Task:
			v.Shape = append(graph.Shape{spec.Tasks}, v.Shape...)
		}
		known = append(known, v)
	}
	known = append(known, graph.Value{Name: "rate", DType: dtype},
		graph.Value{Name: "step", DType: dtype})
	sig := p.Update.Signature()
	var slots []graph.Value
	for _, v := range sig.Params {
		if strings.HasPrefix(v.Name, "present/") {
			known = append(known, graph.Value{Name: v.Name, DType: graph.Bool})
		}
		if rest, ok := strings.CutPrefix(v.Name, "slot/"); ok {
			slot, _, _ := strings.Cut(rest, "/")
			if spec.Optimizer == nil || !slices.Contains(spec.Optimizer.Slots(), slot) {
				return fmt.Errorf("update: parameter %q is no slot of the experiment's optimizer",
					v.Name)
			}
			slots = append(slots, v)
		}
	}
	if err := checkParams(p.Update, append(known, slots...)); err != nil {
		return err
	}
	if len(sig.Results) < len(state) {
		return fmt.Errorf("update: %d results for a state of %d", len(sig.Results), len(state))
	}
	if err := checkSame("update", sig.Results[:len(state)], state); err != nil {
		return err
	}
	return checkSame("update", byName(sig.Results[len(state):]), byName(slots))
}

func byName(values []graph.Value) []graph.Value {
	return slices.SortedFunc(slices.Values(values), func(a, b graph.Value) int {
		return strings.Compare(a.Name, b.Name)
	})
}

func prefixed(prefix string, values []graph.Value) []graph.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i].Name = prefix + out[i].Name
	}
	return out
}

// checkParams refuses a parameter that the host does not pass. A program need
// not use all that is passed.
func checkParams(f *graph.Func, known []graph.Value) error {
	types := make(map[string]graph.Value, len(known))
	for _, v := range known {
		types[v.Name] = v
	}
	for _, p := range f.Signature().Params {
		want, ok := types[p.Name]
		if !ok {
			return fmt.Errorf("program %q: parameter %q is not among what the host passes",
				f.Name, p.Name)
		}
		if p.DType != want.DType || !p.Shape.Equal(want.Shape) {
			return fmt.Errorf("program %q: parameter %v, want %v", f.Name, p, want)
		}
	}
	return nil
}

func checkNames(program string, results []graph.Value, prefix string) error {
	for _, r := range results {
		if !strings.HasPrefix(r.Name, prefix) || len(r.Name) == len(prefix) {
			return fmt.Errorf("%s: result %q, want a name that starts with %q", program, r.Name,
				prefix)
		}
	}
	return nil
}

func checkSame(program string, got, want []graph.Value) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d results, want %d", program, len(got), len(want))
	}
	for i, v := range got {
		if v.Name != want[i].Name || v.DType != want[i].DType || !v.Shape.Equal(want[i].Shape) {
			return fmt.Errorf("%s: result %v, want %v", program, v, want[i])
		}
	}
	return nil
}
