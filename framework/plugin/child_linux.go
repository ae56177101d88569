package plugin

import "syscall"

// dieWithParent has the kernel kill the plugin when the host dies.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
