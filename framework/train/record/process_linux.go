package record

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// Places in /proc/<pid>/stat, counted from the state, which is field 3 of proc(5).
const (
	stateField = 0
	startField = 19 // field 22: clock ticks since boot
)

// processStart returns a text that no other process of that pid ever has, or ""
// if there is no such process or it has ended and only waits for its parent.
func processStart(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	// The second field is the program's name in parentheses, which may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= startField || fields[stateField] == "Z" {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[startField]
}
