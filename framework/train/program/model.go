package program

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"quickstudy/backbone"
	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
	"quickstudy/framework/sampling"
)

// Config is what an experiment is made of, wherever its parts run.
type Config struct {
	Transformer *backbone.Transformer
	Tasks       []Task // in the order of the experiment
	Learner     Learner
	Optimizer   *optim.Config // nil: the learner updates without one
	Freeze      []string      // patterns of leaves that are never updated
	// Episodes is the number of episodes, or batches, of one step over all tasks:
	// the leading axis of stacked contributions.
	Episodes int
	// Steps is the length of training, over which a learner's rates are scheduled.
	Steps int
	// Precision is single for the compiled executor; the reference interpreter runs what is
	// in double precision, and everything if Interpret is set.
	Precision reference.Precision
	Interpret bool
	Exec      *exec.Options // of the compiled executor; nil: the best kernels
	// Limit is what runs of programs may take together.
	Limit Limit
	// Compiler compiles the programs; nil: one of the model's own.
	Compiler *Compiler
	// Passes says which passes programs are taken through; the zero value: all.
	Passes passes.Options
}

// Task is where episodes come from and what is predicted of them. Draw and Encode
// are pure functions of their arguments, and may be called from several
// goroutines at once. Their errors say which task and draw they are about, as those
// of sampling.Task do.
type Task struct {
	Name       string
	Draw       func(split string, index int64) (sampling.Draw, error)
	Encode     func(sampling.Draw) (*sampling.Episode, error)
	Objectives []link.Objective // of weight 0 where the task is not trained
	// MicroBatch is the number of examples of one element of an ordinary batch;
	// 0: batches are not cut. Those of a task with a coupled head never are.
	MicroBatch int
}

// Learner traces a meta-learner, in this process or another.
type Learner struct {
	Name  string
	Trace func(ctx context.Context, spec meta.Spec) (*meta.Programs, error)
}

// Model is an experiment's programs, compiled when they are first asked for.
// Its methods may be called concurrently.
type Model struct {
	config      Config
	totalWeight float64           // Σ over all objectives
	leaves      []nn.Leaf         // of all tasks: the backbone's, then the heads'
	paths       map[string]string // address → the part of the state that is the leaf
	spec        meta.Spec         // of all leaves
	programs    *meta.Programs
	init        *Program
	update      *Program
	weighing    *Program // nil: the learner does not weigh
	settle      *Program // nil: no second round

	mu       sync.Mutex
	shapes   map[string]*shape
	writings map[string]*writing // see next
}

// New traces the learner and the heads on the first training episode of each
// task, and compiles what does not depend on the shape of episodes.
func New(ctx context.Context, config Config) (*Model, error) {
	if len(config.Tasks) == 0 {
		return nil, fmt.Errorf("program: no task")
	}
	config.Tasks = slices.Clone(config.Tasks)
	if config.Compiler == nil {
		config.Compiler = &Compiler{}
	}
	m := &Model{config: config, shapes: map[string]*shape{}, writings: map[string]*writing{}}
	var err error
	if m.totalWeight, err = totalWeight(config.Tasks); err != nil {
		return nil, err
	}
	for i, t := range config.Tasks {
		element, err := m.first(i)
		if err != nil {
			return nil, err
		}
		if err := m.addTask(ctx, element); err != nil {
			return nil, fmt.Errorf("task %q: %w", t.Name, err)
		}
	}
	m.spec.Leaves = nil
	for _, l := range m.leaves {
		m.spec.Leaves = append(m.spec.Leaves,
			graph.Value{Name: l.Address, DType: graph.Float32, Shape: l.Shape})
	}
	if m.programs, err = config.Learner.Trace(ctx, m.spec); err != nil {
		return nil, err
	}
	m.findLeaves()
	for _, p := range []struct {
		to   **Program
		from *graph.Func
	}{
		{&m.init, m.programs.Init}, {&m.update, m.programs.Update},
		{&m.weighing, m.programs.Weighing}, {&m.settle, m.programs.Settle},
	} {
		if p.from == nil {
			continue
		}
		*p.to, err = config.make(1, func() (*graph.Func, error) {
			return passes.Run(p.from, nil, config.Passes)
		})
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// totalWeight checks the objectives' weights and returns their sum over all tasks.
func totalWeight(tasks []Task) (total float64, err error) {
	for _, t := range tasks {
		for _, o := range t.Objectives {
			if !(o.Weight >= 0) || math.IsInf(o.Weight, 0) {
				return 0, fmt.Errorf("task %q: objective %q: weight %v, want a number of at least 0",
					t.Name, o.Name, o.Weight)
			}
			total += o.Weight
		}
	}
	return total, nil
}

// findLeaves finds where in the state the leaves are.
func (m *Model) findLeaves() {
	m.paths = map[string]string{}
	for _, r := range m.programs.Parameters.Results {
		if r.Node.Op() == graph.OpParameter {
			m.paths[strings.TrimPrefix(r.Name, "leaf/")] = r.Node.Attrs().Name
		}
	}
}

// addTask links the task of an element to learn its leaves and whether a head is
// coupled. The spec of the whole model takes the tensors of the first task that has a
// support, since only their presence matters to it.
func (m *Model) addTask(ctx context.Context, element Element) error {
	linked, err := m.link(element)
	if err != nil {
		return err
	}
	if linked.Coupled() {
		m.config.Tasks[element.Task].MicroBatch = 0
	}
	for _, l := range linked.Leaves() {
		i := slices.IndexFunc(m.leaves, func(o nn.Leaf) bool { return o.Address == l.Address })
		switch {
		case i < 0:
			m.leaves = append(m.leaves, l)
		case !m.leaves[i].Shape.Equal(l.Shape):
			return fmt.Errorf("leaf %s has shape %v here and %v in another task; give it a head of "+
				"its own", l.Address, l.Shape, m.leaves[i].Shape)
		}
	}
	spec := m.specOf(linked, element.Task)
	if element.Task == 0 || len(m.spec.Support) == 0 && len(spec.Support) > 0 {
		m.spec = spec
	}
	return ctx.Err()
}

// first returns an element of the task's first training episode.
func (m *Model) first(index int) (Element, error) {
	t := m.config.Tasks[index]
	draw, err := t.Draw(sampling.Train, 0)
	if err != nil {
		return Element{}, err
	}
	episode, err := t.Encode(draw)
	if err != nil {
		return Element{}, err
	}
	return m.Elements(index, episode)[0], nil
}

// link joins backbone and heads for the shapes of an element. Where the number of
// classes varies, it is that of the element.
func (m *Model) link(e Element) (*link.Task, error) {
	objectives := slices.Clone(m.config.Tasks[e.Task].Objectives)
	for i, o := range objectives {
		if mask := e.Query.Array(o.Name + "/class_mask"); mask != nil {
			objectives[i].Target.Classes = mask.Shape[0]
		}
	}
	var support *link.Side
	if e.Support != nil {
		support = &link.Side{Values: signature(e.Support)}
	}
	transformer := m.config.Transformer.For(m.config.Tasks[e.Task].Name)
	linked, err := link.NewTask(transformer, objectives, support,
		&link.Side{Values: signature(e.Query)})
	if err != nil {
		return nil, err
	}
	linked.Freeze(m.config.Freeze)
	linked.Passes(m.config.Passes)
	return linked, nil
}

// specOf is what the learner is told of one of the tasks.
func (m *Model) specOf(linked *link.Task, task int) meta.Spec {
	spec := linked.Spec(m.config.Optimizer, m.config.Episodes, len(m.config.Tasks))
	spec.Task, spec.TotalWeight, spec.TrainSteps = task, m.totalWeight, m.config.Steps
	return spec
}

// Tasks returns the tasks in the order of the experiment.
func (m *Model) Tasks() []Task { return m.config.Tasks }

// Compilations returns what the model's compiler has compiled so far, for this model and
// others.
func (m *Model) Compilations() Compilations { return m.config.Compiler.Compilations() }

// Precision returns the precision of the programs.
func (m *Model) Precision() reference.Precision { return m.config.Precision }

// Steps returns the length of training.
func (m *Model) Steps() int { return m.config.Steps }

// Leaves returns the parameters of backbone and heads.
func (m *Model) Leaves() []nn.Leaf { return slices.Clone(m.leaves) }

// LeafState returns the name of the part of the state that holds a leaf, or ""
// where the learner keeps it in another form.
func (m *Model) LeafState(address string) string { return m.paths[address] }

// Arithmetic says what decides about the bits of the results: two models with
// equal programs and equal arithmetic compute equal bits.
func (m *Model) Arithmetic() string {
	if m.config.interpreted() {
		return reference.Arithmetic(m.config.Precision)
	}
	return exec.Arithmetic()
}

// Update returns the update of a step: parameters state/<path>,
// contribution/<path> and, where the learner asks for them, rate, step, progress,
// present/<address>, present, weights and slot/<path>; results state/<path> and
// slot/<path>.
func (m *Model) Update() *Program { return m.update }

// Weighing returns what the learner is told before it weighs the tasks of a step:
// parameters contribution/<path>, results gram and losses. nil: it does not weigh.
func (m *Model) Weighing() *Program { return m.weighing }

// Weigh asks the learner for the weights of a step's tasks.
func (m *Model) Weigh(ctx context.Context, w meta.Weighing) (meta.Weighed, error) {
	return m.programs.Weigh(ctx, w)
}

// Settle returns the end of the learner's second round: parameters state/<path>,
// contribution/<path> and, where it asks for them, progress and present; results
// state/<path>. nil: there is none.
func (m *Model) Settle() *Program { return m.settle }

// Reduced lists the contributions of a step's episodes over all tasks, and how
// each is combined.
func (m *Model) Reduced() []meta.Reduced { return m.programs.Reduced }

// AfterReduced is Reduced of the second round.
func (m *Model) AfterReduced() []meta.Reduced { return m.programs.AfterReduced }

// InnerSteps returns by how many steps the learner adapts in training: 0 without
// an adaptation, 1 for a closed form.
func (m *Model) InnerSteps() int {
	switch adapt := m.programs.Adapt; {
	case adapt == nil:
		return 0
	case adapt.Step == nil:
		return 1
	default:
		return adapt.Count
	}
}

// Initial returns the first state: the leaves' initial values, which follow from
// the seed and the address alone, or those given by address, and what the learner
// makes of them.
func (m *Model) Initial(seed uint64, given map[string][]float64) (Values, error) {
	initial := Values{}
	for _, l := range m.leaves {
		data, ok := given[l.Address]
		if !ok {
			data = nn.InitialValue(seed, l)
		}
		if len(data) != l.Shape.Size() {
			return nil, fmt.Errorf("initial value of %s: %d numbers, want %d for shape %v",
				l.Address, len(data), l.Shape.Size(), l.Shape)
		}
		initial["initial/"+l.Address] = Dense(
			graph.Value{DType: graph.Float32, Shape: l.Shape}, data, m.config.Precision)
	}
	return m.init.Run(initial)
}

// Slots returns the optimizer's first slots: zeros, by slot/<slot>/<address>.
func (m *Model) Slots() Values {
	slots := Values{}
	for _, v := range m.update.Params() {
		if strings.HasPrefix(v.Name, "slot/") {
			slots[v.Name] = zeros(v, m.config.Precision)
		}
	}
	return slots
}
