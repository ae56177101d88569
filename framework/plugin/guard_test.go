package plugin

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rs/zerolog"
	"google.golang.org/grpc/status"

	"quickstudy/framework/graph"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// TestOutcomeOfMisuse: the author's line is told once, beside the message, which is
// otherwise as it was.
func TestOutcomeOfMisuse(t *testing.T) {
	s := &server{log: zerolog.Nop()}
	for _, test := range []struct {
		err               error
		position, message string
	}{
		{errors.New("head: no labels"), "", "head: no labels"},
		{fmt.Errorf("x: %w", &graph.Error{Op: "dot", Pos: "h.go:7", Message: "rank 1"}), "h.go:7",
			"x: dot: rank 1"},
		{fmt.Errorf("x: %w", &graph.Error{Op: "dot", Message: "rank 1"}), "", "x: dot: rank 1"},
	} {
		told := status.Convert(s.outcome("Trace", nil, test.err))
		if len(told.Details()) != 1 {
			t.Fatalf("%v: details %v", test.err, told.Details())
		}
		f, ok := told.Details()[0].(*pluginv1.Failure)
		if !ok || f.GetPosition() != test.position || f.GetMessage() != test.message {
			t.Errorf("%v: got %v, want %q at %q", test.err, f, test.message, test.position)
		}
	}
}
