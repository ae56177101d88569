package main

import (
	"context"
	"math"
	"os"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
)

// line is a linear head.
func line(t *head.Tracer) head.Outputs {
	w := t.Param("w", graph.Shape{t.Width(), 1}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{1}, nn.Init{Kind: nn.Zeros})
	target := t.Values()
	value := graph.Reshape(nn.Linear(t.Encode(head.Input).Pooled, w, b),
		target.Values.Shape()...)
	return head.Outputs{Loss: nn.SquaredError(value, target.Values),
		Predictions: []head.Prediction{{Name: "value", Node: value}}}
}

// wireServer speaks the protocol without the framework's own server, which would not
// send what it sends.
type wireServer struct {
	goplugin.NetRPCUnsupportedPlugin
	pluginv1.UnimplementedPluginServiceServer
	pluginv1.UnimplementedHeadServiceServer
	pluginv1.UnimplementedTaskServiceServer
	kind, fault string
}

func serveWire(kind, fault string) {
	s := &wireServer{kind: kind, fault: fault}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: goplugin.HandshakeConfig{ProtocolVersion: 1,
			MagicCookieKey: "QUICKSTUDY_PLUGIN", MagicCookieValue: "1d5a3c8e7b904f62a1e3"},
		Plugins:    goplugin.PluginSet{"quickstudy": s},
		GRPCServer: goplugin.DefaultGRPCServer,
	})
	os.Exit(0)
}

// GRPCServer registers the services.
func (s *wireServer) GRPCServer(_ *goplugin.GRPCBroker, to *grpc.Server) error {
	pluginv1.RegisterPluginServiceServer(to, s)
	pluginv1.RegisterHeadServiceServer(to, headServer{fault: s.fault})
	pluginv1.RegisterTaskServiceServer(to, taskServer{})
	return nil
}

// GRPCClient is of hosts.
func (s *wireServer) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any,
	error) {
	return nil, nil
}

func (s *wireServer) Session(_ *pluginv1.SessionRequest,
	stream grpc.ServerStreamingServer[pluginv1.SessionResponse]) error {
	if s.fault == "endless-session" {
		for stream.Send(&pluginv1.SessionResponse{}) == nil {
		}
	}
	<-stream.Context().Done()
	os.Exit(0)
	return nil
}

func (s *wireServer) Describe(context.Context, *pluginv1.DescribeRequest) (
	*pluginv1.DescribeResponse, error) {
	var attributes any = struct{}{}
	if s.kind == "task" {
		attributes = config{}
	}
	declared, err := schema.Of(attributes)
	if err != nil {
		return nil, err
	}
	m, err := wire.EncodeDescription(wire.Description{Kind: s.kind, Name: "faulty",
		Version: "v6.6.6", Protocol: 1, Schema: declared})
	if err != nil {
		return nil, err
	}
	switch s.fault {
	case "describes-nothing":
		return &pluginv1.DescribeResponse{}, nil
	case "describes-much":
		for range 1 << 20 {
			m.Capabilities = append(m.Capabilities, "")
		}
	}
	return m, nil
}

func (s *wireServer) Configure(context.Context, *pluginv1.ConfigureRequest) (
	*pluginv1.ConfigureResponse, error) {
	if s.fault == "refuses" {
		return &pluginv1.ConfigureResponse{}, nil
	}
	return &pluginv1.ConfigureResponse{Instance: 1}, nil
}

type headServer struct {
	pluginv1.UnimplementedHeadServiceServer
	fault string
}

// Trace traces a good head and spoils it.
func (s headServer) Trace(r *pluginv1.HeadServiceTraceRequest,
	stream grpc.ServerStreamingServer[pluginv1.HeadServiceTraceResponse]) error {
	spec, err := wire.DecodeHeadSpec(r.GetUse())
	if err != nil {
		return err
	}
	traced, err := head.Trace("line", line, spec)
	if err != nil {
		return err
	}
	m, err := wire.EncodeTraced(traced)
	if err != nil {
		return err
	}
	f := m.GetFunction()
	last := len(f.Nodes) - 1
	send := func(chunk []byte) error {
		return stream.Send(&pluginv1.HeadServiceTraceResponse{Chunk: chunk})
	}
	switch s.fault {
	case "million":
		lengthen(f, 1_000_000)
	case "cyclic":
		f.Nodes[last].Inputs[0] = uint32(last)
	case "ill-typed":
		f.Nodes[last].Dtype = pluginv1.ElementType_ELEMENT_TYPE_BOOL
	case "wrong-shape":
		m.Leaves[0].Dims[0]++
	case "nan":
		m.Leaves[0].Scale = math.NaN()
	case "infinite":
		m.Leaves[0].Scale = math.MaxFloat64
	case "unknown-operation":
		f.Strings[f.Nodes[last].Op] = "launch"
	case "no-loss":
		f.Results = nil
	case "garbage":
		return send([]byte("this is no message of any kind"))
	case "endless":
		for {
			if err := send(make([]byte, 1<<20)); err != nil {
				return err
			}
		}
	case "large":
		return send(make([]byte, 100<<20))
	}
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), 512<<10)
		if err := send(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// lengthen has the loss go through so many more nodes.
func lengthen(f *pluginv1.Graph, nodes int) {
	add := uint32(len(f.Strings))
	f.Strings = append(f.Strings, "add")
	for _, r := range f.Results {
		if r.GetName() != "loss" {
			continue
		}
		loss := f.Nodes[r.Node]
		for range nodes {
			f.Nodes = append(f.Nodes, &pluginv1.Node{Op: add, Dtype: loss.Dtype, Dims: loss.Dims,
				Inputs: []uint32{r.Node, r.Node}})
			r.Node = uint32(len(f.Nodes) - 1)
		}
	}
}

type taskServer struct {
	pluginv1.UnimplementedTaskServiceServer
}

// Dataset describes a generator.
func (taskServer) Dataset(_ *pluginv1.DatasetRequest,
	stream grpc.ServerStreamingServer[pluginv1.DatasetResponse]) error {
	m, err := wire.EncodeDataset(task.Description{
		Fields: []task.Field{{Name: "x", Kind: task.Sequence, Size: []int{1, 1}},
			{Name: "y", Kind: task.Value}},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
	}, true)
	if err != nil {
		return err
	}
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	return stream.Send(&pluginv1.DatasetResponse{Chunk: data})
}

// Sample never ends.
func (taskServer) Sample(_ *pluginv1.SampleRequest,
	stream grpc.ServerStreamingServer[pluginv1.SampleResponse]) error {
	m, err := wire.EncodeRecord(task.Record{Cells: []task.Cell{{Floats: []float64{1}},
		{Floats: []float64{1}}}})
	if err != nil {
		return err
	}
	for {
		err := stream.Send(&pluginv1.SampleResponse{Support: []*pluginv1.Record{m}})
		if err != nil {
			return err
		}
	}
}
