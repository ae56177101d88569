package plugin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quickstudy/framework/regular"
)

// Every process has a private folder for its socket, so that no other user can
// connect and nothing is left in the temporary folder. It is named by a prefix
// and holds a file that says which host made it; folders of hosts that died
// are removed by the next launch.
const (
	socketPrefix = "quickstudy-plugin-"
	ownerFile    = "host"
	// maxSocketBase leaves room for the folders and the socket's own name in
	// the 104 bytes (108 on Linux) of a socket address.
	maxSocketBase = 40
)

// newSocketDir makes the folder for one process, mode 0700.
func newSocketDir() (string, error) {
	base := os.TempDir()
	if filepath.Separator == '/' && len(base) > maxSocketBase {
		base = "/tmp"
	}
	sweepSocketDirs(base)
	dir, err := os.MkdirTemp(base, socketPrefix)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, ownerFile), []byte(owner(os.Getpid())),
		0o600); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// sweepSocketDirs removes the folders of hosts that no longer run. Folders of
// another machine or process namespace sharing base are left alone, and so are
// those whose owner cannot be read.
func sweepSocketDirs(base string) {
	dirs, err := filepath.Glob(filepath.Join(base, socketPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		text, err := regular.Read(filepath.Join(dir, ownerFile), 1<<10)
		if err != nil {
			continue
		}
		var pid int
		space, identity, ok := strings.Cut(string(text), "\n")
		if !ok || space != namespace() {
			continue
		}
		if _, err := fmt.Sscanf(identity, "%d", &pid); err != nil {
			continue
		}
		if owner(pid) != string(text) {
			_ = os.RemoveAll(dir)
		}
	}
}

// owner identifies a running process: where it runs, its number and, where the
// system tells, when it started. It is "" when there is no such process.
func owner(pid int) string {
	started, running := processStart(pid)
	if !running {
		return ""
	}
	return fmt.Sprintf("%s\n%d %s", namespace(), pid, started)
}

// namespace names the machine, and on Linux the process namespace, in which
// process numbers have their meaning.
func namespace() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		space = "all"
	}
	return host + " " + space
}
