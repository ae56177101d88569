package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// A run that is killed at any instant leaves a folder from which it resumes to the
// same end. Being killed is copying the folder while the run goes on: checkpoints
// first, so that no copy has lines that are older than its checkpoints, which no
// moment of the folder has either.
func TestKilledRunGoesOn(t *testing.T) {
	for name, c := range experiments(t) {
		t.Run(name, func(t *testing.T) { killedRunGoesOn(t, c, 20) })
	}
}

func killedRunGoesOn(t *testing.T, c train.Config, kills int) {
	want := inOneGo(t, c)

	var mu sync.Mutex
	var copies []string
	root := t.TempDir()
	c.Run = newRun(t)
	snapshot := func() {
		mu.Lock()
		defer mu.Unlock()
		to := filepath.Join(root, fmt.Sprint(len(copies)))
		if err := copyRun(c.Run.Dir(), to); err != nil {
			t.Error(err)
		}
		copies = append(copies, to)
	}
	// Between the writes, from the goroutine that makes them.
	c.Progress = func(train.Progress) { snapshot() }
	validate := c.Validate
	c.Validate = func(ctx context.Context, s program.Values, step int) (train.Validation, error) {
		snapshot()
		return validate(ctx, s, step)
	}
	// At the instants at which other goroutines happen to be.
	for i := range c.Model.Tasks() {
		task := &c.Model.Tasks()[i]
		encode := task.Encode
		defer func() { task.Encode = encode }()
		task.Encode = func(d sampling.Draw) (*sampling.Episode, error) {
			snapshot()
			return encode(d)
		}
	}
	loop := through(t, c)
	want.check(t, "never killed", outcomeOf(t, loop, c.Run))
	if len(copies) < kills {
		t.Fatalf("%d copies, want at least %d", len(copies), kills)
	}

	c.Progress, c.Validate = nil, validate
	draws := rand.New(rand.NewPCG(1, 2))
	draws.Shuffle(len(copies), func(i, j int) { copies[i], copies[j] = copies[j], copies[i] })
	resumed := 0
	for i, folder := range copies[:kills] {
		if i%3 == 1 {
			tear(t, folder, draws)
		}
		run, err := record.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Lock(); err != nil {
			t.Fatal(err)
		}
		again := c
		again.Run, again.Workers = run, 1+i%3
		loop := newLoop(t, again)
		found, err := checkpoint.Latest(run.Checkpoints())
		if err == nil {
			resumed++
			err = loop.Restore(found.Checkpoint)
		} else if errors.Is(err, checkpoint.ErrNone) {
			err = nil // killed before the first checkpoint: from the start
		}
		if err != nil {
			t.Fatal(err)
		}
		from := loop.Step()
		if err := loop.Run(t.Context()); err != nil {
			t.Fatalf("copy %d, from step %d: %v", i, from, err)
		}
		want.check(t, fmt.Sprintf("copy %d, from step %d", i, from), outcomeOf(t, loop, run))
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if resumed < kills/4 {
		t.Errorf("%d of %d copies had a checkpoint, want at least %d", resumed, kills, kills/4)
	}
}

// tear leaves what a process that is killed in the middle of writing leaves: half
// a line of the metrics, and a checkpoint that is cut off or under its temporary name.
func tear(t *testing.T, folder string, draws *rand.Rand) {
	t.Helper()
	metrics, err := os.OpenFile(filepath.Join(folder, "metrics.jsonl"),
		os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = metrics.WriteString(`{"step":7,"event":"tr`)
		err = errors.Join(err, metrics.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := checkpoint.Files(filepath.Join(folder, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		return
	}
	whole, err := os.ReadFile(files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	torn := whole[:draws.IntN(len(whole))]
	next := fmt.Sprintf("step-%012d.safetensors", files[0].Step+2)
	if err := os.WriteFile(filepath.Join(folder, "checkpoints", next), torn, 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyRun copies a run's folder, the checkpoints before the rest. A file that
// vanishes meanwhile is left out.
func copyRun(from, to string) error {
	for _, sub := range []string{"checkpoints", "."} {
		if err := os.MkdirAll(filepath.Join(to, sub), 0o755); err != nil {
			return err
		}
		entries, err := os.ReadDir(filepath.Join(from, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if e.IsDir() || e.Name() == "lock" {
				continue
			}
			content, err := os.ReadFile(filepath.Join(from, sub, e.Name()))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(to, sub, e.Name()), content, 0o644)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
