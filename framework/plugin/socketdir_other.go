//go:build !linux

package plugin

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// processStart reports whether a process runs; the time at which it started is
// not asked for here.
func processStart(pid int) (started string, running bool) {
	p, err := os.FindProcess(pid)
	if err != nil {
		return "", false
	}
	if runtime.GOOS == "windows" {
		_ = p.Release() // opening it succeeded, so it runs
		return "", true
	}
	err = p.Signal(syscall.Signal(0))
	return "", err == nil || errors.Is(err, os.ErrPermission)
}
