package plugin

import (
	"context"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"

	"quickstudy/framework/head"
	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
)

// headServer answers for a head plugin. An instance is its configuration.
type headServer struct {
	pluginv1.UnimplementedHeadServiceServer
	instances *instances[any]
	trace     func(config any, spec head.Spec) (*head.Traced, error)
}

func headBackend(p head.Plugin) *backend {
	s := &headServer{instances: configurations(p.New), trace: p.Trace}
	return &backend{
		kind: KindHead, name: p.Name, doc: p.Doc,
		schema: s.instances.schema, configure: s.instances.configure,
		closeAll: s.instances.closeAll,
		register: func(to *grpc.Server) { pluginv1.RegisterHeadServiceServer(to, s) },
	}
}

// configurations are instances that are their configuration and no more.
func configurations(newConfig func() any) *instances[any] {
	return &instances[any]{newConfig: newConfig,
		open: func(config any) (any, error) { return config, nil }}
}

// Trace traces the head for one use.
func (s *headServer) Trace(r *pluginv1.HeadServiceTraceRequest,
	stream grpc.ServerStreamingServer[pluginv1.HeadServiceTraceResponse]) error {
	config, err := s.instances.get(r.GetInstance())
	if err != nil {
		return err
	}
	spec, err := wire.DecodeHeadSpec(r.GetUse())
	if err != nil {
		return err
	}
	traced, err := s.trace(config, spec)
	if err != nil {
		return err
	}
	m, err := wire.EncodeTraced(traced)
	if err != nil {
		return err
	}
	return sendChunks(m, func(chunk []byte) error {
		return stream.Send(&pluginv1.HeadServiceTraceResponse{Chunk: chunk})
	})
}

// HeadClient is one configured head of a running plugin. Configure comes first.
type HeadClient struct {
	process  *Process
	client   pluginv1.HeadServiceClient
	instance uint64
}

// Head returns a client for one block of the head plugin.
func (p *Process) Head() *HeadClient {
	return &HeadClient{process: p, client: pluginv1.NewHeadServiceClient(p.conn)}
}

// Configure checks the block's attributes, a complete value of the schema's
// implied type. With a problem that is no warning the client stays unusable.
func (c *HeadClient) Configure(ctx context.Context, value cty.Value) ([]schema.Problem, error) {
	var problems []schema.Problem
	var err error
	c.instance, problems, err = c.process.configure(ctx, value)
	return problems, err
}

// Trace returns the head's graph for one use. A misuse in the author's code is
// an *Error whose reason names the author's file and line.
func (c *HeadClient) Trace(ctx context.Context, spec head.Spec) (*head.Traced, error) {
	use, err := wire.EncodeHeadSpec(spec)
	if err != nil {
		return nil, err
	}
	var traced *head.Traced
	err = c.process.call(ctx, "Trace", func(ctx context.Context) error {
		stream, err := c.client.Trace(ctx,
			&pluginv1.HeadServiceTraceRequest{Instance: c.instance, Use: use})
		if err != nil {
			return err
		}
		var m pluginv1.TracedHead
		err = receiveChunks(&m, func() ([]byte, error) {
			r, err := stream.Recv()
			return r.GetChunk(), err
		})
		if err != nil {
			return err
		}
		traced, err = wire.DecodeTraced(&m, spec)
		return err
	})
	if err != nil {
		return nil, err
	}
	return traced, nil
}
