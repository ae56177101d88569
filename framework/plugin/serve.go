package plugin

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
)

// Served lists what can be served: the plugin values of the three SDKs.
type Served interface {
	task.Plugin | head.Plugin | meta.Plugin
}

// backend is a plugin of any kind, as its server needs it.
type backend struct {
	kind, name, doc string
	capabilities    []string
	schema          func(kind, name, doc string) (*schema.Schema, error)
	configure       func(*schema.Schema, []byte) (uint64, []schema.Problem, error)
	register        func(*grpc.Server)
	closeAll        func() error
}

// Serve runs a plugin's main function; it does not return. Started by a host it
// serves until the host ends or asks it to; started by hand it explains itself,
// and with the argument "describe" it prints its description as JSON.
//
//	func main() { plugin.Serve(task.Define("regression-family", "...", config{}, open)) }
//
// Whatever the plugin prints, on either output, and whatever it logs through
// package log, slog or zerolog, appears in the host's log under its name. A
// panic while answering a call is reported to the user with its stack. Relative
// paths resolve against the folder of the experiment.
func Serve[P Served](p P) {
	b := backendOf(p)
	if os.Getenv(handshake.MagicCookieKey) != handshake.MagicCookieValue {
		os.Exit(byHand(b, os.Args, os.Stdout, os.Stderr))
	}
	os.Exit(b.serve(os.Stdin, os.Stderr))
}

func backendOf(p any) *backend {
	switch p := p.(type) {
	case task.Plugin:
		return taskBackend(p)
	case head.Plugin:
		return headBackend(p)
	case meta.Plugin:
		return metaBackend(p)
	}
	panic("plugin: unreachable: Served lists a type without a backend")
}

// description is what Describe answers.
func (b *backend) description() (wire.Description, error) {
	s, err := b.schema(b.kind, b.name, b.doc)
	if err != nil {
		return wire.Description{}, err
	}
	return wire.Description{
		Kind: b.kind, Name: b.name, Version: BuildVersion(), Doc: b.doc,
		Protocol: Protocol, Capabilities: b.capabilities, Schema: s,
	}, s.Verify()
}

// closeTime is how long a plugin may take to close its data once the host has
// gone.
const closeTime = 2 * time.Second

// serve answers a host until it goes. Standard input is a pipe that ends with
// the host; stderr is the original one, before go-plugin redirects it.
func (b *backend) serve(stdin io.Reader, stderr *os.File) (exit int) {
	log := zerolog.New(stderr).With().Timestamp().Logger()
	d, err := b.description()
	if err != nil {
		log.Error().Msg("the configuration cannot be described: " + err.Error())
		return 1
	}
	s := &server{backend: b, description: d, log: log, stderr: stderr,
		hostGone: make(chan struct{})}
	// An orderly stop is the host's to give: it reaches the plugin as the end
	// of the session. A batch system that signals all processes at once must
	// not take plugins away from a host that is writing its last checkpoint.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		s.end()
	}()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         goplugin.PluginSet{service: registrar{register: s.register}},
		GRPCServer:      s.newServer,
		Logger:          hclog.NewNullLogger(),
	})
	time.AfterFunc(closeTime, func() { os.Exit(0) })
	if err := b.closeAll(); err != nil {
		log.Error().Err(err).Msg("closing data")
		return 1
	}
	return 0
}

// server is a plugin while it serves a host.
type server struct {
	pluginv1.UnimplementedPluginServiceServer
	backend     *backend
	description wire.Description
	log         zerolog.Logger
	stderr      *os.File

	grpc     atomic.Pointer[grpc.Server]
	outputs  [2]*os.File // go-plugin's pipes, kept open: it spins when they close
	restore  sync.Once
	ending   sync.Once
	hostGone chan struct{}
}

// newServer is called by go-plugin to make the gRPC server.
func (s *server) newServer(options []grpc.ServerOption) *grpc.Server {
	g := grpc.NewServer(append(options,
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.ChainUnaryInterceptor(s.guardUnary), grpc.ChainStreamInterceptor(s.guardStream))...)
	s.grpc.Store(g)
	return g
}

func (s *server) register(to *grpc.Server) {
	pluginv1.RegisterPluginServiceServer(to, s)
	s.backend.register(to)
}

// end stops serving because the host is gone, and makes sure that the process
// ends even if a call or a Close hangs.
func (s *server) end() {
	s.ending.Do(func() {
		close(s.hostGone)
		time.AfterFunc(closeTime, func() { os.Exit(0) })
		if g := s.grpc.Load(); g != nil {
			g.Stop()
		}
	})
}

// Session stays open until the host goes.
func (s *server) Session(_ *pluginv1.SessionRequest,
	stream grpc.ServerStreamingServer[pluginv1.SessionResponse]) error {
	s.restore.Do(func() {
		// go-plugin sends prints through a buffered stream, in which the last
		// lines before a crash are lost. The original stderr loses nothing.
		s.outputs = [2]*os.File{os.Stdout, os.Stderr}
		os.Stdout, os.Stderr = s.stderr, s.stderr
	})
	select {
	case <-stream.Context().Done():
		go s.end()
	case <-s.hostGone:
	}
	return nil
}

// Describe says what the plugin is.
func (s *server) Describe(
	context.Context, *pluginv1.DescribeRequest,
) (*pluginv1.DescribeResponse, error) {
	return wire.EncodeDescription(s.description)
}

// Configure makes an instance of a block.
func (s *server) Configure(
	_ context.Context, r *pluginv1.ConfigureRequest,
) (*pluginv1.ConfigureResponse, error) {
	id, problems, err := s.backend.configure(s.description.Schema, r.GetConfig())
	if err != nil {
		return nil, err
	}
	return &pluginv1.ConfigureResponse{Instance: id, Problems: wire.EncodeProblems(problems)}, nil
}

// registrar registers services with go-plugin's server.
type registrar struct {
	goplugin.NetRPCUnsupportedPlugin
	register func(*grpc.Server)
}

func (r registrar) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	r.register(s)
	return nil
}

func (r registrar) GRPCClient(
	context.Context, *goplugin.GRPCBroker, *grpc.ClientConn,
) (any, error) {
	return nil, nil
}
