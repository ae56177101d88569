//go:build unix

package plugin

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// isolate puts the process into a group of its own, so that a Ctrl-C at the
// terminal reaches only the host, and that killing reaches its children.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
}

// killGroup kills the process and its group.
func killGroup(p *os.Process) {
	if err := syscall.Kill(-p.Pid, syscall.SIGKILL); err != nil {
		_ = p.Kill()
	}
}

// signalText says which signal ended a process.
func signalText(state *os.ProcessState) (string, bool) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return "", false
	}
	text := fmt.Sprintf("was ended by signal %d (%v)", status.Signal(), status.Signal())
	if status.Signal() == syscall.SIGKILL {
		text += ", which is also what happens when memory runs out"
	}
	return text, true
}
