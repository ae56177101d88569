package plugin

import (
	"fmt"
	"os"
	"strings"
)

// processStart returns the time at which a process started, in clock ticks
// after boot, which tells it from a later process of the same number.
func processStart(pid int) (started string, running bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	// The second field, the name in parentheses, may hold anything; proc(5)
	// numbers the start time 22, so it is the 20th after the name.
	_, after, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fields := strings.Fields(after)
	if len(fields) < 20 || fields[0] == "Z" {
		return "", false
	}
	return fields[19], true
}
