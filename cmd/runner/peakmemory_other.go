//go:build !linux

package main

import "errors"

// peakMemory is known on Linux alone.
func peakMemory(int) (int64, error) { return 0, errors.ErrUnsupported }
