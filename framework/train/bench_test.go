package train_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// small is an experiment that is meant to finish in about a minute on a laptop.
var small = struct {
	architecture
	way, support, query, innerSteps int
}{
	architecture{
		Layers: 2, Width: 32, Heads: 4, MLP: 128, Vocabulary: 1000, MaxLength: 24,
		Activation: "gelu", Positions: "learned", Pooling: "mean",
	}, 5, 25, 50, 5,
}

// BenchmarkEpisode runs the map step of second-order MAML on one few-shot episode.
func BenchmarkEpisode(b *testing.B) {
	p, args := episodeProgram(b, exec.Single)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(args); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEpisodeParallel runs as many episodes at a time as there are processors, as a
// meta-batch does; an operation is still one episode.
func BenchmarkEpisodeParallel(b *testing.B) {
	p, args := episodeProgram(b, exec.Single)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Run(args); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkCompile measures linking, differentiating and scheduling the same program.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		episodeProgram(b, exec.Single)
	}
}

// episodeProgram compiles the map step and draws arguments for it.
func episodeProgram(b *testing.B, precision exec.Precision) (*exec.Program, []*tensor.Dense) {
	b.Helper()
	f := fixture{Backbone: small.architecture}
	objectives := []objective{{Name: "label", Kind: "classification", Size: small.way, Weight: 1}}
	support := batchValues(small.support, small.MaxLength, small.way)
	query := batchValues(small.query, small.MaxLength, small.way)
	linked := task(b, f, objectives, support, query)
	inner := &optimizer{LearningRate: 0.05, Steps: small.innerSteps, SecondOrder: true}
	learner := meta.Learner[meta.Params, meta.GradLoss]{Name: "maml", Adapt: gradientSteps(inner)}
	g, _, err := meta.TraceEpisode(learner, linked.Spec(nil, 1, 1))
	if err == nil {
		g, err = linked.Episode(&meta.Programs{Episode: g})
	}
	p := compile(b, g, err, precision).p
	var args []*tensor.Dense
	for _, v := range p.Signature().Params {
		args = append(args, dense(v, drawArgument(v), precision))
	}
	return p, args
}

// drawArgument returns plausible values for a parameter of the map step.
func drawArgument(v graph.Value) []float64 {
	data := make([]float64, v.Shape.Size())
	draws := rand.New(rand.NewPCG(1, uint64(len(v.Name))))
	limit, ones := 0, false
	switch {
	case strings.HasSuffix(v.Name, "/tokens"):
		limit = small.Vocabulary
	case strings.HasSuffix(v.Name, "/class"):
		limit = small.way
	case strings.HasSuffix(v.Name, "/inverse_weight"):
		data[0] = 1.0 / float64(small.query)
		return data
	case strings.HasSuffix(v.Name, "weight"), strings.HasSuffix(v.Name, "mask"),
		strings.HasSuffix(v.Name, "/scale"):
		ones = true
	case strings.HasSuffix(v.Name, "/bias"), v.Name == "key":
		return data
	}
	for i := range data {
		switch {
		case ones:
			data[i] = 1
		case limit > 0:
			data[i] = float64(draws.IntN(limit))
		default:
			data[i] = draws.NormFloat64() / 8
		}
	}
	return data
}

// batchValues lists the tensors of a batch of rows classified into classes.
func batchValues(rows, length, classes int) []graph.Value {
	return []graph.Value{
		{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{rows, length}},
		{Name: "input/mask", DType: graph.Float32, Shape: graph.Shape{rows, length}},
		{Name: "label/class", DType: graph.Int32, Shape: graph.Shape{rows}},
		{Name: "label/class_mask", DType: graph.Float32, Shape: graph.Shape{classes}},
		{Name: "label/weight", DType: graph.Float32, Shape: graph.Shape{rows}},
		{Name: "label/inverse_weight", DType: graph.Float32},
	}
}
