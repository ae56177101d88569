package train_test

import (
	"math/rand/v2"
	"testing"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/link"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// small is the workload of experiments/bench/w1-maml.hcl.
var small = struct {
	architecture
	way, support, query, innerSteps int
}{
	architecture{
		Layers: 2, Width: 64, Heads: 4, MLP: 256, Vocabulary: 1000, MaxLength: 32,
		Activation: "gelu", Positions: "learned", Pooling: "mean",
	}, 5, 25, 75, 5,
}

// BenchmarkEpisode runs the map step of second-order MAML on one few-shot episode.
func BenchmarkEpisode(b *testing.B) {
	p, args := smallEpisode(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(args...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEpisodeParallel runs as many episodes at a time as there are processors, as a
// meta-batch does; an operation is still one episode.
func BenchmarkEpisodeParallel(b *testing.B) {
	p, args := smallEpisode(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Run(args...); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkCompile measures linking, differentiating and scheduling the same program.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		smallEpisode(b)
	}
}

// smallEpisode compiles the map step and draws arguments for it.
func smallEpisode(b *testing.B) (*program.Program, []program.Values) {
	b.Helper()
	label := objective{Name: "label", Kind: "classification", Size: small.way, Weight: 1}
	encoded := &sampling.Episode{Support: smallBatch(small.support), Query: smallBatch(small.query)}
	model := newModel(b, program.Config{
		Transformer: small.transformer(b), Optimizer: &optim.Config{Kind: "sgd"}, Episodes: 1,
		Learner: maml(optimizer{LearningRate: 0.05, Steps: small.innerSteps, SecondOrder: true}),
		Tasks: []program.Task{{
			Name: "few_shot", Objectives: []link.Objective{label.link()},
			Draw:   func(string, int64) (sampling.Draw, error) { return sampling.Draw{}, nil },
			Encode: func(sampling.Draw) (*sampling.Episode, error) { return encoded, nil },
		}},
	})
	elements := model.Elements(0, encoded)
	step, err := model.Map(b.Context(), elements[0])
	if err != nil {
		b.Fatal(err)
	}
	state, err := model.Initial(1, nil)
	if err != nil {
		b.Fatal(err)
	}
	return step, []program.Values{state, elements[0].Values, {
		"weight": program.Scalar(1, reference.Single), "key": program.Key([2]uint32{1, 2})}}
}

// smallBatch draws sentences without padding, each of some class.
func smallBatch(rows int) *sampling.Batch {
	draws := rand.New(rand.NewPCG(1, uint64(rows)))
	integers := func(n, limit int) []int32 {
		out := make([]int32, n)
		for i := range out {
			out[i] = int32(draws.IntN(limit))
		}
		return out
	}
	ones := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = 1
		}
		return out
	}
	T := small.MaxLength
	return &sampling.Batch{Rows: rows, Arrays: []sampling.Array{
		{Name: "input/tokens", Shape: []int{rows, T}, Ints: integers(rows*T, small.Vocabulary)},
		{Name: "input/mask", Shape: []int{rows, T}, Floats: ones(rows * T)},
		{Name: "label/class", Shape: []int{rows}, Ints: integers(rows, small.way)},
		{Name: "label/class_mask", Shape: []int{small.way}, Floats: ones(small.way)},
		{Name: "label/weight", Shape: []int{rows}, Floats: ones(rows)},
		{Name: "label/inverse_weight", Floats: []float64{1 / float64(rows)}},
	}}
}
