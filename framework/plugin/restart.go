package plugin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/schema"
)

// A task plugin that dies is started again, since what it answers depends on the
// request alone. What kills it again and again is its own mistake.
const (
	maxTries    = 3  // of one call
	maxRestarts = 10 // of a plugin while its host runs
)

// heir is the process that took the place of one that died.
type heir struct {
	mu     sync.Mutex
	next   *Process
	closed bool // nobody will follow
}

func (h *heir) get() *Process {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next
}

func (h *heir) close() *Process {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	return h.next
}

// died reports that the process ended by itself, or was ended from outside.
func (p *Process) died() bool {
	return p.Exit() != "" && !p.child.killed.Load()
}

// replace starts another process in the place of one that died because of what. All
// that ask get the same one.
func (p *Process) replace(ctx context.Context, what error) (*Process, error) {
	p.heir.mu.Lock()
	defer p.heir.mu.Unlock()
	switch {
	case p.heir.next != nil:
		return p.heir.next, nil
	case p.heir.closed:
		return nil, what
	case p.restarts == maxRestarts:
		return nil, p.wearOut(what, p.restarts)
	}
	p.stop()
	next, err := Launch(ctx, p.command, p.options)
	if err != nil {
		return nil, err
	}
	next.restarts = p.restarts + 1
	p.heir.next = next
	p.child.logs.logger.Warn().Int("restarts", next.restarts).Int("pid", next.PID()).
		Msgf("it is started again: it %s", p.Exit())
	return next, nil
}

// wearOut says of an error that starting again did not help.
func (p *Process) wearOut(err error, restarts int) error {
	failure, ok := errors.AsType[*Error](err)
	if !ok || restarts == 0 {
		return err
	}
	again := *failure
	again.Reason += fmt.Sprintf(", also after it was started again (%d times)", restarts)
	return &again
}

// seat is where the calls of a client go: a process, and the block's instance in it.
type seat struct {
	process  *Process
	client   pluginv1.TaskServiceClient
	instance uint64
}

func newSeat(p *Process, instance uint64) *seat {
	return &seat{process: p, client: pluginv1.NewTaskServiceClient(p.conn), instance: instance}
}

// call makes a call, and again in another process when the plugin dies meanwhile. What
// do has stored before is to be stored anew.
func (c *TaskClient) call(ctx context.Context, name string,
	do func(context.Context, *seat) error) error {
	for try := 1; ; try++ {
		at := c.seat.Load()
		err := at.process.call(ctx, name, func(ctx context.Context) error { return do(ctx, at) })
		switch {
		case err == nil || ctx.Err() != nil || !at.process.died():
			return err
		case try == maxTries:
			return at.process.wearOut(err, try-1)
		}
		if err := c.move(ctx, at, err); err != nil {
			return err
		}
	}
}

// move takes the client to the process that follows that of its seat, and has it
// describe its data again: had they changed, the run would not be the same.
func (c *TaskClient) move(ctx context.Context, from *seat, what error) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	if c.seat.Load() != from {
		return nil // another call has done it
	}
	next := from.process
	for next.died() {
		var err error
		if next, err = next.replace(ctx, what); err != nil {
			return err
		}
	}
	instance, problems, err := next.configure(ctx, c.config)
	switch {
	case err != nil:
		return err
	case schema.HasErrors(problems):
		return next.fail("Configure", fmt.Sprintf("started again, it refuses the configuration that "+
			"it took before: %s: %s", problems[0].Path, problems[0].Detail), nil, adviceRepeat)
	}
	to := newSeat(next, instance)
	if before := c.description.Load(); before != nil {
		after, _, err := describe(ctx, to)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(after, *before) {
			return next.fail("Dataset", "started again, it describes other data than before", nil,
				adviceRepeat)
		}
	}
	c.seat.Store(to)
	return nil
}

const adviceRepeat = "what a task answers must depend on its configuration and its files alone, " +
	"which must not change while a run goes on"
