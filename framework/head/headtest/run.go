package headtest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/schema"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// Use is what a head is used for in the checks.
type Use struct {
	Target  head.Target
	Sets    []string // the input sets; none: head.Input
	Support bool     // the head is shown a support that has examples of every class
	// DecoderOnly says that the backbone is a decoder alone, which sees no memory.
	DecoderOnly bool
	// Writes says that the head answers Tracer.Next: token by token it must predict what
	// it predicts of the whole text.
	Writes bool
	// Golden is a file that holds the printed graph; empty: it is not compared. With
	// the flag -update it is written.
	Golden string
}

// Run checks a head. configure may change the configuration, which starts from the
// plugin's defaults; nil leaves it. Every promise is a subtest of its own.
func Run[C any](t *testing.T, p head.Plugin, configure func(*C), use Use) {
	t.Helper()
	config, ok := p.New().(*C)
	if !ok {
		t.Fatalf("the configuration is a %T, want a %T", p.New(), config)
	}
	if configure != nil {
		configure(config)
	}
	s := &suite{plugin: p, config: config, use: use}
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			if err := check.run(s); err != nil {
				t.Error(err)
			}
		})
	}
}

// suite is a head under test.
type suite struct {
	plugin head.Plugin
	config any
	use    Use
}

// checks are the promises of a head, in the order in which they build on each other.
var checks = []struct {
	name string
	run  func(*suite) error
}{
	{"describes itself", (*suite).describes},
	{"traces at every shape", (*suite).traces},
	{"prints as before", (*suite).prints},
	{"parameters follow from the head alone", (*suite).parameters},
	{"gradients to order 2", (*suite).gradients},
	{"degenerate batches", (*suite).degenerate},
	{"padding rows change nothing", (*suite).paddingRows},
	{"padded positions change nothing", (*suite).paddingPositions},
	{"cuts add up", (*suite).cuts},
	{"weights are the host's", (*suite).weights},
	{"predictions in range", (*suite).predictions},
	{"no span has no place", (*suite).absent},
	{"answers are not looked at", (*suite).unseen},
	{"evaluation draws nothing", (*suite).evaluation},
	{"writes what it predicts", (*suite).writes},
}

// The toy backbone, and the usual use of it.
const (
	width      = 4
	vocabulary = 7
	cache      = 2 * width
	batch      = 4
	positions  = 5
)

// spec is a use of the head with that many examples and positions.
func (s *suite) spec(batch, positions int, train bool) head.Spec {
	spec := head.Spec{
		Width: width, Batch: batch, Target: s.use.Target, Train: train,
		Vocabulary: vocabulary, Cache: cache, DecoderOnly: s.use.DecoderOnly,
	}
	sets := s.use.Sets
	if len(sets) == 0 {
		sets = []string{head.Input}
	}
	for i, set := range sets {
		spec.Sets = append(spec.Sets, head.Length{Set: set, Positions: positions + i})
	}
	if s.use.Support {
		spec.Support = &head.Side{Batch: 2 * max(s.use.Target.Classes, 2), Sets: spec.Sets}
	}
	return spec
}

// usual is the use in which values are checked, in training and in evaluation.
func (s *suite) usual(train bool) head.Spec { return s.spec(batch, positions, train) }

func (s *suite) trace(spec head.Spec) (*head.Traced, error) {
	traced, err := s.plugin.Trace(s.config, spec)
	if err != nil {
		return nil, fmt.Errorf("batch %d, %d positions, training %v: %w", spec.Batch,
			spec.Sets[0].Positions, spec.Train, err)
	}
	return traced, nil
}

// describes checks what a host shows of the plugin.
func (s *suite) describes() error {
	if s.plugin.Name == "" || s.plugin.Doc == "" {
		return errors.New("the plugin has no name or no doc")
	}
	_, err := schema.Of(s.plugin.New())
	return err
}

// shapes are the uses that the head is traced in.
func (s *suite) shapes() []head.Spec {
	var specs []head.Spec
	for _, train := range []bool{false, true} {
		for _, size := range [][2]int{{1, 1}, {1, 8}, {3, 2}, {batch, positions}, {16, 3}} {
			specs = append(specs, s.spec(size[0], size[1], train))
		}
	}
	return specs
}

// traces checks that every use gives a function that verifies, the same one each time.
func (s *suite) traces() error {
	for _, spec := range s.shapes() {
		first, err := s.trace(spec)
		if err != nil {
			return err
		}
		if err := errors.Join(graph.Verify(first.Func), first.Check(spec)); err != nil {
			return err
		}
		second, err := s.trace(spec)
		if err != nil {
			return err
		}
		if a, b := first.Func.String(), second.Func.String(); a != b {
			return fmt.Errorf("traced twice, the head differs:\n%s\nthen\n%s", a, b)
		}
	}
	return nil
}

func (s *suite) prints() error {
	if s.use.Golden == "" {
		return nil
	}
	traced, err := s.trace(s.usual(true))
	if err != nil {
		return err
	}
	got := traced.Func.String()
	if *update {
		if err := os.MkdirAll(filepath.Dir(s.use.Golden), 0o755); err != nil {
			return err
		}
		return os.WriteFile(s.use.Golden, []byte(got), 0o644)
	}
	want, err := os.ReadFile(s.use.Golden)
	if err != nil {
		return fmt.Errorf("%w; run with -update to write it", err)
	}
	if got != string(want) {
		return fmt.Errorf("the graph is not that of %s; run with -update if it is meant to change:\n%s",
			s.use.Golden, got)
	}
	return nil
}

// parameters checks that what is learned has the same names, shapes and initial values
// in every use, whatever the number of examples, positions, or classes if that varies.
func (s *suite) parameters() error {
	specs := s.shapes()
	if s.use.Target.VariableWay {
		more := s.usual(true)
		more.Target.Classes++
		specs = append(specs, more)
	}
	var want string
	for i, spec := range specs {
		traced, err := s.trace(spec)
		if err != nil {
			return err
		}
		var got string
		for _, leaf := range traced.Leaves {
			if leaf.Episodic && s.use.Target.VariableWay {
				leaf.Shape = nil
			}
			got += fmt.Sprintf("%s %v %v %v\n", leaf.Address, leaf.Shape, leaf.Init, leaf.Episodic)
		}
		if i == 0 {
			want = got
		}
		if got != want {
			return fmt.Errorf("the parameters for batch %d, %d positions, %d classes, training %v are\n%s, "+
				"elsewhere\n%s", spec.Batch, spec.Sets[0].Positions, spec.Target.Classes, spec.Train, got, want)
		}
	}
	return nil
}
