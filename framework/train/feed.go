package train

import (
	"context"
	"fmt"
	"sync"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// fed is one pick of a step, drawn, encoded and cut.
type fed struct {
	sampling.Pick
	elements []program.Element
	encoded  sampling.Statistics
	err      error
	done     chan struct{} // closed when the fields above are set
}

// feed prepares the picks of the steps ahead of their use. What it yields, and in
// which order, is a function of the plan alone.
type feed struct {
	picks chan *fed // in the order of the plan
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// newFeed starts preparing the steps from first to last, exclusive, by a number
// of goroutines, at most ahead picks in advance.
func newFeed(config Config, first, last int64, goroutines, ahead int) *feed {
	ctx, stop := context.WithCancel(context.Background())
	f := &feed{picks: make(chan *fed, ahead), stop: stop}
	jobs := make(chan *fed)
	f.done.Go(func() {
		defer close(jobs)
		f.order(ctx, config.Plan, first, last, jobs)
	})
	for range goroutines {
		f.done.Go(func() {
			for p := range jobs {
				if p.err == nil {
					p.err = p.prepare(config.Model)
				}
				close(p.done)
			}
		})
	}
	return f
}

// order hands out the picks, each to a goroutine and to the reader.
func (f *feed) order(ctx context.Context, plan sampling.Plan, first, last int64, jobs chan<- *fed) {
	for step := first; step < last; step++ {
		picks, err := plan.Step(step)
		if err != nil {
			picks = []sampling.Pick{{}} // the reader is to find the error
		}
		for _, pick := range picks {
			p := &fed{Pick: pick, err: err, done: make(chan struct{})}
			select {
			case f.picks <- p:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- p:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// next returns the next pick. There must be one.
func (f *feed) next() *fed {
	p := <-f.picks
	<-p.done
	return p
}

// close stops the preparation and waits for its goroutines.
func (f *feed) close() {
	f.stop()
	f.done.Wait()
}

func (p *fed) prepare(model *program.Model) error {
	task := model.Tasks()[p.Task]
	draw, err := task.Draw(sampling.Train, p.Index)
	if err != nil {
		return err
	}
	episode, err := task.Encode(draw)
	if err != nil {
		return err
	}
	if episode == nil || episode.Query == nil {
		return fmt.Errorf("task %q: draw %d of %s: the encoded episode has no query", task.Name,
			p.Index, sampling.Train)
	}
	p.encoded.Add(episode)
	p.elements = model.Elements(p.Task, episode)
	return nil
}
