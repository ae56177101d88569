package plugin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// drainTime is how long output is still read after a process has ended. Only a
// grandchild that left the process group can hold the pipes open longer.
const drainTime = 250 * time.Millisecond

// child is one plugin process: its pipes, its end, and what it wrote. It is the
// runner.Runner through which go-plugin starts processes; doing it here keeps
// a process group, a standard input whose end says that the host died, output
// that is always drained, and the exit status.
type child struct {
	name string
	cmd  *exec.Cmd
	logs *logs

	stdin     *os.File       // our end; held open until the process has ended
	handshake *io.PipeReader // the handshake line, then nothing until the end
	line      handshakeLine  // what was announced; valid once handshake was read
	silent    *io.PipeReader // go-plugin's stderr: we read the real one ourselves

	process atomic.Pointer[os.Process] // nil before it was started
	killed  atomic.Bool                // by us
	done    chan struct{}              // closed when the process has ended and its output was read
	end     ending                     // valid after done
}

// ending is how a process ended.
type ending struct {
	text string // "exited with status 3", "was killed by signal 9 (killed)"
	ok   bool   // status 0
}

// handshakeLine is the first line of a plugin that speaks go-plugin:
// CORE|PROTOCOL|NETWORK|ADDRESS|TYPE|CERTIFICATE.
type handshakeLine struct {
	seen     bool
	protocol int
}

var handshakeForm = regexp.MustCompile(`^\d+\|(\d+)\|(unix|tcp)\|[^|]+\|grpc(\||$)`)

func newChild(name string, cmd *exec.Cmd, logs *logs) *child {
	return &child{name: name, cmd: cmd, logs: logs, done: make(chan struct{})}
}

// Start starts the process. The context is not needed: forking does not wait.
func (c *child) Start(context.Context) error {
	stdinR, stdinW, err := os.Pipe()
	if err != nil {
		return err
	}
	stdoutR, stdoutW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, closeAll(stdinR, stdinW))
	}
	stderrR, stderrW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, closeAll(stdinR, stdinW, stdoutR, stdoutW))
	}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = stdinR, stdoutW, stderrW
	isolate(c.cmd)

	started := make(chan error, 1)
	reaped := make(chan error, 1)
	go func() {
		// The signal that a Linux child gets when its parent dies is tied to
		// the thread that forked, so that thread waits here and lives on.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		if err == nil {
			c.process.Store(c.cmd.Process)
		}
		started <- err
		if err == nil {
			reaped <- c.cmd.Wait()
		}
	}()
	err = <-started
	if cerr := closeAll(stdinR, stdoutW, stderrW); err == nil {
		err = cerr
	}
	if err != nil {
		return errors.Join(err, closeAll(stdinW, stdoutR, stderrR))
	}
	c.stdin = stdinW
	if c.killed.Load() {
		killGroup(c.cmd.Process)
	}

	var handshakeW, silentW *io.PipeWriter
	c.handshake, handshakeW = io.Pipe()
	c.silent, silentW = io.Pipe()
	var output sync.WaitGroup
	output.Go(func() { c.readStdout(stdoutR, handshakeW) })
	output.Go(func() { c.logs.copy(stderrR) })
	go func() {
		c.end = endingOf(<-reaped)
		killGroup(c.cmd.Process) // what it left behind in its group
		stop := time.AfterFunc(drainTime, func() { _ = closeAll(stdoutR, stderrR) })
		output.Wait()
		stop.Stop()
		_ = closeAll(stdoutR, stderrR, stdinW)
		close(c.done)
		_ = handshakeW.Close()
		_ = silentW.Close()
	}()
	return nil
}

// readStdout passes the handshake line on and logs all others: a plugin that
// prints before or after it serves is untidy, not broken.
func (c *child) readStdout(stdout io.Reader, handshake *io.PipeWriter) {
	lines := bufio.NewReaderSize(stdout, maxLine)
	for {
		line, cut, err := lines.ReadLine()
		if err != nil {
			return
		}
		if m := handshakeForm.FindSubmatch(line); m != nil && !cut && !c.line.seen {
			c.line.seen = true
			c.line.protocol, _ = strconv.Atoi(string(m[1]))
			if _, err := handshake.Write(append(line, '\n')); err == nil {
				c.logs.copy(lines)
				return
			}
			continue
		}
		c.logs.line(line, cut)
		for cut && err == nil {
			_, cut, err = lines.ReadLine()
		}
	}
}

// Wait blocks until the process has ended.
func (c *child) Wait(context.Context) error {
	<-c.done
	if !c.end.ok {
		return errors.New(c.end.text)
	}
	return nil
}

// Kill ends the process and everything in its group at once, and waits for it.
// A process that has not been started yet will be killed when it is.
func (c *child) Kill(context.Context) error {
	if _, ended := c.exited(0); ended {
		return nil
	}
	c.killed.Store(true)
	p := c.process.Load()
	if p == nil {
		return nil
	}
	killGroup(p)
	<-c.done
	return nil
}

// Stdout is the handshake line and nothing else.
func (c *child) Stdout() io.ReadCloser { return c.handshake }

// Stderr is empty, and ends with the process.
func (c *child) Stderr() io.ReadCloser { return c.silent }

// Name is the plugin's kind and name, for go-plugin's messages.
func (c *child) Name() string { return c.name }

// ID is the process number.
func (c *child) ID() string {
	p := c.process.Load()
	if p == nil {
		return ""
	}
	return strconv.Itoa(p.Pid)
}

// Diagnose adds nothing: reports are made by Launch, which knows more.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost translates no address: both sides see the same file system.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin translates no address, like PluginToHost.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// exited reports whether the process ends within the given time, and how.
func (c *child) exited(within time.Duration) (ending, bool) {
	select {
	case <-c.done:
		return c.end, true
	default:
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.end, true
	case <-timer.C:
		return ending{}, false
	}
}

func endingOf(err error) ending {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ending{text: "exited with status 0", ok: true}
	case !errors.As(err, &exit):
		return ending{text: fmt.Sprintf("ended: %v", err)}
	}
	if text, ok := signalText(exit.ProcessState); ok {
		return ending{text: text}
	}
	return ending{text: fmt.Sprintf("exited with status %d", exit.ExitCode())}
}

func closeAll(files ...*os.File) error {
	var errs []error
	for _, f := range files {
		if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
