package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/terminal"
)

// call makes one remote call of the plugin's author and explains its failure.
func (p *Process) call(ctx context.Context, name string, do func(context.Context) error) error {
	return p.within(ctx, name, p.options.CallTimeout, do)
}

// within is call with a deadline of its own.
func (p *Process) within(ctx context.Context, name string, timeout time.Duration,
	do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := do(limited)
	if err == nil {
		return nil
	}
	// gRPC, and the other side, may notice a deadline a moment before the context does,
	// which alone knows whether it was the caller's.
	if code := status.Code(err); code == codes.DeadlineExceeded || code == codes.Canceled {
		timer := time.NewTimer(noticeTime)
		defer timer.Stop()
		select {
		case <-limited.Done():
		case <-p.sessionDone:
		case <-timer.C:
		}
	}
	return p.callError(ctx, name, timeout, err)
}

// noticeTime is how long the end of a call may precede that of its context.
const noticeTime = time.Second

// callError turns what gRPC reports into an *Error that says what happened to
// the plugin. Only the caller's own cancellation is returned as it is.
func (p *Process) callError(ctx context.Context, name string, timeout time.Duration,
	err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s %q: %s: %w", p.command.Kind, p.command.Name, name, context.Cause(ctx))
	}
	if silent := p.silent.Load(); silent != nil {
		return silent
	}
	s, remote := status.FromError(err)
	if !remote {
		return p.fail(name, "it sent what cannot be used: "+err.Error(), err,
			"the plugin and the runner disagree about the protocol; "+adviceRebuild)
	}
	if failure := failureOf(s); failure != nil {
		e := p.fail(name, failure.GetMessage(), err, "")
		if at := failure.GetPosition(); at != "" {
			e.Reason = terminal.Line(at) + ": " + e.Reason
		}
		if e.Stack = terminal.Text(failure.GetStack()); e.Stack != "" {
			e.Advice = "this is a bug in the plugin; report it to its author"
		}
		e.Answered = e.Stack == ""
		return e
	}
	switch s.Code() {
	case codes.DeadlineExceeded:
		if end, ended := p.child.exited(0); ended {
			return p.fail(name, "it "+end.text, err, adviceStart)
		}
		return p.giveUp(name, timeout, err)
	case codes.Unavailable, codes.Canceled, codes.Internal, codes.Unknown:
		// The connection breaks a moment before the exit status is known.
		if s.Code() == codes.Unavailable || errors.Is(err, io.EOF) || p.closing() {
			if end, ended := p.child.exited(exitTime); ended {
				return p.fail(name, "it "+end.text, err,
					"this is a bug in the plugin, or the system ended it")
			}
		}
	case codes.Unimplemented:
		return p.fail(name, "it does not offer this call", err, adviceRebuild)
	case codes.ResourceExhausted:
		return p.fail(name, s.Message(), err,
			fmt.Sprintf("one message may hold %d MiB: send records in several", maxMessage>>20))
	}
	return p.fail(name, s.Message(), err, "")
}

// giveUp ends a process that did not answer: nothing that it says later can be
// relied upon. What other calls wait for then fails for the same reason.
func (p *Process) giveUp(name string, timeout time.Duration, err error) *Error {
	e := p.fail(name, fmt.Sprintf("it did not answer within %v", timeout), err,
		"the plugin hangs, is stopped, or needs more time, which timeout = 60 in its entry of the "+
			"plugins block gives it, in seconds")
	e.Stderr = p.child.logs.last()
	if !p.silent.CompareAndSwap(nil, e) {
		return p.silent.Load()
	}
	_ = p.child.Kill(context.Background())
	return e
}

// closing reports whether the session has ended, which precedes or follows the
// end of the process closely.
func (p *Process) closing() bool {
	select {
	case <-p.sessionDone:
		return true
	default:
		return false
	}
}

func failureOf(s *status.Status) *pluginv1.Failure {
	for _, detail := range s.Details() {
		if f, ok := detail.(*pluginv1.Failure); ok {
			return f
		}
	}
	return nil
}
