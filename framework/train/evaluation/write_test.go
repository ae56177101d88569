package evaluation

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/backbone"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/search"
)

// writing is a head that writes, tied to the embedding.
func writing(t *head.Tracer) head.Outputs {
	scores := func(hidden *graph.Node) *graph.Node {
		return nn.Linear(hidden, graph.Transpose(t.Embedding(), 1, 0), nil)
	}
	if n := t.Next(); n != nil {
		hidden, cache := t.Step(n.Cache, n.Token, n.Position)
		return head.Outputs{Cache: cache,
			Predictions: []head.Prediction{{Name: "scores", Node: scores(hidden)}}}
	}
	tokens := t.Tokens()
	logits := scores(t.Decode(head.Encoded{}, tokens.Set).Hidden)
	flat := graph.Reshape(logits, -1, tokens.Classes)
	loss := nn.CrossEntropy(flat, graph.Reshape(tokens.IDs, -1), nil)
	return head.Outputs{Loss: graph.Reshape(loss, tokens.IDs.Shape()...),
		Predictions: []head.Prediction{{Name: "tokens", Node: graph.ArgMax(logits)}}}
}

// writer is a request on episodes whose texts are written from nothing, by parameters
// that adapt to the support.
func writer(t *testing.T) Request {
	t.Helper()
	c := letters(t)
	c.Episodes = &sampling.Episodes{Way: 2, Shot: 3, Query: 2}
	r := writerOf(t, c, 6)
	r.Steps = []int{0, 20}
	return r
}

// writerOf is a request on what a configuration draws, whose texts have so many positions.
func writerOf(t *testing.T, c sampling.Config, positions int) Request {
	t.Helper()
	tokenizer, err := text.Train(text.Options{Kind: text.Bytes, Ends: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Inputs[0].Tokenizer, c.Inputs[0].MaxLength, c.ClassField = tokenizer, positions, "letter"
	c.Predicts = []sampling.Predict{{Name: "text", Target: "text", Kind: task.Text}}
	data := newTask(t, texts(9, grid(9, 6)), c)
	transformer, err := backbone.New(backbone.Config{Kind: "decoder", Layers: 1, Width: 8, Heads: 2,
		MLP: 8, Activation: "gelu", Positions: "rotary", Pooling: "mean",
		Tokens: &backbone.Tokens{Vocabulary: tokenizer.Size(), MaxLength: positions}})
	if err != nil {
		t.Fatal(err)
	}
	objective := link.Objective{Name: "text", Head: "text", Weight: 1,
		Target: head.Target{Kind: head.TokensTarget, Classes: tokenizer.Size(), Set: "input"},
		Trace: func(spec head.Spec) (*head.Traced, error) {
			return head.Trace("writing", writing, spec)
		}}
	model, err := program.New(t.Context(), program.Config{Transformer: transformer,
		Tasks: []program.Task{programTask("letters", data, objective)}, Learner: descent(20, 1),
		Optimizer: &optim.Config{Kind: "sgd"}, Episodes: 1, Precision: reference.Single})
	if err != nil {
		t.Fatal(err)
	}
	return Request{Model: model, State: initial(t, model), Set: freeze(t, data, sampling.Test, 6),
		Steps: []int{0}}
}

// TestWritesLastBatch: of a batch that is cut into elements, those that hold padding alone have
// no text to write, and scores are what they are without cutting.
func TestWritesLastBatch(t *testing.T) {
	whole := writerOf(t, batches(t, 8, 8), 6)
	cut := writerOf(t, batches(t, 8, 2), 6)
	if n := len(whole.Set.Frozen.Draws); n < 2 || len(whole.Set.Frozen.Draws[n-1].Query) > 6 {
		t.Fatalf("%d draws, want a last one that leaves an element of two without a record", n)
	}
	whole.Writes, cut.Writes = &Writes{Beam: 2}, &Writes{Beam: 2}
	want, got := run(t, whole), run(t, cut)
	for _, name := range []string{bleuName, chrfName, exactMatchName} {
		if diff := cmp.Diff(want.Find("text", name, 0), got.Find("text", name, 0), sameBits); diff != "" {
			t.Errorf("-whole +cut:\n%s", diff)
		}
	}
}

// TestWritesInBeams: a text that a beam has found has the log-probability, to the bit, that it
// has when it is written alone, whatever became of the texts beside it, and of room and rows.
func TestWritesInBeams(t *testing.T) {
	const positions = 40 // two times more than there is room for at first
	r := writerOf(t, batches(t, 8, 8), positions)
	element, err := r.elements(0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.Model.Writer(t.Context(), element[0], "text", []int{0})
	if err != nil {
		t.Fatal(err)
	}
	arguments, err := r.arguments(t.Context(), r.Set.Frozen.Draws[0], 0, element[0])
	if err != nil {
		t.Fatal(err)
	}
	adapted, err := w.Adapted(r.State, element[0].Values, arguments)
	if err != nil {
		t.Fatal(err)
	}
	begin := func() search.Next {
		texts, err := w.Begin(element[0].Values, adapted["0"], arguments)
		if err != nil {
			t.Fatal(err)
		}
		return texts.Next
	}
	how, err := r.Set.Data.Written("text")
	if err != nil {
		t.Fatal(err)
	}
	examples := element[0].Query.Rows
	for _, beam := range []int{1, 2, 3, 5} {
		c := search.Config{Beam: beam, Most: how.Most, Begin: how.Begin, End: how.End}
		found, err := c.Run(begin(), examples)
		if err != nil {
			t.Fatal(err)
		}
		longest := 0
		for example, texts := range found {
			for _, text := range texts {
				longest = max(longest, len(text.Tokens))
				follow := slices.Clip(text.Tokens)
				if text.Ended {
					follow = append(follow, how.End)
				}
				next, from, token, sum := begin(), example, how.Begin, 0.0
				for at, follows := range follow {
					scores, err := next(at, []int{from}, []int32{token})
					if err != nil {
						t.Fatal(err)
					}
					sum += logProbability(scores(0), follows)
					from, token = 0, follows
				}
				if sum != text.LogProbability {
					t.Errorf("beam %d: %v: log-probability %v, alone %v", beam, text.Tokens,
						text.LogProbability, sum)
				}
			}
		}
		if longest < 20 {
			t.Errorf("beam %d: the longest text has %d tokens, want some that need more room", beam, longest)
		}
	}
}

// TestWrites: greedy search writes what teacher forcing predicts, before and after
// adaptation; adaptation changes what is written, towards the texts; and what is written
// does not depend on the number of workers.
func TestWrites(t *testing.T) {
	r := writer(t)
	forced := run(t, r)
	r.Writes = &Writes{Beam: 1}
	greedy := run(t, r)
	for _, step := range r.Steps {
		if diff := cmp.Diff(forced.Find("text", exactMatchName, step),
			greedy.Find("text", exactMatchName, step), sameBits); diff != "" {
			t.Errorf("after %d steps: -teacher forcing +greedy:\n%s", step, diff)
		}
	}
	before, after := greedy.Find("text", chrfName, 0), greedy.Find("text", chrfName, 20)
	if !(after.Total > before.Total+5) {
		t.Errorf("chrF %v before and %v after adaptation, want it to be better", before.Total,
			after.Total)
	}
	if main := greedy.Main("text", 20); main.Metric != bleuName || !main.HigherBetter {
		t.Errorf("the main measure is %+v, want BLEU", main)
	}
	r.Writes, r.Workers = &Writes{Beam: 3, LengthPenalty: 0.6}, 1
	one := run(t, r)
	r.Workers = 4
	if diff := cmp.Diff(one, run(t, r), sameBits); diff != "" {
		t.Errorf("-1 worker +4:\n%s", diff)
	}
}

// logProbability is that of a token, by the scores of all.
func logProbability(scores []float64, token int32) float64 {
	most, sum := slices.Max(scores), 0.0
	for _, x := range scores {
		sum += math.Exp(x - most)
	}
	return scores[token] - most - math.Log(sum)
}
