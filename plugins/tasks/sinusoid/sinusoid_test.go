package main

import (
	"math"
	"testing"

	"quickstudy/framework/task/tasktest"
)

func TestConformance(t *testing.T) {
	for _, layout := range []string{"points", "set"} {
		t.Run(layout, func(t *testing.T) {
			tasktest.Run(t, sinusoid,
				func(c *config) { c.Layout, c.Shots, c.Queries = layout, 5, 7 })
		})
	}
}

func TestLayouts(t *testing.T) {
	points, err := config{Shots: 5, Queries: 7, Layout: "points"}.sample(3, "train", 4)
	if err != nil {
		t.Fatal(err)
	}
	set, err := config{Shots: 5, Queries: 7, Layout: "set"}.sample(3, "train", 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(points.Support) != 5 || len(points.Query) != 7 || len(set.Support) != 1 ||
		len(set.Query) != 1 {
		t.Fatalf("points: %d and %d records, set: %d and %d, want 5, 7, 1, 1",
			len(points.Support), len(points.Query), len(set.Support), len(set.Query))
	}
	for i, r := range points.Query {
		if x, y := set.Query[0].Cells[0].Floats[i],
			set.Query[0].Cells[1].Floats[i]; r.Cells[0].Floats[0] != x ||
			r.Cells[1].Floats[0] != y {
			t.Errorf("point %d is %v, in the set (%v, %v): the layout changes the wave", i, r.Cells,
				x, y)
		}
	}
}

// The distribution of waves has known floors: predicting zero costs E[A²]/2,
// and the best single curve for all waves, -(2·E[A]/π) cos x, costs that less
// its own mean square. With y = A sin(x-φ), A ~ U[0.1, 5], φ ~ U[0, π].
func TestFloors(t *testing.T) {
	const episodes = 20000
	mean := (minAmplitude + maxAmplitude) / 2
	meanSquare := (math.Pow(maxAmplitude, 3) - math.Pow(minAmplitude, 3)) /
		(3 * (maxAmplitude - minAmplitude))
	var zero, curve float64
	c := config{Shots: 1, Queries: 10, Layout: "points"}
	for index := range int64(episodes) {
		e, err := c.sample(1, "test", index)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range e.Query {
			x, y := r.Cells[0].Floats[0], r.Cells[1].Floats[0]
			if x < -5 || x > 5 || math.Abs(y) > 5 {
				t.Fatalf("point (%v, %v) is outside the distribution", x, y)
			}
			zero += y * y
			curve += math.Pow(y+2*mean/math.Pi*math.Cos(x), 2)
		}
	}
	zero, curve = zero/(10*episodes), curve/(10*episodes)
	// Half-width of 4 standard errors: 0.24 at 600 episodes (2 of them) scales with 1/√n.
	tolerance := 2 * 0.24 * math.Sqrt(600.0/episodes)
	for _, floor := range []struct {
		name      string
		got, want float64
	}{{"zero", zero, 4.2517}, {"curve", curve, 3.0057}} {
		if math.Abs(floor.got-floor.want) > tolerance {
			t.Errorf("predicting %s costs %.4f, want %.4f ± %.4f", floor.name, floor.got,
				floor.want, tolerance)
		}
	}
	if math.Abs(meanSquare/2-4.2517) > 1e-4 {
		t.Errorf("E[A²]/2 = %v", meanSquare/2)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []config{{Shots: 0, Queries: 1, Layout: "set"},
		{Shots: 1, Queries: 0, Layout: "set"}, {Shots: 1, Queries: 1, Layout: "grid"}} {
		if _, err := open(c); err == nil {
			t.Errorf("open(%+v) succeeds", c)
		}
	}
}
