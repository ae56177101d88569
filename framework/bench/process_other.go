//go:build !linux

package bench

import (
	"errors"
	"time"
)

// peakMemory is known on Linux alone.
func peakMemory(int) (int64, error) { return 0, errors.ErrUnsupported }

// processorTime is known on Linux alone.
func processorTime(int) (time.Duration, error) { return 0, errors.ErrUnsupported }
