package evaluation

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// adapted is what an episode has adapted to.
type adapted struct {
	W meta.Params `reduce:"mean"`
}

// TestFrozenLeavesDoNotAdapt: leaves that are frozen are bit by bit the same after an
// inner loop in training, the others are not; and in evaluation a model without others
// scores after any number of steps what it scores without.
func TestFrozenLeavesDoNotAdapt(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	steps := meta.Steps(3, func(m *meta.Model, p meta.Params, b meta.Batch,
		_ *graph.Node) meta.Params {
		return p.Sub(m.Grad(m.Loss(p, b), p).Scale(0.5))
	})
	learner := meta.Learner[meta.Params, adapted]{Name: "adapted", Adapt: steps,
		Episode: func(m *meta.Model, p meta.Params, ep meta.Episode) adapted {
			return adapted{steps.Run(m, p, ep.Support)}
		},
		Update: func(_ *meta.Model, p meta.Params, _ adapted) meta.Params { return p }}
	trace := program.Learner{Name: "adapted",
		Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
			return meta.Trace(learner, spec)
		}}
	for _, pattern := range []string{"backbone/**", "heads/letter/w", "**"} {
		config := configOf(t, 0, trace, programTask("letters", data, objectiveOf("letter", 3, bare)))
		config.Freeze = []string{pattern}
		model, err := program.New(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		r := Request{Model: model, State: initial(t, model),
			Set: freeze(t, data, sampling.Test, 1), Steps: []int{0, 1, 3}}
		elements, err := r.elements(0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := model.Map(t.Context(), elements[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Run(r.State, elements[0].Values, program.Values{
			"weight": program.Scalar(1, reference.Single), "key": program.Key([2]uint32{})})
		if err != nil {
			t.Fatal(err)
		}
		moved := 0
		for _, l := range model.Leaves() {
			before, after := r.State["state/"+l.Address], got["contribution/w/"+l.Address]
			same := slices.Equal(before.Float32s(), after.Float32s())
			if l.Frozen && !same {
				t.Errorf("freeze %q: %s has adapted", pattern, l.Address)
			}
			if !same {
				moved++
			}
			if want := pattern == "**" || l.Address == pattern ||
				strings.HasPrefix(l.Address, strings.TrimSuffix(pattern, "**")); l.Frozen != want {
				t.Errorf("freeze %q: %s is frozen: %t", pattern, l.Address, l.Frozen)
			}
		}
		if (moved == 0) != (pattern == "**") {
			t.Errorf("freeze %q: %d leaves have adapted", pattern, moved)
		}
		scores := run(t, r)
		before, after := scores.Find("letter", "loss", 0), scores.Find("letter", "loss", 3)
		if (before.Total == after.Total) != (pattern == "**") {
			t.Errorf("freeze %q: loss %v before and %v after 3 steps", pattern, before.Total, after.Total)
		}
	}
}

// TestFrozenLeavesAreHeld: an inner loop that moves leaves without a gradient, as by
// decay, moves none that is frozen: the scores are those of a learner that leaves it out.
func TestFrozenLeavesAreHeld(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	scores := func(freezing []string, moves ...string) *Scores {
		l := meta.Learner[meta.Params, meta.GradLoss]{Name: "decay", Adapt: meta.Steps(2,
			func(m *meta.Model, p meta.Params, b meta.Batch, _ *graph.Node) meta.Params {
				moved := p.Match(moves...)
				g := m.Grad(m.Loss(p, b), moved)
				return p.With(moved.Scale(0.9).Sub(g.Scale(0.1)))
			})}
		config := configOf(t, 0, program.Learner{Name: l.Name,
			Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
				return meta.Trace(l, spec)
			}}, programTask("letters", data, objectiveOf("letter", 3, bare)))
		config.Freeze = freezing
		model, err := program.New(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		return run(t, Request{Model: model, State: initial(t, model),
			Set: freeze(t, data, sampling.Test, 6), Steps: []int{0, 1, 3}})
	}
	frozen := scores([]string{"backbone/**"}, "**")
	if diff := cmp.Diff(scores(nil, "heads/**"), frozen, sameBits); diff != "" {
		t.Errorf("-heads alone +backbone frozen:\n%s", diff)
	}
	free := scores(nil, "**").Find("letter", "loss", 3)
	if free.Total == frozen.Find("letter", "loss", 3).Total {
		t.Error("the loss is the same without frozen leaves, so the test shows nothing")
	}
}
