package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

func TestConformance(t *testing.T) {
	for family := range families {
		for _, layout := range []string{"points", "set"} {
			t.Run(family+"/"+layout, func(t *testing.T) {
				tasktest.Run(t, regression, func(c *config) {
					c.Family, c.Layout, c.Shots, c.Queries, c.Noise = family, layout, 5, 7, 0.1
					if family == "linear" {
						c.Dimensions = 3
					}
				})
			})
		}
	}
}

func TestLayouts(t *testing.T) {
	c := config{Family: "sinusoid", Dimensions: 1, Shots: 5, Queries: 7, Layout: "points"}
	points, err := c.sample(3, "train", 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Layout = "set"
	set, err := c.sample(3, "train", 4)
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
	c := config{Family: "sinusoid", Dimensions: 1, Shots: 1, Queries: 10, Layout: "points"}
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

// TestHarmonic: a sum of two waves of normal amplitudes has a mean square of 1, and noise adds
// its variance.
func TestHarmonic(t *testing.T) {
	const episodes = 20000
	for _, noise := range []float64{0, 2} {
		c := config{Family: "harmonic", Dimensions: 1, Noise: noise, Shots: 1, Queries: 10}
		var y, x []float64
		for index := range int64(episodes) {
			for _, p := range query(t, c, index) {
				y = append(y, p.y)
				x = append(x, p.x[0])
			}
		}
		// Values of an episode go together: at least as many are independent as episodes.
		if got, want := mean(y, square), 1+noise*noise; math.Abs(got-want) > 4*want/100 {
			t.Errorf("noise %v: mean square %.4f, want %.4f", noise, got, want)
		}
		// x ~ N(μ, 1), μ uniform in [-4, 4]: a variance of 1 + 8²/12.
		if got, want := mean(x, square), 1+64./12; math.Abs(got-want) > 4*want/100 {
			t.Errorf("mean square of x %.4f, want %.4f", got, want)
		}
	}
}

// TestLinear: the least squares of minimal norm know the part of w that the k points span, so
// that their error is d - k, and 0 from k = d on (Garg et al. 2022).
func TestLinear(t *testing.T) {
	const episodes, d = 4000, 5
	for k := 1; k <= d+1; k++ {
		c := config{Family: "linear", Dimensions: d, Shots: k, Queries: 2, Layout: "points"}
		sum := 0.0
		for index := range int64(episodes) {
			e, err := c.sample(1, "test", index)
			if err != nil {
				t.Fatal(err)
			}
			w := leastSquares(e.Support, d)
			for _, r := range e.Query {
				sum += square(r.Cells[1].Floats[0] - dot(w, r.Cells[0].Floats))
			}
		}
		got, want := sum/(2*episodes), float64(max(0, d-k))
		if math.Abs(got-want) > 4*want*math.Sqrt(5./episodes)+1e-9 {
			t.Errorf("after %d points the error is %.4f, want %.4f", k, got, want)
		}
	}
}

// leastSquares is the shortest w with w·x = y for all records, made from an orthogonal basis of
// the x (Gram and Schmidt).
func leastSquares(records []task.Record, d int) []float64 {
	w := make([]float64, d)
	var basis [][]float64
	for _, r := range records {
		x, y := slices.Clone(r.Cells[0].Floats), r.Cells[1].Floats[0]-dot(w, r.Cells[0].Floats)
		for _, b := range basis {
			along := dot(b, x)
			for i := range x {
				x[i] -= along * b[i]
			}
		}
		length := math.Sqrt(dot(x, x))
		if length < 1e-9 { // x says nothing new
			continue
		}
		for i := range x {
			x[i] /= length
			w[i] += y / length * x[i]
		}
		basis = append(basis, x)
	}
	return w
}

func query(t *testing.T, c config, index int64) []point {
	t.Helper()
	c.Layout = "points"
	e, err := c.sample(1, "test", index)
	if err != nil {
		t.Fatal(err)
	}
	var points []point
	for _, r := range e.Query {
		points = append(points, point{r.Cells[0].Floats, r.Cells[1].Floats[0]})
	}
	return points
}

func mean(x []float64, of func(float64) float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += of(v)
	}
	return sum / float64(len(x))
}

func square(x float64) float64 { return x * x }

func TestOpenRefuses(t *testing.T) {
	good := config{Family: "linear", Dimensions: 2, Shots: 1, Queries: 1, Layout: "set"}
	if _, err := open(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*config){
		"shots 0":        func(c *config) { c.Shots = 0 },
		"queries 0":      func(c *config) { c.Queries = 0 },
		`layout "grid"`:  func(c *config) { c.Layout = "grid" },
		`family "cubic"`: func(c *config) { c.Family = "cubic" },
		"dimensions 0":   func(c *config) { c.Dimensions = 0 },
		"dimensions 2":   func(c *config) { c.Family = "harmonic" },
		"noise NaN":      func(c *config) { c.Noise = math.NaN() },
	} {
		c := good
		change(&c)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("open(%+v): got %v, want an error with %q", c, err, want)
		}
	}
}
