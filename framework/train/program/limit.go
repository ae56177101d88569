package program

import (
	"fmt"

	"quickstudy/framework/exec"
)

// Limit bounds the memory of programs that are run at the same time. The zero value: no
// bound.
type Limit struct {
	Bytes   int64 // that are free; 0: any number
	Workers int   // that run an element's programs at a time
}

// held is how many results of a worker are there at a time: one that is computed and one that
// waits to be added to the others.
const held = 2

// check refuses a program that needs more, before it is run.
func (l Limit) check(name string, workers int, m exec.Memory) error {
	workers = max(1, workers)
	each := m.Arena + held*m.Results
	if l.Bytes == 0 || int64(workers)*each <= l.Bytes {
		return nil
	}
	advice := "take smaller episodes or batches, or let adaptation recompute its steps"
	if workers > 1 {
		advice += ", or take fewer workers than %d"
		advice = fmt.Sprintf(advice, workers)
	}
	return fmt.Errorf("program %q does not fit: a run of it holds about %d MiB, %d at a time hold "+
		"%d MiB, and %d MiB are free; %s", name, each>>20, workers, int64(workers)*each>>20,
		l.Bytes>>20, advice)
}
