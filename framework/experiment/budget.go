package experiment

import (
	"fmt"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// A budget bounds what evaluating a file may cost. HCL cannot be interrupted, and an expression
// within all limits of scan can still take hours or all memory.
type budget struct {
	time time.Duration
	heap uint64 // bytes beyond those in use at the start
}

var evaluationBudget = budget{time: 1500 * time.Millisecond, heap: 64 << 20}

// spend runs work and returns an error when it exceeds the budget. The goroutine that runs work
// then goes on until it asks whether it is over, or to its end, so the process should end soon;
// nothing that work writes may be read any more.
func (b budget) spend(work func(over func() bool)) error {
	done := make(chan struct{})
	var over atomic.Bool
	defer over.Store(true)
	go func() {
		defer close(done)
		work(over.Load)
	}()
	const look = 2 * time.Millisecond // a loop allocates some megabytes in this time
	start, before := time.Now(), heapInUse()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ticker.C:
		}
		if time.Since(start) > b.time {
			return fmt.Errorf("evaluation takes longer than %v", b.time)
		}
		if now := heapInUse(); now > before+b.heap {
			return fmt.Errorf("evaluation needs more than %d MB of memory", b.heap>>20)
		}
	}
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
