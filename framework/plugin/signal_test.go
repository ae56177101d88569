//go:build unix

package plugin

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestKilled: a plugin killed from outside is reported by its signal, at last.
func TestKilled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, c := mustTask(t, Options{CallTimeout: 20 * time.Second}, "hang", 10, 3)
	failed := make(chan error)
	go func() {
		_, err := c.Get(t.Context(), []int64{1})
		failed <- err
	}()
	for i := range maxTries {
		time.Sleep(100 * time.Millisecond)
		before := p.PID()
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			if i == maxTries-1 || p.PID() != before {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	wantError(t, <-failed, "it was ended by signal 9", "memory", "started again (2 times)")
	p.Kill()
}

// TestStopped: a stopped process answers nothing, and Kill is bounded all the
// same.
func TestStopped(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, c := mustTask(t, Options{}, "plain", 10, 3)
	p.options.CallTimeout = time.Second
	if err := syscall.Kill(p.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus // of all threads, once they have stopped
	_, err := syscall.Wait4(p.PID(), &status, syscall.WUNTRACED, nil)
	if err != nil || !status.Stopped() {
		t.Fatalf("status %v, error %v, want it stopped", status, err)
	}
	_, err = c.Get(t.Context(), []int64{1})
	wantError(t, err, "it did not answer within 1s", "is stopped")
	start := time.Now()
	p.Kill()
	if took := time.Since(start); took > 4*killTime {
		t.Errorf("Kill took %v", took)
	}
	if p.Exit() == "" {
		t.Error("it still runs")
	}
}

// TestGrandchild: what a plugin started dies with it, and does not hold Kill.
func TestGrandchild(t *testing.T) {
	p, c := mustTask(t, Options{}, "child", 10, 3)
	records, err := c.Get(t.Context(), []int64{0})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(records[0].Cells[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p.Kill()
	if took := time.Since(start); took > killTime {
		t.Errorf("Kill took %v", took)
	}
	wantGone(t, pid)
}

// TestHostKilled: nothing survives a host that was killed, and the next launch
// removes its folder.
func TestHostKilled(t *testing.T) {
	base, err := os.MkdirTemp("", "host") // elsewhere another process might remove it first
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	t.Setenv("TMPDIR", base)
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	host := exec.Command(path)
	host.Env = append(os.Environ(), roleVariable+"=host")
	host.Stderr = os.Stderr
	stdout, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	var dir string
	if _, err := fmt.Sscan(line, &pid, &dir); err != nil {
		t.Fatal(line, err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	wantGone(t, pid)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the folder of the killed host: %v", err)
	}
	p, err := launch(t, "sources", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder of the killed host is still there: %v", err)
	}
	if _, err := os.Stat(p.socketDir); err != nil {
		t.Errorf("the folder of a living host: %v", err)
	}
}

// wantGone waits until a process has ended; a zombie has.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for range 50 {
		if _, running := processStart(pid); !running {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}
