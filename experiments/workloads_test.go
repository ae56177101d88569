package experiments_test

import (
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"quickstudy/experiments/experimentstest"
	"quickstudy/framework/experiment"
	"quickstudy/framework/passes"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train/program"
)

// An encoder is the sizes that the arithmetic of a workload follows from.
type encoder struct{ layers, width, mlp, length, vocabulary int }

// forward is the floating-point operations of the matrix products of a forward pass over a
// number of sequences: four projections, scores and mixing, two layers of the MLP.
func (e encoder) forward(sequences int) float64 {
	tokens, d := float64(sequences*e.length), float64(e.width)
	return float64(e.layers) * 2 * tokens * (4*d*d + 2*float64(e.length)*d + 2*d*float64(e.mlp))
}

// parameters is the number of parameters of the encoder and of heads of so many classes.
func (e encoder) parameters(classes ...int) int {
	d := e.width
	n := (e.vocabulary+e.length)*d + e.layers*(4*d*(d+1)+2*d*e.mlp+e.mlp+d+4*d) + 2*d
	for _, c := range classes {
		n += (d + 1) * c
	}
	return n
}

// TestArithmeticOfWorkloads: what is counted in the programs is the closed form. A gradient
// costs a forward pass and two more for the derivatives by inputs and by weights; the
// derivative of that again costs six, two for each of its three.
func TestArithmeticOfWorkloads(t *testing.T) {
	t.Parallel()
	few := encoder{layers: 2, width: 64, mlp: 256, length: 32, vocabulary: 1000}
	many := encoder{layers: 4, width: 256, mlp: 1024, length: 128, vocabulary: 8192}
	odd := encoder{layers: 2, width: 96, mlp: 384, length: 48, vocabulary: 1000}
	large := encoder{layers: 12, width: 768, mlp: 3072, length: 32, vocabulary: 1000}
	deep := encoder{layers: 3, width: 192, mlp: 768, length: 100, vocabulary: 1000}
	for _, test := range []struct {
		file       string
		parameters int
		want       float64 // operations of a step
		told       float64 // what is known of it from counting by hand, in 10⁹; 0: nothing
	}{
		{"w1-maml.hcl", few.parameters(5), 4 * (5*9*few.forward(25) + 3*few.forward(75)), 36.81},
		{"w1-fomaml.hcl", few.parameters(5), 4 * (5*3*few.forward(25) + 3*few.forward(75)), 16.36},
		{"w2-mtl.hcl", many.parameters(2, 5, 20), 3 * 3 * many.forward(32), 251.26},
		{"w3-reptile.hcl", few.parameters(5), 4 * (5*3*few.forward(25) + few.forward(5)), 10.22},
		{"large-maml.hcl", large.parameters(5), 5*9*large.forward(5) + 3*large.forward(5), 0},
		{"odd-maml.hcl", odd.parameters(7), 4 * (5*9*odd.forward(21) + 3*odd.forward(105)), 0},
		{"deep-maml.hcl", deep.parameters(5), 2 * (5*9*deep.forward(25) + 3*deep.forward(25)), 0},
	} {
		t.Run(test.file, func(t *testing.T) {
			work, parameters := step(t, filepath.Join("bench", test.file))
			if parameters != test.parameters {
				t.Errorf("%d parameters, want %d: the sizes are not what they should be", parameters,
					test.parameters)
			}
			got := float64(work.Products)
			if math.Abs(got/test.want-1) > 0.002 { // heads, and where a gradient ends
				t.Errorf("%.4g operations in matrix products, the closed form has %.4g", got, test.want)
			}
			if test.told > 0 && math.Abs(got/1e9/test.told-1) > 0.02 {
				t.Errorf("%.4g GFLOP, counted by hand %.4g", got/1e9, test.told)
			}
		})
	}
}

// TestRecompute: with inner steps computed again memory hardly grows with their number, and
// no bit of what an episode contributes changes.
func TestRecompute(t *testing.T) {
	arena := map[string]int64{}
	contributions := map[string]program.Values{}
	for _, steps := range []string{"1", "5", "20"} {
		for _, recompute := range []string{"false", "true"} {
			s, data := open(t, filepath.Join("bench", "w1-maml.hcl"), "inner_steps="+steps,
				"recompute="+recompute)
			m, elements, made := model(t, data)
			key := steps + " " + recompute
			arena[key] = made[0].Memory().Arena
			t.Logf("inner steps %s, recompute %s: arena of %.4g MB", steps, recompute,
				float64(arena[key])/1e6)
			if steps != "5" {
				continue
			}
			state, err := m.Initial(s.Experiment.Seed, nil)
			if err != nil {
				t.Fatal(err)
			}
			contributions[recompute], err = made[0].Run(state, elements[0][0].Values, program.Values{
				"weight": program.Scalar(0.25, m.Precision()), "key": program.Key([2]uint32{1, 2})})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if a, b := arena["5 true"], arena["20 true"]; float64(b) > 1.3*float64(a) {
		t.Errorf("arena of %d bytes for 5 steps and %d for 20, want at most 1.3 times", a, b)
	}
	if a, b := arena["20 false"], arena["20 true"]; 2*b > a {
		t.Errorf("arena of %d bytes, with recomputation %d, want less than half", a, b)
	}
	for name, want := range contributions["false"] {
		if got := contributions["true"][name]; !reflect.DeepEqual(got.Data(), want.Data()) {
			t.Errorf("%s differs", name)
		}
	}
	if len(contributions["true"]) < 10 {
		t.Errorf("%d contributions", len(contributions["true"]))
	}
}

// BenchmarkCompile makes the programs of a training step: what plugins trace is linked,
// taken through the passes, planned and made ready to run.
func BenchmarkCompile(b *testing.B) {
	for _, file := range experimentstest.Workloads(b) {
		b.Run(filepath.Base(file), func(b *testing.B) {
			_, data := open(b, file)
			for b.Loop() {
				model(b, data)
			}
		})
	}
}

// open reads a workload and its data.
func open(t testing.TB, file string, variables ...string) (*session.Session, *session.Data) {
	t.Helper()
	if err := experimentstest.Sources(); err != nil {
		t.Fatal(err)
	}
	s, diags, err := session.Open(t.Context(), file,
		session.Options{Variables: experiment.Options{Vars: variables}})
	t.Cleanup(s.Close)
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	data, diags, err := s.Data(t.Context())
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	return s, data
}

// model makes the model of a workload, and returns the elements of a first episode of each
// task with the map step that all of them have.
func model(t testing.TB, data *session.Data) (*program.Model, [][]program.Element,
	[]*program.Program) {
	t.Helper()
	model, diags, err := data.Model(t.Context())
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	var elements [][]program.Element
	var steps []*program.Program
	for i, task := range data.Tasks {
		draw, err := task.Draw(sampling.Train, 0)
		if err != nil {
			t.Fatal(err)
		}
		episode, err := task.Encode(draw)
		if err != nil {
			t.Fatal(err)
		}
		elements = append(elements, model.Elements(i, episode))
		step, err := model.Map(t.Context(), elements[i][0])
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return model, elements, steps
}

// step returns the arithmetic of a step of a workload, whose elements all have one shape,
// and the number of parameters of the model.
func step(t *testing.T, file string) (work passes.Work, parameters int) {
	t.Helper()
	s, data := open(t, file)
	model, elements, steps := model(t, data)
	for _, leaf := range model.Leaves() {
		parameters += leaf.Shape.Size()
	}
	work = model.Update().Work()
	for i, one := range steps {
		for range s.Experiment.Train.MetaBatch * len(elements[i]) {
			work = work.Plus(one.Work())
		}
	}
	return work, parameters
}
