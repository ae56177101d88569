package plugin

import (
	"context"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"

	"quickstudy/framework/meta"
	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
)

// metaServer answers for a meta-learner plugin. An instance is its configuration.
type metaServer struct {
	pluginv1.UnimplementedMetaLearnerServiceServer
	instances *instances[any]
	learner   meta.Plugin
}

func metaBackend(p meta.Plugin) *backend {
	s := &metaServer{instances: configurations(p.New), learner: p}
	return &backend{
		kind: KindMetaLearner, name: p.Name, doc: p.Doc,
		schema: s.instances.schema, configure: s.instances.configure,
		closeAll: s.instances.closeAll,
		register: func(to *grpc.Server) { pluginv1.RegisterMetaLearnerServiceServer(to, s) },
	}
}

// Trace traces the learner for one use.
func (s *metaServer) Trace(r *pluginv1.MetaLearnerServiceTraceRequest,
	stream grpc.ServerStreamingServer[pluginv1.MetaLearnerServiceTraceResponse]) error {
	config, err := s.instances.get(r.GetInstance())
	if err != nil {
		return err
	}
	spec, err := wire.DecodeMetaSpec(r.GetUse())
	if err != nil {
		return err
	}
	programs, err := s.learner.Trace(config, spec)
	if err != nil {
		return err
	}
	m, err := wire.EncodePrograms(programs)
	if err != nil {
		return err
	}
	return sendChunks(m, func(chunk []byte) error {
		return stream.Send(&pluginv1.MetaLearnerServiceTraceResponse{Chunk: chunk})
	})
}

// Weigh chooses the tasks' weights for one step.
func (s *metaServer) Weigh(ctx context.Context, r *pluginv1.MetaLearnerServiceWeighRequest) (
	*pluginv1.MetaLearnerServiceWeighResponse, error) {
	config, err := s.instances.get(r.GetInstance())
	if err != nil {
		return nil, err
	}
	w, err := wire.DecodeWeighing(r)
	if err != nil {
		return nil, err
	}
	answer, err := s.learner.Weigh(ctx, config, w)
	if err != nil {
		return nil, err
	}
	return &pluginv1.MetaLearnerServiceWeighResponse{Weights: answer.Weights,
		Memory: answer.Memory}, nil
}

// LearnerClient is one configured meta-learner of a running plugin. Configure comes first.
type LearnerClient struct {
	process  *Process
	client   pluginv1.MetaLearnerServiceClient
	instance uint64
}

// Learner returns a client for one block of the meta-learner plugin.
func (p *Process) Learner() *LearnerClient {
	return &LearnerClient{process: p, client: pluginv1.NewMetaLearnerServiceClient(p.conn)}
}

// Configure checks the block's attributes, a complete value of the schema's
// implied type. With a problem that is no warning the client stays unusable.
func (c *LearnerClient) Configure(ctx context.Context, value cty.Value) ([]schema.Problem, error) {
	var problems []schema.Problem
	var err error
	c.instance, problems, err = c.process.configure(ctx, value)
	return problems, err
}

// Trace returns the learner's programs for one use. A misuse in the author's code is
// an *Error whose reason names the author's file and line.
func (c *LearnerClient) Trace(ctx context.Context, spec meta.Spec) (*meta.Programs, error) {
	use, err := wire.EncodeMetaSpec(spec)
	if err != nil {
		return nil, err
	}
	var programs *meta.Programs
	err = c.process.call(ctx, "Trace", func(ctx context.Context) error {
		stream, err := c.client.Trace(ctx,
			&pluginv1.MetaLearnerServiceTraceRequest{Instance: c.instance, Use: use})
		if err != nil {
			return err
		}
		var m pluginv1.Programs
		err = receiveChunks(&m, func() ([]byte, error) {
			r, err := stream.Recv()
			return r.GetChunk(), err
		})
		if err != nil {
			return err
		}
		programs, err = wire.DecodePrograms(&m, spec)
		return err
	})
	if err != nil {
		return nil, err
	}
	if programs.Weighing != nil {
		instance := c.instance
		programs.Weigh = func(ctx context.Context, w meta.Weighing) (meta.Weighed, error) {
			return c.weigh(ctx, instance, w)
		}
	}
	return programs, nil
}

// weigh asks for the tasks' weights of one step.
func (c *LearnerClient) weigh(ctx context.Context, instance uint64, w meta.Weighing) (
	meta.Weighed, error) {
	request, err := wire.EncodeWeighing(instance, w)
	if err != nil {
		return meta.Weighed{}, err
	}
	var answer meta.Weighed
	err = c.process.call(ctx, "Weigh", func(ctx context.Context) error {
		r, err := c.client.Weigh(ctx, request)
		if err != nil {
			return err
		}
		answer = meta.Weighed{Weights: r.GetWeights(), Memory: r.GetMemory()}
		return w.Check(answer)
	})
	if err != nil {
		return meta.Weighed{}, err
	}
	return answer, nil
}
