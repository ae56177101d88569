package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
)

// maxIDs is how many records one Get may ask for.
const maxIDs = 1 << 20

// taskServer answers for a task plugin.
type taskServer struct {
	pluginv1.UnimplementedTaskServiceServer
	instances *instances[task.Dataset]
}

func taskBackend(p task.Plugin) *backend {
	s := &taskServer{instances: &instances[task.Dataset]{
		newConfig: p.New,
		open:      p.Open,
		close: func(d task.Dataset) error {
			if d.Close == nil {
				return nil
			}
			return d.Close()
		},
	}}
	return &backend{
		kind: KindTask, name: p.Name, doc: p.Doc,
		schema: s.instances.schema, configure: s.instances.configure,
		closeAll: s.instances.closeAll,
		register: func(to *grpc.Server) { pluginv1.RegisterTaskServiceServer(to, s) },
	}
}

// Dataset opens the data if need be and describes it.
func (s *taskServer) Dataset(r *pluginv1.DatasetRequest,
	stream grpc.ServerStreamingServer[pluginv1.DatasetResponse]) error {
	data, err := s.instances.get(r.GetInstance())
	if err != nil {
		return err
	}
	d, err := data.Describe()
	if err != nil {
		return err
	}
	m, err := wire.EncodeDataset(d, data.Generator != nil)
	if err != nil {
		return err
	}
	return sendChunks(m, func(chunk []byte) error {
		return stream.Send(&pluginv1.DatasetResponse{Chunk: chunk})
	})
}

// Get sends records in messages of about chunkSize.
func (s *taskServer) Get(r *pluginv1.GetRequest,
	stream grpc.ServerStreamingServer[pluginv1.GetResponse]) error {
	data, err := s.instances.get(r.GetInstance())
	switch {
	case err != nil:
		return err
	case data.Source == nil:
		return errors.New("the task generates episodes; it has no records to get")
	case len(r.GetIds()) > maxIDs:
		return fmt.Errorf("%d records at once, at most %d can be asked for", len(r.GetIds()),
			maxIDs)
	}
	records, err := data.Source.Get(r.GetIds())
	if err != nil {
		return err
	}
	return sendRecords(records, func(ms []*pluginv1.Record) error {
		return stream.Send(&pluginv1.GetResponse{Records: ms})
	})
}

// Sample sends an episode, support first.
func (s *taskServer) Sample(r *pluginv1.SampleRequest,
	stream grpc.ServerStreamingServer[pluginv1.SampleResponse]) error {
	data, err := s.instances.get(r.GetInstance())
	switch {
	case err != nil:
		return err
	case data.Generator == nil:
		return errors.New("the task is a source of records; it generates no episodes")
	}
	episode, err := data.Generator.Sample(r.GetSeed(), r.GetSplit(), r.GetIndex())
	if err != nil {
		return err
	}
	err = sendRecords(episode.Support, func(ms []*pluginv1.Record) error {
		return stream.Send(&pluginv1.SampleResponse{Support: ms})
	})
	if err != nil {
		return err
	}
	return sendRecords(episode.Query, func(ms []*pluginv1.Record) error {
		return stream.Send(&pluginv1.SampleResponse{Query: ms})
	})
}

func sendRecords(records []task.Record, send func([]*pluginv1.Record) error) error {
	var batch []*pluginv1.Record
	size := 0
	for i, r := range records {
		m, err := wire.EncodeRecord(r)
		if err != nil {
			return err
		}
		batch, size = append(batch, m), size+proto.Size(m)
		if size >= chunkSize || i == len(records)-1 {
			if err := send(batch); err != nil {
				return err
			}
			batch, size = nil, 0
		}
	}
	return nil
}

// TaskClient is one configured task of a running plugin. Configure comes first;
// then all methods may be called concurrently. A plugin that dies is started again.
type TaskClient struct {
	config      cty.Value
	seat        atomic.Pointer[seat]
	moving      sync.Mutex                       // to another seat
	description atomic.Pointer[task.Description] // the first, which stays; nil: none yet
}

// Task returns a client for one block of the task plugin.
func (p *Process) Task() *TaskClient {
	c := &TaskClient{}
	c.seat.Store(newSeat(p, 0))
	return c
}

// Configure checks the block's attributes, a complete value of the schema's
// implied type. With a problem that is no warning the client stays unusable.
func (c *TaskClient) Configure(ctx context.Context, value cty.Value) ([]schema.Problem, error) {
	p := c.seat.Load().process
	instance, problems, err := p.configure(ctx, value)
	c.config = value
	c.seat.Store(newSeat(p, instance))
	return problems, err
}

// Describe opens the data and describes it. It must have succeeded once before
// Get or Sample, which check records against it.
func (c *TaskClient) Describe(ctx context.Context) (d task.Description, generator bool, err error) {
	if d, generator, err = describe(ctx, c.seat.Load()); err == nil {
		c.description.CompareAndSwap(nil, &d)
	}
	return d, generator, err
}

func describe(ctx context.Context, at *seat) (d task.Description, generator bool, err error) {
	err = at.process.call(ctx, "Dataset", func(ctx context.Context) error {
		stream, err := at.client.Dataset(ctx, &pluginv1.DatasetRequest{Instance: at.instance})
		if err != nil {
			return err
		}
		var m pluginv1.Dataset
		err = receiveChunks(&m, func() ([]byte, error) {
			r, err := stream.Recv()
			return r.GetChunk(), err
		})
		if err != nil {
			return err
		}
		d, generator, err = wire.DecodeDataset(&m)
		return err
	})
	return d, generator, err
}

// described returns what records are checked against.
func (c *TaskClient) described() (task.Description, error) {
	d := c.description.Load()
	if d == nil {
		return task.Description{}, errors.New("the task has not been described; call Describe first")
	}
	return *d, nil
}

// Get returns the records with these ids, in this order. Sources only.
func (c *TaskClient) Get(ctx context.Context, ids []int64) ([]task.Record, error) {
	description, err := c.described()
	if err != nil {
		return nil, err
	}
	var records []task.Record
	err = c.call(ctx, "Get", func(ctx context.Context, at *seat) error {
		records = make([]task.Record, 0, len(ids))
		stream, err := at.client.Get(ctx, &pluginv1.GetRequest{Instance: at.instance, Ids: ids})
		if err != nil {
			return err
		}
		in := recordReader{description: description}
		for {
			m, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			if records, err = in.append(records, m, m.GetRecords(), len(ids)); err != nil {
				return err
			}
		}
		if len(records) != len(ids) {
			return fmt.Errorf("%d records for %d ids", len(records), len(ids))
		}
		for i, r := range records {
			if r.ID != ids[i] {
				return fmt.Errorf("record %d in place of record %d", r.ID, ids[i])
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// Sample returns the episode that (seed, split, index) determines. Generators
// only.
func (c *TaskClient) Sample(ctx context.Context, seed uint64, split string,
	index int64) (task.Episode, error) {
	description, err := c.described()
	if err != nil {
		return task.Episode{}, err
	}
	var episode task.Episode
	err = c.call(ctx, "Sample", func(ctx context.Context, at *seat) error {
		episode = task.Episode{}
		stream, err := at.client.Sample(ctx, &pluginv1.SampleRequest{
			Instance: at.instance, Seed: seed, Split: split, Index: index,
		})
		if err != nil {
			return err
		}
		in := recordReader{description: description}
		for {
			m, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				return episode.Verify(description)
			}
			if err != nil {
				return err
			}
			if episode.Support, err = in.append(episode.Support, m, m.GetSupport(),
				task.MaxEpisode); err != nil {
				return err
			}
			if episode.Query, err = in.append(episode.Query, nil, m.GetQuery(),
				task.MaxEpisode); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return task.Episode{}, err
	}
	return episode, nil
}

// Dataset describes the data and returns it in the form in which an author
// writes it; its functions call the plugin, and fail when ctx is done.
func (c *TaskClient) Dataset(ctx context.Context) (task.Dataset, error) {
	d, generator, err := c.Describe(ctx)
	if err != nil {
		return task.Dataset{}, err
	}
	describe := func() (task.Description, error) { return d, nil }
	if generator {
		return task.Dataset{Generator: &task.Generator{
			Describe: describe,
			Sample: func(seed uint64, split string, index int64) (task.Episode, error) {
				return c.Sample(ctx, seed, split, index)
			},
		}}, nil
	}
	return task.Dataset{Source: &task.Source{
		Describe: describe,
		Get:      func(ids []int64) ([]task.Record, error) { return c.Get(ctx, ids) },
	}}, nil
}

// recordReader decodes the records of one answer and bounds it as a whole.
type recordReader struct {
	description task.Description
	bytes       int
}

// append decodes ms, which came in the message whole (nil: counted already).
func (r *recordReader) append(to []task.Record, whole proto.Message, ms []*pluginv1.Record,
	limit int) ([]task.Record, error) {
	if whole != nil {
		r.bytes += proto.Size(whole)
	}
	if len(to)+len(ms) > limit || r.bytes > maxTransfer {
		return nil, fmt.Errorf("more than %d records or %d MiB", limit, maxTransfer>>20)
	}
	for _, m := range ms {
		record, err := wire.DecodeRecord(m, r.description)
		if err != nil {
			return nil, err
		}
		to = append(to, record)
	}
	return to, nil
}

// configure sends one block's attributes to the plugin.
func (p *Process) configure(ctx context.Context, value cty.Value) (instance uint64,
	problems []schema.Problem, err error) {
	encoded, err := p.description.Schema.Marshal(value)
	if err != nil {
		return 0, nil, err
	}
	err = p.call(ctx, "Configure", func(ctx context.Context) error {
		m, err := pluginv1.NewPluginServiceClient(p.conn).Configure(ctx,
			&pluginv1.ConfigureRequest{Config: encoded})
		if err != nil {
			return err
		}
		instance = m.GetInstance()
		problems, err = wire.DecodeProblems(m.GetProblems())
		if err == nil && instance == 0 && !schema.HasErrors(problems) {
			err = errors.New("it refused the configuration without a reason")
		}
		return err
	})
	return instance, problems, err
}
