package trial

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"quickstudy/framework/train"
)

// TestCutShort: only what ended because of the signal is an interruption.
func TestCutShort(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	full := errors.New("no space left on device")
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		want bool
	}{
		{"done", over, nil, false},
		{"broken off", over, fmt.Errorf("row chance: %w", context.Canceled), true},
		{"failed meanwhile", over, full, false},
		{"nobody stopped it", t.Context(), context.Canceled, false},
	} {
		err := cutShort(test.ctx, test.err)
		if got := errors.Is(err, train.ErrInterrupted); got != test.want {
			t.Errorf("%s: %v is an interruption: %t, want %t", test.name, err, got, test.want)
		}
		if test.err != nil && !errors.Is(err, test.err) {
			t.Errorf("%s: %v does not wrap %v", test.name, err, test.err)
		}
	}
}
