package plugin

import (
	"os"
	"os/exec"
	"syscall"
)

// isolate puts the process into a group of its own, so that a Ctrl-C at the
// console reaches only the host.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup kills the process; its own children see their standard input end.
func killGroup(p *os.Process) { _ = p.Kill() }

// signalText is for systems with signals.
func signalText(*os.ProcessState) (string, bool) { return "", false }
