package train

import "sync"

// workers run functions on a fixed number of goroutines, which live until close.
type workers struct {
	jobs chan func()
	done sync.WaitGroup
}

func newWorkers(n int) *workers {
	w := &workers{jobs: make(chan func(), n)}
	for range n {
		w.done.Go(func() {
			for job := range w.jobs {
				job()
			}
		})
	}
	return w
}

// run hands over a job. It waits while as many as there are workers are queued.
func (w *workers) run(job func()) { w.jobs <- job }

// close waits for the jobs that were handed over.
func (w *workers) close() {
	close(w.jobs)
	w.done.Wait()
}
