package train_test

import (
	"fmt"
	"math"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

// seen contributes an episode's loss in every way, and its gradient in two.
type seen struct {
	Sum   *graph.Node `reduce:"sum"`
	Mean  *graph.Node `reduce:"mean"`
	Stack *graph.Node `reduce:"stack"`
	Task  *graph.Node `reduce:"task"`
	Each  meta.Params `reduce:"stack"`
	Tasks meta.Params `reduce:"task"`
}

// kept is a state that remembers what the last step reduced. That its parameters
// are a field, and the rest is none, is part of the test.
type kept struct {
	Theta                  meta.Params
	Sum, Mean, Stack, Task *graph.Node
	Each, Tasks            meta.Params
}

// remember is a learner whose state shows what its update was given.
func remember(picks, tasks int) program.Learner {
	blank := func(shape ...int) *graph.Node {
		return graph.Broadcast(graph.Scalar(graph.Float32, 0), shape...)
	}
	stacked := func(p meta.Params, n int) meta.Params {
		leaves := p.Leaves()
		for i, l := range leaves {
			leaves[i].Node = blank(append([]int{n}, l.Node.Shape()...)...)
		}
		return meta.NewParams(leaves...)
	}
	return learner(meta.Learner[kept, seen]{
		Name: "remember",
		Init: func(_ *meta.Model, theta meta.Params) kept {
			return kept{Theta: theta, Sum: blank(), Mean: blank(), Stack: blank(picks), Task: blank(tasks),
				Each: stacked(theta, picks), Tasks: stacked(theta, tasks)}
		},
		Episode: func(m *meta.Model, s kept, ep meta.Episode) seen {
			loss := m.Loss(s.Theta, ep.Query)
			g := m.Grad(loss, s.Theta)
			return seen{Sum: loss, Mean: loss, Stack: loss, Task: loss, Each: g, Tasks: g}
		},
		Update: func(m *meta.Model, s kept, c seen) kept {
			return kept{s.Theta, c.Sum, c.Mean, c.Stack, c.Task, c.Each, c.Tasks}
		},
	})
}

// TestReductions compares what an update is given with what the elements contribute
// one by one, added up in another order.
func TestReductions(t *testing.T) {
	tasks := []program.Task{
		renamed(labelled(t, "cut", 10, 3, topic, tone), "a_"),
		renamed(labelled(t, "whole", 6, 0, length), "b_"),
		renamed(labelled(t, "never", 6, 0, topic), "c_"), fewShot(t, "few"),
	}
	const perStep = 5
	plan := sampling.Plan{Seed: 4, Mix: sampling.Proportional, PerStep: perStep,
		Sizes: []int{300000, 300000, 1, 300000}}
	model := newModel(t, program.Config{Transformer: tiny(0).transformer(t), Tasks: tasks,
		Learner: remember(perStep, len(tasks)), Episodes: perStep, Precision: reference.Double})
	loop := through(t, train.Config{Model: model, Seed: 1, Steps: 1, Workers: 3, Plan: plan})

	picks, err := plan.Step(0)
	if err != nil {
		t.Fatal(err)
	}
	first, err := model.Initial(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, len(tasks))
	for _, p := range picks {
		counts[p.Task]++
	}
	if counts[0] == 0 || counts[1] == 0 || counts[2] != 0 || counts[3] == 0 {
		t.Fatalf("the step draws %v: choose another seed for the plan", counts)
	}
	sum, byPick, byTask := 0.0, make([]float64, perStep), make([]float64, len(tasks))
	each, perTask := map[string][]float64{}, map[string][]float64{}
	for _, leaf := range model.Leaves() {
		each[leaf.Address] = make([]float64, perStep*leaf.Shape.Size())
		perTask[leaf.Address] = make([]float64, len(tasks)*leaf.Shape.Size())
	}
	for i := len(picks) - 1; i >= 0; i-- {
		pick := picks[i]
		elements := elementsOf(t, model, pick.Task, pick.Index)
		if pick.Task == 0 && len(elements) != 4 {
			t.Fatalf("a batch of 10 is cut into %d parts of 3, want 4", len(elements))
		}
		for _, e := range elements {
			step, err := model.Map(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			out, err := step.Run(first, e.Values, program.Values{
				"weight": program.Scalar(1, reference.Double), "key": program.Key([2]uint32{})})
			if err != nil {
				t.Fatal(err)
			}
			loss := floats(t, out["contribution/sum"])[0]
			sum += loss
			byPick[i] += loss
			byTask[pick.Task] += loss / counts[pick.Task]
			for address := range each {
				v := out["contribution/each/"+address]
				if v == nil {
					continue
				}
				g := floats(t, v)
				for k, x := range g {
					each[address][i*len(g)+k] += x
					perTask[address][pick.Task*len(g)+k] += x / counts[pick.Task]
				}
			}
		}
	}
	state := loop.State()
	near(t, "sum", floats(t, state["state/sum"]), []float64{sum})
	near(t, "mean", floats(t, state["state/mean"]), []float64{sum / perStep})
	near(t, "stack", floats(t, state["state/stack"]), byPick)
	near(t, "task", floats(t, state["state/task"]), byTask)
	for address := range each {
		near(t, address, floats(t, state["state/each/"+address]), each[address])
		near(t, address, floats(t, state["state/tasks/"+address]), perTask[address])
	}
	if got := model.LeafState("backbone/norm/scale"); got != "state/theta/backbone/norm/scale" {
		t.Errorf("backbone/norm/scale is kept in %q", got)
	}
}

// elementsOf draws, encodes and cuts.
func elementsOf(t testing.TB, model *program.Model, task int, index int64) []program.Element {
	t.Helper()
	draw, err := model.Tasks()[task].Draw(sampling.Train, index)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := model.Tasks()[task].Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	return model.Elements(task, episode)
}

// near demands agreement to 1e-12 of the larger of 1 and the norm.
func near(t testing.TB, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	if d := distance(got, want); !(d <= 1e-12*math.Max(1, norm(want))) {
		t.Errorf("%s: %.3g away\n got %v\nwant %v", what, d, got, want)
	}
}

func norm(x []float64) float64 { return distance(x, make([]float64, len(x))) }

// distance is ‖x − y‖.
func distance(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return math.Sqrt(sum)
}

func floats(t testing.TB, d *tensor.Dense) []float64 {
	t.Helper()
	switch x := d.Data().(type) {
	case []float64:
		return x
	case float64:
		return []float64{x}
	}
	t.Fatalf("elements are %T, want float64", d.Data())
	return nil
}

// oneStep is the state after one step of plain descent from seed 1 in float64.
func oneStep(t testing.TB, config program.Config, plan sampling.Plan) (program.Values, float64) {
	t.Helper()
	config.Transformer, config.Precision = tiny(0).transformer(t), reference.Double
	config.Optimizer = &optim.Config{Kind: "sgd"}
	if config.Learner.Trace == nil {
		config.Learner = joint()
	}
	config.Episodes = plan.PerStep * len(config.Tasks)
	plan.Sizes = make([]int, len(config.Tasks))
	loss := 0.0
	loop := through(t, train.Config{Model: newModel(t, config), Seed: 1, Steps: 1, Plan: plan,
		Rate:     schema.Constant(1),
		Progress: func(p train.Progress) { loss = p.Values["loss"] }})
	return loop.State(), loss
}

func sameState(t testing.TB, what string, got, want program.Values) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d parts of the state, want %d", what, len(got), len(want))
	}
	for name, v := range want {
		if got[name] == nil {
			t.Errorf("%s: no %s", what, name)
			continue
		}
		near(t, what+": "+name, floats(t, got[name]), floats(t, v))
	}
}

// However a batch is cut, the step is the same to 1e-12.
func TestCutsGiveTheSameStep(t *testing.T) {
	plan := sampling.Plan{PerStep: 2}
	want, loss := oneStep(t, program.Config{Tasks: []program.Task{labelled(t, "labels", 10, 0, topic,
		tone, length)}}, plan)
	for _, micro := range []int{1, 2, 3, 4, 7, 9} {
		got, cutLoss := oneStep(t, program.Config{Tasks: []program.Task{labelled(t, "labels", 10, micro,
			topic, tone, length)}}, plan)
		what := fmt.Sprint("parts of ", micro)
		near(t, what+": loss", []float64{cutLoss}, []float64{loss})
		sameState(t, what, got, want)
	}
}

// An example with several labels passes the encoder once; loss and gradient are
// those of a pass for each label.
func TestSeveralLabelsAreSeparatePasses(t *testing.T) {
	plan := sampling.Plan{PerStep: 1}
	together, loss := oneStep(t, program.Config{Tasks: []program.Task{
		labelled(t, "labels", 8, 3, topic, tone, length)}}, plan)
	separate, sum := oneStep(t, program.Config{Tasks: sameDraws(
		labelled(t, "labels", 8, 3, topic), labelled(t, "labels", 8, 3, tone),
		labelled(t, "labels", 8, 3, length))}, plan)
	near(t, "loss", []float64{loss}, []float64{sum})
	sameState(t, "together", together, separate)
}

// sameDraws names tasks apart whose draws are the same.
func sameDraws(tasks ...program.Task) []program.Task {
	for i := range tasks {
		tasks[i].Name = fmt.Sprint(tasks[i].Name, " ", i)
	}
	return tasks
}

// averaged divides the loss by the sum of all weights.
func averaged() program.Learner {
	return learner(meta.Learner[meta.Params, meta.GradLoss]{Name: "averaged",
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
			loss = graph.Div(loss, graph.Scalar(graph.Float32, m.TotalWeight()))
			return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
		}})
}

// Weights are used as given; a learner that normalizes is told their sum.
func TestWeights(t *testing.T) {
	plan := sampling.Plan{PerStep: 2}
	step := func(l program.Learner, weights ...float64) (program.Values, float64) {
		config := program.Config{Learner: l, Tasks: []program.Task{
			weighted(labelled(t, "labels", 8, 0, topic, tone), weights[:2]...),
			weighted(renamed(labelled(t, "sizes", 8, 0, length), "b_"), weights[2])}}
		return oneStep(t, config, plan)
	}
	zero, _ := step(joint(), 0, 0, 0) // no step at all: the first state
	var losses []float64
	var deltas []map[string][]float64
	for i := range 3 {
		one := make([]float64, 3)
		one[i] = 1
		state, loss := step(joint(), one...)
		losses, deltas = append(losses, loss), append(deltas, map[string][]float64{})
		for name, v := range state {
			x, from := floats(t, v), floats(t, zero[name])
			for k := range x {
				deltas[i][name] = append(deltas[i][name], x[k]-from[k])
			}
		}
	}
	for _, test := range []struct {
		name    string
		learner program.Learner
		given   []float64
		want    []float64
	}{
		{"as given", joint(), []float64{3, 0.5, 2}, []float64{3, 0.5, 2}},
		{"normalized", averaged(), []float64{3, 0.5, 2}, []float64{3 / 5.5, 0.5 / 5.5, 2 / 5.5}},
	} {
		state, loss := step(test.learner, test.given...)
		wantLoss := 0.0
		for i, w := range test.want {
			wantLoss += w * losses[i]
		}
		near(t, test.name+": loss", []float64{loss}, []float64{wantLoss})
		for name, v := range state {
			want := append([]float64(nil), floats(t, zero[name])...)
			for k := range want {
				for i, w := range test.want {
					want[k] += w * deltas[i][name][k]
				}
			}
			near(t, test.name+": "+name, floats(t, v), want)
		}
	}
	for _, w := range []float64{-1, math.NaN(), math.Inf(1)} {
		task := weighted(labelled(t, "labels", 8, 0, topic), w)
		_, err := program.New(t.Context(), program.Config{Transformer: tiny(0).transformer(t),
			Learner: joint(), Tasks: []program.Task{task}})
		wantError(t, "weight", err, `task "labels": objective "topic": weight `,
			"want a number of at least 0")
	}
}
