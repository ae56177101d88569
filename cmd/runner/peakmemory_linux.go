package main

import (
	"fmt"
	"os"
	"strings"
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
