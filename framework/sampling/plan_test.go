package sampling

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"quickstudy/framework/schema"
)

func TestPlanEvery(t *testing.T) {
	p := Plan{Seed: 1, PerStep: 2, Sizes: []int{10, 1000}}
	got, err := p.Step(3)
	want := []Pick{{0, 6}, {0, 7}, {1, 6}, {1, 7}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("step 3 is %v, %v, want %v", got, err, want)
	}
}

func TestPlanShares(t *testing.T) {
	tests := []struct {
		plan Plan
		want []float64
	}{
		{Plan{Mix: Uniform, Sizes: []int{100, 400}}, []float64{0.5, 0.5}},
		{Plan{Mix: Proportional, Sizes: []int{100, 400}}, []float64{0.2, 0.8}},
		{Plan{Mix: Temperature, Temperature: schema.Constant(2), Sizes: []int{100, 400}},
			[]float64{1. / 3, 2. / 3}},
		{Plan{Mix: Proportional, Cap: 300, Sizes: []int{100, 400, 500}},
			[]float64{1. / 7, 3. / 7, 3. / 7}},
		{Plan{Mix: Temperature, Temperature: schema.Constant(1e-3), Sizes: []int{400, 1000, 1000}},
			[]float64{0, 0.5, 0.5}}, // 1000^1000 is no number
		{Plan{Mix: Weighted, Weights: []float64{0, 3, 1, 0}, Sizes: make([]int, 4)},
			[]float64{0, 0.75, 0.25, 0}},
		{Plan{Mix: Weighted, Weights: []float64{1e308, 1e308}, Sizes: make([]int, 2)},
			[]float64{0.5, 0.5}}, // nor is their sum
	}
	for _, test := range tests {
		shares, err := test.plan.Shares(0)
		if err != nil {
			t.Fatal(err)
		}
		const steps, perStep = 4000, 3
		test.plan.PerStep = perStep
		counts := make([]float64, len(shares))
		seen := make(map[int64]bool)
		for step := range int64(steps) {
			picks, err := test.plan.Step(step)
			if err != nil || len(picks) != perStep {
				t.Fatalf("step %d: %v, %v", step, picks, err)
			}
			for _, pick := range picks {
				counts[pick.Task]++
				if seen[pick.Index] {
					t.Fatalf("index %d is given twice", pick.Index)
				}
				seen[pick.Index] = true
			}
		}
		for i, want := range test.want {
			if math.Abs(shares[i]-want) > 1e-12 {
				t.Errorf("%+v: shares %v, want %v", test.plan, shares, test.want)
			}
			if got := counts[i] / (steps * perStep); math.Abs(got-want) > 4*math.Sqrt(
				want*(1-want)/(steps*perStep)) {
				t.Errorf("%+v: task %d is %v of the picks, want %v", test.plan, i, got, want)
			}
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, test := range []struct {
		plan Plan
		want string
	}{
		{Plan{PerStep: 1}, "0 tasks"},
		{Plan{Sizes: []int{1}}, "0 draws a step"},
		{Plan{PerStep: 1, Sizes: []int{1}, Mix: "annealed"}, `mix of tasks "annealed"`},
		{Plan{PerStep: 1, Sizes: []int{1}, Mix: Temperature}, "temperature 0"},
		{Plan{PerStep: 1, Sizes: []int{0}, Mix: Proportional}, "0 training records"},
		{Plan{PerStep: 1, Sizes: []int{1}, Mix: Weighted}, "0 weights of 1 tasks"},
		{Plan{PerStep: 1, Sizes: []int{1}, Mix: Weighted, Weights: []float64{-1}}, "weight -1 of task 0"},
		{Plan{PerStep: 1, Sizes: []int{1}, Mix: Weighted, Weights: []float64{0}}, "all tasks are 0"},
	} {
		if _, err := test.plan.Step(0); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v, want an error with %q", test.plan, err, test.want)
		}
	}
}

// TestPlanAnneals: from proportional to uniform, as the temperature rises.
func TestPlanAnneals(t *testing.T) {
	p := Plan{Mix: Temperature, Sizes: []int{1, 256}, Steps: 101, PerStep: 1,
		Temperature: schema.Linear(1, 8)}
	var shares []float64
	for _, step := range []int64{0, 50, 100} {
		s, err := p.Shares(step)
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, s[0])
	}
	if math.Abs(shares[0]-1./257) > 1e-12 || math.Abs(shares[2]-1./3) > 0.01 ||
		!(shares[0] < shares[1] && shares[1] < shares[2]) {
		t.Errorf("shares of the small task %v, want 1/257, more, about 1/3", shares)
	}
	p.Temperature = schema.Linear(1, -1)
	if _, err := p.Step(100); err == nil || !strings.Contains(err.Error(), "in step 101, want more") {
		t.Errorf("got %v, want an error about the temperature in step 101", err)
	}
}
