//go:build unix

package experiment

import (
	"os"
	"runtime"
	"syscall"
)

// peakBytes is the most memory that a process had that has ended.
func peakBytes(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
