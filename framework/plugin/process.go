package plugin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/regular"
	"quickstudy/framework/terminal"
)

// A Command says which plugin to start.
type Command struct {
	Kind   string // expected kind: KindTask, KindHead or KindMetaLearner; "" accepts any
	Name   string // label of the plugin in the experiment, for messages and logs
	Path   string // executable
	Digest string // SHA-256 in hexadecimal that the executable must have; "" accepts any
}

// Options are how a host runs its plugins. The zero value works.
type Options struct {
	Logger zerolog.Logger
	// Dir is the plugin's working directory, against which relative paths in
	// its configuration resolve; "" is the host's.
	Dir string
	// Env adds NAME=value to the few variables that plugins inherit.
	Env []string
	// StartTimeout bounds the time until the plugin serves; 0 is 10 s.
	StartTimeout time.Duration
	// CallTimeout bounds every later call, opening data included; 0 is 10 s.
	CallTimeout time.Duration
}

const (
	defaultStartTimeout = 10 * time.Second
	defaultCallTimeout  = 10 * time.Second
	// killTime is how long a plugin may take to end when asked to.
	killTime = 3 * time.Second
	// exitTime is how long a broken connection may precede the exit status.
	exitTime = 3 * time.Second
)

// Process is a running plugin. Its methods may be called concurrently.
type Process struct {
	command Command
	options Options

	child       *child
	client      *goplugin.Client
	conn        *grpc.ClientConn
	session     context.CancelFunc
	sessionDone chan struct{}
	description wire.Description
	socketDir   string
	silent      atomic.Pointer[Error] // the call that it did not answer, for which it was killed

	kill     sync.Once
	heir     heir
	restarts int // that led to this process
}

// Launch verifies the digest, starts the plugin, and asks it what it is. A
// plugin that cannot be started, or is of another kind or protocol, is an
// *Error and leaves nothing behind. Cancelling ctx ends the launch, not the
// process: that takes Kill.
func Launch(ctx context.Context, command Command, options Options) (*Process, error) {
	p := &Process{command: command, options: options, sessionDone: make(chan struct{})}
	if options.StartTimeout == 0 {
		p.options.StartTimeout = defaultStartTimeout
	}
	if options.CallTimeout == 0 {
		p.options.CallTimeout = defaultCallTimeout
	}
	path, err := verifyExecutable(command)
	if err != nil {
		return nil, p.fail("start", err.Error(), err, adviceMissing)
	}
	p.command.Path = path
	if p.socketDir, err = newSocketDir(); err != nil {
		return nil, p.fail("start", "cannot make a folder for its socket: "+err.Error(), err,
			"check that the temporary folder (TMPDIR) exists and can be written")
	}
	if err := p.start(ctx); err != nil {
		p.stop()
		return nil, err
	}
	if err := p.introduce(ctx); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

const (
	adviceMissing = "check the source of the plugin in the plugins block"
	adviceStart   = "run the executable by hand: it says what it is and why it does not start"
	adviceRebuild = "build the plugin against this version of the framework"
)

// verifyExecutable returns the absolute path of a runnable file with the right
// digest. The file is hashed here because go-plugin's own check does not work
// together with a runner.
func verifyExecutable(command Command) (string, error) {
	path, err := filepath.Abs(command.Path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file", path)
	}
	if _, err := exec.LookPath(path); err != nil {
		return "", err
	}
	if command.Digest == "" {
		return path, nil
	}
	digest, err := Digest(path)
	if err != nil {
		return "", err
	}
	if digest != command.Digest {
		return "", fmt.Errorf("%s has the digest %s, expected %s", path, digest, command.Digest)
	}
	return path, nil
}

// maxExecutable is the most bytes of a plugin, some seconds of hashing.
const maxExecutable = 4 << 30

// Digest returns the SHA-256 of an executable in hexadecimal.
func Digest(path string) (string, error) {
	f, err := regular.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxExecutable {
		return "", cmp.Or(err, fmt.Errorf("%s has more than %d GiB", path, maxExecutable>>30))
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// start runs the process until it serves and the connection stands.
func (p *Process) start(ctx context.Context) error {
	log := newLogs(p.options.Logger, p.command.Kind, p.command.Name)
	output := &lineWriter{logs: log}
	cmd := exec.Command(p.command.Path)
	cmd.Dir = p.options.Dir
	p.child = newChild(p.command.Kind+"/"+p.command.Name, cmd, log)
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          goplugin.PluginSet{service: connector{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		StartTimeout:     p.options.StartTimeout,
		AutoMTLS:         true,
		SkipHostEnv:      true,
		SyncStdout:       output,
		SyncStderr:       output,
		Logger:           transportLog(p.options.Logger, p.command),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: p.socketDir},
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage),
			grpc.ForceCodecV2(newHostCodec()))},
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			cmd.Env = append(environment(p.options.Env), spec.Env...)
			return p.child, nil
		},
	})

	type outcome struct {
		protocol goplugin.ClientProtocol
		err      error
	}
	finished := make(chan outcome, 1)
	go func() {
		protocol, err := p.client.Client()
		finished <- outcome{protocol, err}
	}()
	var got outcome
	select {
	case got = <-finished:
	case <-ctx.Done():
		_ = p.child.Kill(ctx)
		got = <-finished
	}
	if ctx.Err() != nil {
		return p.fail("start", "the launch was cancelled", context.Cause(ctx), "")
	}
	if got.err != nil {
		return p.startError(got.err)
	}
	raw, err := got.protocol.Dispense(service)
	if err != nil {
		return p.fail("start", err.Error(), err, adviceRebuild)
	}
	p.conn = raw.(*grpc.ClientConn)
	return nil
}

// startError says why a process did not come to serve. The texts of go-plugin
// are used only when our own record has nothing to say.
func (p *Process) startError(err error) *Error {
	c := p.child
	switch {
	case c.process.Load() == nil:
		return p.fail("start", err.Error(), err,
			"check that the file is an executable for this system")
	case c.line.seen && c.line.protocol != Protocol:
		return p.fail("start", fmt.Sprintf("it speaks protocol %d, this runner speaks %d",
			c.line.protocol, Protocol), err, adviceRebuild)
	}
	timedOut := !c.line.seen && c.killed.Load()
	end, ended := c.exited(exitTime)
	switch {
	case timedOut:
		return p.fail("start", fmt.Sprintf("it did not serve within %v", p.options.StartTimeout),
			err,
			"a plugin must reach plugin.Serve before it does anything slow")
	case ended && !c.line.seen:
		return p.fail("start", "it "+end.text+" before it served", err, adviceStart)
	case ended && !c.killed.Load():
		return p.fail("start", "it "+end.text+" while the connection was made", err, adviceStart)
	}
	return p.fail("start", err.Error(), err, adviceStart)
}

// introduce opens the session and checks that the plugin is what was asked for.
func (p *Process) introduce(ctx context.Context) error {
	session, cancel := context.WithCancel(context.Background())
	p.session = cancel
	stream, err := pluginv1.NewPluginServiceClient(p.conn).Session(session,
		&pluginv1.SessionRequest{})
	if err != nil {
		close(p.sessionDone)
		return p.callError(ctx, "Session", describeTimeout, err)
	}
	go func() {
		defer close(p.sessionDone)
		for {
			if _, err := stream.Recv(); err != nil {
				return
			}
		}
	}()

	err = p.within(ctx, "Describe", describeTimeout, func(ctx context.Context) error {
		got, err := pluginv1.NewPluginServiceClient(p.conn).Describe(ctx,
			&pluginv1.DescribeRequest{})
		if err != nil {
			return err
		}
		p.description, err = wire.DecodeDescription(got)
		return err
	})
	if err != nil {
		return err
	}
	d := p.description
	switch {
	case d.Protocol != Protocol:
		return p.fail("Describe", fmt.Sprintf("it speaks protocol %d, this runner speaks %d",
			d.Protocol, Protocol), nil, adviceRebuild)
	case p.command.Kind != "" && d.Kind != p.command.Kind:
		return p.fail("Describe", fmt.Sprintf("%s is the %s %q, no %s",
			p.command.Path, d.Kind, d.Name,
			p.command.Kind), nil, adviceMissing)
	}
	return nil
}

// Description is what the plugin said of itself when it was launched.
func (p *Process) Description() wire.Description { return p.description }

// Command returns the command that the process was launched with.
func (p *Process) Command() Command { return p.command }

// PID returns the number of the process, or of the one that took its place.
func (p *Process) PID() int {
	if next := p.heir.get(); next != nil {
		return next.PID()
	}
	return p.child.process.Load().Pid
}

// Exit says how the process ended, "exited with status 3"; "" while it runs.
func (p *Process) Exit() string {
	if end, ended := p.child.exited(0); ended {
		return end.text
	}
	return ""
}

// Kill asks the plugin to end, gives it 3 s, and then kills it with its
// children. It returns when the process is gone; more calls do nothing.
func (p *Process) Kill() {
	next := p.heir.close()
	p.stop()
	if next != nil {
		next.Kill()
	}
}

func (p *Process) stop() {
	p.kill.Do(func() {
		if p.client != nil {
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				p.client.Kill()
			}()
			timer := time.NewTimer(killTime)
			select {
			case <-asked:
			case <-timer.C:
				_ = p.child.Kill(context.Background())
				<-asked
			}
			timer.Stop()
		}
		if p.session != nil {
			p.session()
			<-p.sessionDone
		}
		if p.socketDir != "" {
			_ = os.RemoveAll(p.socketDir)
		}
	})
}

// fail builds the error for this plugin. When the process has ended, its last
// lines are part of it.
func (p *Process) fail(call, reason string, err error, advice string) *Error {
	e := &Error{
		Kind: cmp.Or(p.command.Kind, p.description.Kind, "plugin"),
		Name: p.command.Name, Path: p.command.Path,
		Version: p.version(),
		Call:    call, Reason: terminal.Text(reason), Advice: advice, Err: err,
	}
	if p.child != nil && (p.conn == nil || p.Exit() != "") {
		e.Stderr = p.child.logs.last()
	}
	return e
}

// version is what the plugin said, or what Go wrote into the executable of one that ended
// before it could.
func (p *Process) version() string {
	if v := p.description.Version; v != "" || p.child == nil {
		return v
	}
	if info, err := buildinfo.ReadFile(p.command.Path); err == nil && info.Main.Version != "" {
		return info.Main.Version
	}
	return "version unknown"
}

// connector hands the connection of go-plugin to Process.
type connector struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (connector) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error {
	return errors.New("a host serves nothing")
}

func (connector) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker,
	conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// transportLog passes go-plugin's own messages to the host's log, where they
// are details: what matters is in an *Error.
func transportLog(logger zerolog.Logger, command Command) hclog.Logger {
	quiet := newLogs(logger, command.Kind, command.Name)
	quiet.ceiling = zerolog.DebugLevel
	return hclog.New(&hclog.LoggerOptions{
		Name: "go-plugin", Level: hclog.Trace, JSONFormat: true, Output: &lineWriter{logs: quiet},
	})
}
