package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin/proto/pluginv1"
)

const (
	maxInnerSteps = 1 << 16 // that an inner loop may ask for
	maxTasks      = 1 << 10 // of an experiment; a Gram matrix of so many is 8 MiB
	maxTrainSteps = 1 << 40
)

// reductions are the reductions at the place of their number on the wire.
var reductions = []meta.Reduction{
	pluginv1.Reduction_REDUCTION_SUM: meta.Sum, pluginv1.Reduction_REDUCTION_MEAN: meta.Mean,
	pluginv1.Reduction_REDUCTION_STACK: meta.Stack, pluginv1.Reduction_REDUCTION_TASK: meta.Task,
}

// EncodeMetaSpec converts one use of a learner for the wire.
func EncodeMetaSpec(s meta.Spec) (*pluginv1.LearnerUse, error) {
	counts, err := unsigned([]int{s.Episodes, s.Tasks, s.Task})
	if err != nil {
		return nil, fmt.Errorf("use of a learner: %w", err)
	}
	if s.TrainSteps < 0 {
		return nil, fmt.Errorf("use of a learner: training of %d steps", s.TrainSteps)
	}
	m := &pluginv1.LearnerUse{
		Episodes: counts[0], Tasks: counts[1], Task: counts[2],
		TotalWeight: s.TotalWeight, TrainSteps: uint64(s.TrainSteps),
	}
	for _, list := range []struct {
		to   *[]*pluginv1.Value
		from []graph.Value
	}{{&m.Leaves, s.Leaves}, {&m.Episodic, s.Episodic}, {&m.Support, s.Support},
		{&m.Query, s.Query}} {
		if *list.to, err = encodeValues(list.from); err != nil {
			return nil, fmt.Errorf("use of a learner: %w", err)
		}
	}
	for _, o := range s.Objectives {
		m.Objectives = append(m.Objectives,
			&pluginv1.TaskObjective{Name: o.Name, Weight: o.Weight})
	}
	if o := s.Optimizer; o != nil {
		m.Optimizer = &pluginv1.Optimizer{
			Kind: o.Kind, Momentum: o.Momentum, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon,
			WeightDecay: o.WeightDecay, ClipNorm: o.ClipNorm,
		}
	}
	return m, nil
}

// DecodeMetaSpec converts one use of a learner from the wire and checks it.
func DecodeMetaSpec(m *pluginv1.LearnerUse) (meta.Spec, error) {
	if err := checkLearnerUse(m); err != nil {
		return meta.Spec{}, fmt.Errorf("use of a learner: %w", err)
	}
	s := meta.Spec{
		Episodes: int(m.GetEpisodes()), Tasks: int(m.GetTasks()), Task: int(m.GetTask()),
		TotalWeight: m.GetTotalWeight(), TrainSteps: int(m.GetTrainSteps()),
	}
	for _, list := range []struct {
		to   *[]graph.Value
		from []*pluginv1.Value
	}{{&s.Leaves, m.GetLeaves()}, {&s.Episodic, m.GetEpisodic()}, {&s.Support, m.GetSupport()},
		{&s.Query, m.GetQuery()}} {
		var err error
		if *list.to, err = decodeValues(list.from); err != nil {
			return meta.Spec{}, fmt.Errorf("use of a learner: value %w", err)
		}
	}
	for _, o := range m.GetObjectives() {
		s.Objectives = append(s.Objectives,
			meta.Objective{Name: o.GetName(), Weight: o.GetWeight()})
	}
	if o := m.GetOptimizer(); o != nil {
		s.Optimizer = &optim.Config{
			Kind: o.GetKind(), Momentum: o.GetMomentum(), Beta1: o.GetBeta1(), Beta2: o.GetBeta2(),
			Epsilon: o.GetEpsilon(), WeightDecay: o.GetWeightDecay(),
			ClipNorm: o.GetClipNorm(),
		}
		if err := s.Optimizer.Check(); err != nil {
			return meta.Spec{}, err
		}
	}
	return s, nil
}

// checkLearnerUse reports a count or number out of range.
func checkLearnerUse(m *pluginv1.LearnerUse) error {
	switch {
	case m.GetEpisodes() > maxValues:
		return fmt.Errorf("a step of %d episodes, want at most %d", m.GetEpisodes(), maxValues)
	case m.GetTasks() > maxTasks:
		return fmt.Errorf("%d tasks, want at most %d", m.GetTasks(), maxTasks)
	case m.GetTask() >= max(1, m.GetTasks()):
		return fmt.Errorf("task %d of %d", m.GetTask(), m.GetTasks())
	case m.GetTrainSteps() > maxTrainSteps:
		return fmt.Errorf("training of %d steps, want at most %d", m.GetTrainSteps(),
			int64(maxTrainSteps))
	case len(m.GetObjectives()) > maxTasks:
		return fmt.Errorf("%d objectives, want at most %d", len(m.GetObjectives()), maxTasks)
	}
	weights := []float64{m.GetTotalWeight()}
	for _, o := range m.GetObjectives() {
		if len(o.GetName()) > maxString {
			return fmt.Errorf("the name of an objective has %d bytes, want at most %d",
				len(o.GetName()), maxString)
		}
		weights = append(weights, o.GetWeight())
	}
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("an objective's weight is %v, want a number from 0", w)
		}
	}
	return nil
}

// EncodePrograms converts a traced learner for the wire.
func EncodePrograms(p *meta.Programs) (*pluginv1.Programs, error) {
	m := &pluginv1.Programs{}
	graphs := []transfer{{"init", &m.Init, &p.Init}, {"parameters", &m.Parameters, &p.Parameters},
		{"episode", &m.Episode, &p.Episode}, {"update", &m.Update, &p.Update},
		{"weighing", &m.Weighing, &p.Weighing}, {"after", &m.After, &p.After},
		{"settle", &m.Settle, &p.Settle}}
	if a := p.Adapt; a != nil {
		count, err := unsigned([]int{a.Count})
		if err != nil {
			return nil, fmt.Errorf("inner steps: %w", err)
		}
		m.Adaptation = &pluginv1.Adaptation{Count: count[0]}
		graphs = append(graphs, transfers(m.Adaptation, a)...)
	}
	for _, g := range graphs {
		if *g.program == nil {
			continue
		}
		var err error
		if *g.message, err = EncodeFunc(*g.program); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
	}
	var err error
	if m.Reductions, err = encodeReductions(p.Reduced); err != nil {
		return nil, err
	}
	m.AfterReductions, err = encodeReductions(p.AfterReduced)
	return m, err
}

// transfer is one program here and on the wire.
type transfer struct {
	name    string
	message **pluginv1.Graph
	program **graph.Func
}

func transfers(m *pluginv1.Adaptation, a *meta.AdaptProgram) []transfer {
	return []transfer{{"start of the adaptation", &m.Start, &a.Start},
		{"step of the adaptation", &m.Step, &a.Step},
		{"finish of the adaptation", &m.Finish, &a.Finish}}
}

func encodeReductions(list []meta.Reduced) ([]pluginv1.Reduction, error) {
	var out []pluginv1.Reduction
	for _, r := range list {
		i := slices.Index(reductions, r.Reduction)
		if i < 1 {
			return nil, fmt.Errorf("%s has the reduction %q", r.Name, r.Reduction)
		}
		out = append(out, pluginv1.Reduction(i))
	}
	return out, nil
}

// DecodePrograms converts a traced learner from the wire and holds its programs
// to the use that was asked for and to each other: every parameter must be one
// that the host passes, and states, contributions, slots and calls must agree.
// Weigh is left to the caller.
func DecodePrograms(m *pluginv1.Programs, spec meta.Spec) (*meta.Programs, error) {
	p := &meta.Programs{}
	needed := []transfer{{"init", &m.Init, &p.Init}, {"parameters", &m.Parameters, &p.Parameters},
		{"episode", &m.Episode, &p.Episode}, {"update", &m.Update, &p.Update}}
	optional := []transfer{{"weighing", &m.Weighing, &p.Weighing}, {"after", &m.After, &p.After},
		{"settle", &m.Settle, &p.Settle}}
	if a := m.GetAdaptation(); a != nil {
		if a.GetCount() > maxInnerSteps {
			return nil, fmt.Errorf("adaptation of %d steps, want at most %d", a.GetCount(),
				maxInnerSteps)
		}
		if a.Step == nil && a.GetCount() != 0 {
			return nil, fmt.Errorf("adaptation in closed form with %d steps", a.GetCount())
		}
		p.Adapt = &meta.AdaptProgram{Count: int(a.GetCount())}
		parts := transfers(a, p.Adapt)
		needed, optional = append(needed, parts[0], parts[2]), append(optional, parts[1])
	}
	for _, g := range needed {
		var err error
		if *g.program, err = DecodeFunc(*g.message); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
	}
	for _, g := range optional {
		if *g.message == nil {
			continue
		}
		var err error
		if *g.program, err = DecodeFunc(*g.message); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
	}
	if (p.After == nil) != (p.Settle == nil) {
		return nil, errors.New("of after and settle there is one only")
	}
	var err error
	if p.Reduced, err = decodeReductions("episode", p.Episode, m.GetReductions()); err != nil {
		return nil, err
	}
	if p.AfterReduced, err = decodeReductions("after", p.After,
		m.GetAfterReductions()); err != nil {
		return nil, err
	}
	if err := checkPrograms(p, spec); err != nil {
		return nil, err
	}
	return p, nil
}

func decodeReductions(program string, f *graph.Func, list []pluginv1.Reduction) (
	[]meta.Reduced, error) {
	var results []graph.Value
	if f != nil {
		results = f.Signature().Results
	}
	if len(list) != len(results) {
		return nil, fmt.Errorf("%s: %d reductions for %d results", program, len(list), len(results))
	}
	var out []meta.Reduced
	for i, r := range list {
		if r < 1 || int(r) >= len(reductions) {
			return nil, fmt.Errorf("%s: %s has the unknown reduction %d", program, results[i].Name,
				r)
		}
		out = append(out, meta.Reduced{Value: results[i], Reduction: reductions[r]})
	}
	return out, nil
}
