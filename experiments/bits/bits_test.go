// Package bits_test holds every experiment to the rule of bits. It is apart from the other tests
// of experiments, which take as long.
package bits_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quickstudy/experiments/experimentstest"
	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/experiment"
	"quickstudy/framework/kernel"
	"quickstudy/framework/passes"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
	"quickstudy/framework/trial"
)

// product asks for every way of computing, in all combinations.
var product = flag.Bool("product", false, "compare the bits of all combinations of ways to compute")

// A way is how the steps of an experiment are computed. No bit depends on it.
type way struct {
	isa       kernel.ISA
	unfused   bool // every operation runs by itself
	stored    bool // clusters compute nothing a second time
	recompute bool // inner steps are computed again for the outer gradient
	unmerged  bool // equal nodes are computed twice, and what changes nothing is computed
	resumed   bool // after the first step, from its checkpoint
	padded    bool // sequences are longer than they need be
	workers   int
}

// usual is the way of runner run, and unlike one that differs in everything.
var (
	usual  = way{isa: kernel.Best(), workers: 1}
	unlike = way{isa: kernel.Generic, unfused: true, recompute: true, unmerged: true, resumed: true,
		padded: true, workers: 3}
)

// ways are those that differ from the usual one in one respect, or with -product all.
func ways() []way {
	if !*product {
		alone := []way{{unfused: true}, {stored: true}, {recompute: true}, {unmerged: true},
			{resumed: true}, {padded: true}, {workers: 2}, {workers: 3}}
		for i := range alone {
			alone[i].isa, alone[i].workers = usual.isa, max(1, alone[i].workers)
		}
		for _, isa := range kernel.Available() {
			alone = append(alone, way{isa: isa, workers: 1})
		}
		return alone
	}
	all := []way{{}}
	both := func(set func(w *way)) {
		for _, w := range all {
			set(&w)
			all = append(all, w)
		}
	}
	both(func(w *way) { w.recompute = true })
	both(func(w *way) { w.resumed = true })
	both(func(w *way) { w.padded = true })
	var out []way
	for _, w := range all {
		for _, isa := range kernel.Available() {
			for _, joined := range []struct{ unfused, stored bool }{{}, {true, false}, {false, true}} {
				for workers := range 3 {
					w.isa, w.unfused, w.stored, w.workers = isa, joined.unfused, joined.stored, workers+1
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// TestRuleOfBits: two steps of every experiment in a reduced form leave the same bits in
// whatever way they are computed, and the first episode contributes what the reference
// interpreter says.
func TestRuleOfBits(t *testing.T) {
	experimentstest.SkipShort(t)
	for _, file := range append(experimentstest.Files(t), experimentstest.Workloads(t)...) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			one := prepare(t, file)
			want := one.steps(t, usual)
			if got := one.steps(t, unlike); got != want || *product {
				for _, w := range ways() {
					if got := one.steps(t, w); got != want {
						t.Errorf("%+v leaves other bits than %+v", w, usual)
					}
				}
				if got != want {
					t.Errorf("%+v leaves other bits than %+v", unlike, usual)
				}
			}
			one.nearReference(t)
		})
	}
}

// prepared is an experiment in a reduced form with its data open.
type prepared struct {
	trial   *trial.Trial
	dropout bool
	longest int // positions that the backbone has
}

// sizes are what workloads are reduced to; other experiments have variables for it.
var sizes = []struct{ of, to string }{
	{"layers", "1"}, {"width", "16"}, {"heads", "2"}, {"mlp", "32"}, {"length", "8"},
	{"min_length", "5"}, {"max_length", "16"}, {"records", "200"}, {"shot", "2"}, {"query", "2"},
	{"way", "3"}, {"size", "12"}, {"inner_steps", "3"}, {"vocabulary", "40"},
}

func prepare(t *testing.T, file string) prepared {
	t.Helper()
	if err := experimentstest.Sources(); err != nil {
		t.Fatal(err)
	}
	variables := experimentstest.Data(t, file)
	for _, name := range []string{"pretrained", "metatrained"} {
		if experimentstest.Declares(t, file, name) {
			variables = append(variables, name+"=a run")
		}
	}
	if experimentstest.Declares(t, file, "multilingual") { // its tokenizer is that of the run
		before := experimentstest.Run(t, "multi30k_multilingual.hcl", 1)
		variables = append(variables, "multilingual="+before.Dir)
	}
	text := experimentstest.Read(t, file)
	if filepath.Dir(file) == "bench" {
		file = reducedCopy(t, file, text)
	} else if experimentstest.Declares(t, file, "steps") {
		variables = append(variables, "steps=2")
	}
	for of, to := range map[string]string{"batch": "4", "shots": "4", "queries": "4", "width": "24",
		"shot": "2", "max_way": "5", "max_support": "15", "max_query": "2"} {
		if experimentstest.Declares(t, file, of) {
			variables = append(variables, of+"="+to)
		}
	}
	s, diags, err := session.Open(t.Context(), file,
		session.Options{Variables: experiment.Options{Vars: variables}})
	t.Cleanup(s.Close)
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	one, err := trial.Open(t.Context(), trial.Config{Session: s})
	if err != nil {
		t.Fatal(err)
	}
	p := prepared{trial: one, dropout: strings.Contains(text, " dropout ")}
	for _, in := range s.Experiment.Backbone.Inputs {
		p.longest = max(p.longest, in.MaxLength)
	}
	return p
}

// reducedCopy writes a workload in smaller sizes elsewhere.
func reducedCopy(t *testing.T, file, text string) string {
	t.Helper()
	for _, s := range sizes {
		text = regexp.MustCompile(`(?m)^(\s+`+s.of+`\s*= )\d+$`).ReplaceAllString(text, "${1}"+s.to)
	}
	plugins := filepath.ToSlash(experimentstest.Absolute(t, "../plugins"))
	text = strings.ReplaceAll(text, "../../plugins", plugins)
	path := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// model makes the experiment's model for a way of computing.
func (p prepared) model(t *testing.T, change func(c *program.Config)) *program.Model {
	t.Helper()
	c := p.trial.Data().Program(t.Context())
	change(&c)
	m, err := program.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// steps makes two steps and returns the digest of what they leave and tell.
func (p prepared) steps(t *testing.T, w way) string {
	t.Helper()
	m := p.model(t, func(c *program.Config) {
		c.Exec = &exec.Options{ISA: w.isa, Unfused: w.unfused, Stored: w.stored}
		c.Passes = passes.Options{}
		if w.recompute {
			c.Passes.With = []string{"recompute"}
		}
		if w.unmerged {
			c.Passes.Without = []string{"fold", "cse"}
		}
		if w.padded && !p.dropout { // what is dropped depends on the shape
			for i := range c.Tasks {
				// Of images, the backbone has no more positions than they have.
				longest := p.longest
				for _, in := range p.trial.Data().Tasks[i].Config.Inputs {
					longest = min(longest, in.MaxLength)
				}
				c.Tasks[i].Encode = longer(p.trial.Data().Tasks[i].Task, longest)
			}
		}
	})
	c := p.trial.Training(m)
	c.Steps, c.Workers, c.Checkpoints = min(c.Steps, 2), w.workers, t.TempDir()
	var told bytes.Buffer
	c.Progress = func(progress train.Progress) {
		for _, name := range slices.Sorted(maps.Keys(progress.Values)) {
			fmt.Fprintf(&told, "%s %x\n", name, math.Float64bits(progress.Values[name]))
		}
	}
	if w.resumed && c.Steps == 2 {
		halfway(t, c)
	}
	loop := newLoop(t, c)
	if w.resumed && c.Steps == 2 {
		found, err := checkpoint.Latest(c.Checkpoints)
		if err != nil {
			t.Fatal(err)
		}
		if err := loop.Restore(found.Checkpoint); err != nil {
			t.Fatal(err)
		}
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(loop.State())) {
		fmt.Fprintln(sum, name)
		if err := binary.Write(sum, binary.LittleEndian, loop.State()[name].Data()); err != nil {
			t.Fatal(err)
		}
	}
	sum.Write(told.Bytes())
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// halfway makes the first step and saves it.
func halfway(t *testing.T, c train.Config) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	tell := c.Progress
	c.Progress = func(p train.Progress) {
		tell(p)
		stop()
	}
	if err := newLoop(t, c).Run(ctx); !errors.Is(err, train.ErrInterrupted) {
		t.Fatal(err)
	}
}

func newLoop(t *testing.T, c train.Config) *train.Loop {
	t.Helper()
	loop, err := train.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return loop
}

// longer encodes with some positions more than are needed, where there are more.
func longer(task *sampling.Task, longest int) func(sampling.Draw) (*sampling.Episode, error) {
	return func(d sampling.Draw) (*sampling.Episode, error) {
		e, err := task.Encode(d)
		if err != nil {
			return nil, err
		}
		padded := *e
		padded.Query = lengthened(task, e.Query, longest)
		if e.Support != nil {
			padded.Support = lengthened(task, e.Support, longest)
		}
		return &padded, nil
	}
}

// lengthened adds padding to the positions of every input set, and of what is predicted there.
func lengthened(task *sampling.Task, b *sampling.Batch, longest int) *sampling.Batch {
	out := *b
	out.Arrays = slices.Clone(b.Arrays)
	for i, a := range out.Arrays {
		set, _, _ := strings.Cut(a.Name, "/")
		if target, ok := task.Target(set); ok {
			if set = target.Set; target.PerPosition {
				set = task.FirstSet()
			}
		}
		mask := b.Array(set + "/mask")
		if mask == nil || len(a.Shape) < 2 {
			continue
		}
		rows, positions := mask.Shape[0], mask.Shape[1]
		more := min(3, longest-positions)
		width := 1
		for _, n := range a.Shape[2:] {
			width *= n
		}
		out.Arrays[i].Shape = slices.Clone(a.Shape)
		out.Arrays[i].Shape[1] += more
		out.Arrays[i].Ints = stretched(a.Ints, rows, positions*width, more*width)
		out.Arrays[i].Floats = stretched(a.Floats, rows, positions*width, more*width)
	}
	return &out
}

// stretched appends zeros to every row.
func stretched[T any](x []T, rows, length, more int) []T {
	if x == nil {
		return nil
	}
	out := make([]T, 0, rows*(length+more))
	for row := range rows {
		out = append(append(out, x[row*length:][:length]...), make([]T, more)...)
	}
	return out
}

// nearReference holds what the first elements of every task contribute to the reference
// interpreter: as near to its double precision as four times its own single precision. What
// many elements contribute to a leaf is one vector: in a single sum that all but cancels,
// such as the derivative by a bias, chance decides which of two roundings is nearer.
func (p prepared) nearReference(t *testing.T) {
	t.Helper()
	compiled := p.contributions(t, func(*program.Config) {})
	single := p.contributions(t, func(c *program.Config) { c.Interpret = true })
	double := p.contributions(t, func(c *program.Config) {
		c.Interpret, c.Precision = true, reference.Double
	})
	if len(compiled) == 0 || len(compiled) != len(double) {
		t.Fatalf("%d contributions, of the reference %d", len(compiled), len(double))
	}
	for _, name := range slices.Sorted(maps.Keys(double)) {
		want := double[name]
		got, of := distance(compiled[name], want), distance(single[name], want)
		least := 1e-6 * math.Max(distance(want, make([]float64, len(want))), 1e-3) // of single precision
		if !(got <= 4*math.Max(of, least)) {
			t.Errorf("%s: distance %.3g, that of the reference in single precision %.3g", name, got, of)
		}
	}
}

// distance is that of Euclid.
func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

// contributions returns what the first elements of some draws of every task contribute, by
// task and name.
func (p prepared) contributions(t *testing.T, change func(*program.Config)) map[string][]float64 {
	t.Helper()
	const draws = 24
	m := p.model(t, change)
	state, err := m.Initial(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for i, task := range m.Tasks() {
		for index := range int64(draws) {
			draw, err := task.Draw(sampling.Train, index)
			if err != nil {
				t.Fatal(err)
			}
			episode, err := task.Encode(draw)
			if err != nil {
				t.Fatal(err)
			}
			element := m.Elements(i, episode)[0]
			step, err := m.Map(t.Context(), element)
			if err != nil {
				t.Fatal(err)
			}
			results, err := step.Run(state, element.Values, program.Values{
				"weight": program.Scalar(0.25, m.Precision()), "key": program.Key([2]uint32{1, 2}),
				"progress": program.Scalar(0, m.Precision())})
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range results {
				x, err := program.Floats(v)
				if err != nil {
					t.Fatal(err)
				}
				name = task.Name + " " + name
				out[name] = append(out[name], x...)
			}
		}
	}
	return out
}
