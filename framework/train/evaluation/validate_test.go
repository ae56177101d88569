package evaluation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/program"
)

// letterValidator validates few-shot episodes whose learner takes two steps.
func letterValidator(t testing.TB, split string) Validator {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	model := newModel(t, descent(2, 0.05), programTask("letters", data,
		objectiveOf("letter", 3, bare)))
	return Validator{Model: model, Sets: []Set{freeze(t, data, split, 4)}}
}

// The score is the main measure after as many steps as in training.
func TestValidate(t *testing.T) {
	v := letterValidator(t, sampling.Validation)
	var told []string
	v.Progress = func(done, total int) { told = append(told, fmt.Sprintf("%d/%d", done, total)) }
	state := initial(t, v.Model)
	got, err := v.Validate(t.Context(), state, 0)
	if err != nil {
		t.Fatal(err)
	}
	scores := run(t, Request{Model: v.Model, State: state, Set: v.Sets[0], Steps: []int{2}})
	want := metric.Mean(scores.Main("letter", 2).Draws).Mean
	if got.Score != want || !got.HigherBetter {
		t.Errorf("got %+v, want the accuracy %v, higher better", got, want)
	}
	names := slices.Sorted(maps.Keys(got.Values))
	if fmt.Sprint(names) !=
		"[letters/letter/accuracy@2 letters/letter/loss@2 letters/letter/macro_f1@2]" {
		t.Errorf("values %v", names)
	}
	if fmt.Sprint(told) != "[1/4 2/4 3/4 4/4]" {
		t.Errorf("told %v", told)
	}
}

// Accuracy and squared error have no common scale, losses do.
func TestValidateWeighsObjectives(t *testing.T) {
	r := pass(t, 4)
	data := r.Set.Data
	set := freeze(t, data, sampling.Validation, 0)
	for _, test := range []struct {
		letter, length float64
		score          func(map[string]float64) float64
		higher         bool
	}{
		{3, 1, func(v map[string]float64) float64 {
			return (3*v["letters/letter/loss@0"] + v["letters/length/loss@0"]) / 4
		}, false},
		{1, 0, func(v map[string]float64) float64 { return v["letters/letter/accuracy@0"] }, true},
		{0, 2, func(v map[string]float64) float64 { return v["letters/length/mse@0"] }, false},
		{0, 0, func(v map[string]float64) float64 {
			return (v["letters/letter/loss@0"] + v["letters/length/loss@0"]) / 2
		}, false},
	} {
		letter, length := objectiveOf("letter", 4, bare), objectiveOf("length", 0, regress)
		letter.Weight, length.Weight = test.letter, test.length
		model := newModel(t, descent(0, 0), programTask("letters", data, letter, length))
		v := Validator{Model: model, Sets: []Set{set}}
		got, err := v.Validate(t.Context(), initial(t, model), 0)
		if err != nil {
			t.Fatal(err)
		}
		want := test.score(got.Values)
		if math.Abs(got.Score-want) > 1e-12 || got.HigherBetter != test.higher {
			t.Errorf("weights %v and %v: score %v, higher better %t, want %v, %t", test.letter,
				test.length, got.Score, got.HigherBetter, want, test.higher)
		}
	}
}

// TestValidateAsTrained: the rate of a schedule is that of the step that made the state,
// and the first of what is not trained.
func TestValidateAsTrained(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	one := programTask("letters", data, objectiveOf("letter", 3, bare))
	set := freeze(t, data, sampling.Validation, 4)
	rate := schema.Schedule{Kind: schema.ScheduleCosine, From: 0.5}
	seen := map[float64]int{}
	for _, test := range []struct{ total, step, made int }{
		{8, 0, 0}, {8, 1, 0}, {8, 4, 3}, {8, 8, 7}, {0, 0, 0},
	} {
		want := rate.From
		if test.total > 0 {
			want = rate.At(test.made, test.total)
		}
		loss := func(learner program.Learner) float64 {
			model := longModel(t, test.total, learner, one)
			v, err := Validator{Model: model, Sets: []Set{set}}.Validate(t.Context(),
				initial(t, model), test.step)
			if err != nil {
				t.Fatal(err)
			}
			return v.Values["letters/letter/loss@2"]
		}
		got, constant := loss(scheduled(2, rate)), loss(descent(2, want))
		if math.Abs(got-constant) > 1e-6 {
			t.Errorf("step %d of %d: loss %v, with the rate %v it is %v", test.step, test.total, got,
				want, constant)
		}
		seen[math.Round(got*1e5)]++
	}
	if len(seen) != 3 {
		t.Errorf("losses %v, want those of three rates", seen)
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, split := range []string{sampling.Test, sampling.Train} {
		v := letterValidator(t, split)
		_, err := v.Validate(t.Context(), initial(t, v.Model), 0)
		wantError(t, split, err, fmt.Sprintf("of the split %q: a state is chosen on", split))
	}
	v := letterValidator(t, sampling.Validation)
	v.Sets = nil
	_, err := v.Validate(t.Context(), initial(t, v.Model), 0)
	wantError(t, "no sets", err, "episodes of 0 tasks, want 1")
}

func TestBetter(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		a, b   float64
		higher bool
		want   bool
	}{
		{2, 1, true, true}, {1, 2, true, false}, {1, 1, true, false},
		{2, 1, false, false}, {1, 2, false, true}, {1, 1, false, false},
		{nan, 1, true, false}, {1, nan, true, true}, {1, nan, false, true}, {nan, nan, false, false},
	} {
		a := Validation{Score: test.a, HigherBetter: test.higher}
		b := Validation{Score: test.b, HigherBetter: test.higher}
		if got := a.Better(b); got != test.want {
			t.Errorf("%v better than %v, higher better %t: got %t", test.a, test.b, test.higher, got)
		}
	}
}
