package plugin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"quickstudy/framework/graph"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// Limits of what a failure carries.
const (
	maxFailureText  = 16 << 10
	maxFailureStack = 32 << 10
)

// guardUnary turns an author's error or panic into a status with a Failure.
func (s *server) guardUnary(ctx context.Context, request any, info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler) (response any, err error) {
	defer func() { err = s.outcome(info.FullMethod, recover(), err) }()
	return handle(ctx, request)
}

// guardStream is guardUnary for streams.
func (s *server) guardStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo,
	handle grpc.StreamHandler) (err error) {
	defer func() { err = s.outcome(info.FullMethod, recover(), err) }()
	return handle(server, stream)
}

// outcome is the error that a call ends with. A panicking call does not end
// the process: calls are functions of their arguments, so the next may work.
func (s *server) outcome(method string, panicked any, err error) error {
	if panicked != nil {
		stack := authorStack(string(debug.Stack()))
		s.log.Error().Str("call", method).Str("stack", stack).Msgf("panic: %v", panicked)
		message := fmt.Sprintf("it panicked: %v", panicked)
		return failure(&pluginv1.Failure{Message: message, Stack: stack})
	}
	if err == nil {
		return nil
	}
	if _, already := status.FromError(err); already {
		return err
	}
	f := &pluginv1.Failure{Message: err.Error()}
	if misuse, ok := errors.AsType[*graph.Error](err); ok && misuse.Pos != "" {
		f.Position = misuse.Pos
		f.Message = strings.Replace(f.Message, misuse.Pos+": ", "", 1)
	}
	return failure(f)
}

func failure(f *pluginv1.Failure) error {
	f.Message = fit(f.GetMessage(), maxFailureText)
	f.Stack = fit(f.GetStack(), maxFailureStack)
	s, err := status.New(codes.Aborted, f.GetMessage()).WithDetails(f)
	if err != nil {
		return status.Error(codes.Aborted, f.GetMessage())
	}
	return s.Err()
}

func fit(s string, limit int) string {
	return strings.ToValidUTF8(s[:min(len(s), limit)], "\ufffd")
}

// authorStack cuts a stack down to the frames between the panic and the
// framework's own code that called the author's.
func authorStack(stack string) string {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	from, to := 0, len(lines)
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") {
			from = min(i+2, len(lines)) // a frame is two lines
		}
	}
	for i := from; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "quickstudy/framework/plugin.") ||
			strings.HasPrefix(lines[i], "google.golang.org/grpc") {
			to = i
			break
		}
	}
	if from >= to {
		return stack
	}
	return strings.Join(lines[from:to], "\n")
}
