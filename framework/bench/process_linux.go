package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// peakMemory returns the most memory that a process has had resident, in bytes, which may
// be this one: VmHWM of proc_pid_status(5).
func peakMemory(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if value, found := strings.CutPrefix(line, "VmHWM:"); found {
			var kibibytes int64
			if _, err := fmt.Sscanf(value, "%d kB", &kibibytes); err != nil {
				return 0, fmt.Errorf("%s: VmHWM is %q, want a number of kB: %w", path, value, err)
			}
			return kibibytes << 10, nil
		}
	}
	return 0, fmt.Errorf("%s has no VmHWM", path)
}

// processorTime returns how long the threads of a process have run: the first number of
// /proc/PID/task/TID/schedstat, in nanoseconds.
func processorTime(pid int) (time.Duration, error) {
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(paths) == 0 {
		return 0, fmt.Errorf("process %d does not say how long it has run: %w", pid, err)
	}
	sum := time.Duration(0)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // a thread that has ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(content), &ran); err != nil {
			return 0, fmt.Errorf("%s is %q: %w", path, content, err)
		}
		sum += time.Duration(ran)
	}
	return sum, nil
}
