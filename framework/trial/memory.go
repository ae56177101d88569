package trial

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// freeMemory returns how many bytes more the process may hold, by what the system says is
// available and, in a container, by its bound; 0 where nobody tells.
func freeMemory() int64 {
	free, bound := available("/proc/meminfo"), number("/sys/fs/cgroup/memory.max")
	if bound > 0 && (free == 0 || bound < free) {
		return bound
	}
	return free
}

// available reads what can be allocated without swapping from a file like /proc/meminfo.
func available(path string) int64 {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "MemAvailable:" && fields[2] == "kB" {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err == nil && n > 0 && n < 1<<50 {
				return n << 10
			}
		}
	}
	return 0
}

// number reads a file with one number; 0 where there is none, such as "max".
func number(path string) int64 {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
