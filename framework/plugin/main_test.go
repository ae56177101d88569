package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/task"
)

// The test binary is its own plugin: started with this variable it behaves as
// the value says instead of running tests.
const roleVariable = "PLUGIN_TEST_ROLE"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	switch role {
	case "":
		goleak.VerifyTestMain(m)
	case "host":
		hostMain()
	case "exits":
		fmt.Fprintln(os.Stderr, "missing licence")
		os.Exit(3)
	case "panics":
		panic("no such device")
	case "ends":
		os.Exit(0)
	case "sleeps":
		time.Sleep(time.Minute)
	case "babbles":
		fmt.Println("hello, I print before I serve")
	case "floods":
		for i := range 5000 {
			fmt.Println(strings.Repeat("x", 100), i)
		}
		fmt.Println(strings.Repeat("y", 1<<20))
	case "other protocol":
		fmt.Println("1|99|unix|/nowhere|grpc|")
		time.Sleep(time.Minute)
	case "head":
		Serve(testHead())
	case "learner":
		Serve(testLearner())
	case "sources":
	default:
		fmt.Fprintf(os.Stderr, "no role %q\n", role)
		os.Exit(9)
	}
	Serve(testPlugin())
}

type headConfig struct {
	Scale float64 `config:"scale" doc:"factor of the logits" min:"0"`
}

// testHead is a linear head; with a scale of 13 its author has made a mistake.
func testHead() head.Plugin {
	return head.Define("linear", "One linear layer.", headConfig{Scale: 1},
		func(c headConfig, t *head.Tracer) head.Outputs {
			x, labels := t.Encode(head.Input).Pooled, t.Labels()
			w := t.Param("w", graph.Shape{t.Width(), labels.Classes},
				nn.Init{Kind: nn.Normal, Scale: 1})
			if c.Scale == 13 {
				graph.Dot(w, x)
			}
			logits := graph.Mul(graph.Dot(x, w), graph.Scalar(graph.Float32, c.Scale))
			return head.Outputs{Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask)}
		})
}

type learnerConfig struct {
	Steps int `config:"steps" doc:"inner steps" min:"1"`
}

// byTask is the contribution of a learner that weighs tasks.
type byTask struct {
	Grad meta.Params `reduce:"task"`
	Loss *graph.Node `reduce:"task"`
}

// testLearner gives a task its loss as weight and remembers a number more, or, with 13
// or 14 steps, fails.
func testLearner() meta.Plugin {
	return meta.Define("descent", "Gradient descent, and again.", learnerConfig{Steps: 2},
		func(c learnerConfig) meta.Learner[meta.Params, byTask] {
			adapt := meta.Steps(c.Steps, func(m *meta.Model, a meta.Params, support meta.Batch,
				_ *graph.Node) meta.Params {
				return a.Sub(m.Grad(m.Loss(a, support), a).Scale(0.1))
			})
			return meta.Learner[meta.Params, byTask]{
				Adapt: adapt,
				Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) byTask {
					loss := m.Loss(adapt.Run(m, theta, ep.Support), ep.Query)
					return byTask{Grad: m.Grad(loss, theta), Loss: loss}
				},
				Weigh: func(w meta.Weighing) (meta.Weighed, error) {
					if c.Steps == 13 {
						return meta.Weighed{}, nil
					}
					if c.Steps == 14 {
						return meta.Weighed{}, errors.New("no solution")
					}
					kept := append(slices.Clone(w.Memory), 7)
					return meta.Weighed{Weights: w.Losses, Memory: kept}, nil
				},
				Update: func(m *meta.Model, theta meta.Params, c byTask) meta.Params {
					return m.Optimize(theta, c.Grad.Contract(m.Weights()))
				},
			}
		})
}

type testConfig struct {
	Mode  string `config:"mode,required" doc:"what Get does"`
	Count int    `config:"count" min:"1" max:"1000000" doc:"number of records" unit:"records"`
	Bytes int    `config:"bytes" min:"0" max:"100000000" doc:"length of a record's text"`
}

func testPlugin() task.Plugin {
	return task.Define("numbers", "Records with their own number.",
		testConfig{Count: 10, Bytes: 3}, open)
}

func open(c testConfig) (task.Dataset, error) {
	if c.Mode == "no data" {
		return task.Dataset{}, errors.New("data/numbers.tsv: no such file")
	}
	describe := func() (task.Description, error) {
		return task.Description{
			Fields: []task.Field{{Name: "text", Kind: task.Text}},
			Splits: []task.Split{{Name: "all", Records: c.Count}},
		}, nil
	}
	if c.Mode == "generate" {
		return task.Dataset{Generator: &task.Generator{Describe: describe, Sample: sample}}, nil
	}
	return task.Dataset{Source: &task.Source{Describe: describe, Get: c.get}}, nil
}

func sample(seed uint64, split string, index int64) (task.Episode, error) {
	record := func(id int64) task.Record {
		return task.Record{ID: id, Cells: []task.Cell{{Text: fmt.Sprint(seed, split, index)}}}
	}
	return task.Episode{Support: []task.Record{record(0)},
		Query: []task.Record{record(1), record(2)}}, nil
}

func (c testConfig) get(ids []int64) ([]task.Record, error) {
	if marker, ok := strings.CutPrefix(c.Mode, "exit once, "); ok && os.Remove(marker) == nil {
		os.Exit(3)
	}
	switch c.Mode {
	case "exit":
		fmt.Fprintln(os.Stderr, "the disk is on fire")
		os.Exit(3)
	case "panic":
		var p *testConfig
		fmt.Fprintln(os.Stderr, p.Mode)
	case "panic elsewhere":
		fmt.Println("last words")
		go func() { panic("in a goroutine") }()
		select {}
	case "hang":
		select {}
	case "error":
		return nil, errors.New("data/numbers.tsv:7: no \x1b[2Jnumber")
	case "gigabyte":
		line := []byte(strings.Repeat("x", 127) + "\n")
		for range (1 << 30) / len(line) / 1024 {
			if _, err := os.Stderr.Write(bytes.Repeat(line, 1024)); err != nil {
				return nil, err
			}
		}
	case "short":
		ids = ids[1:]
	case "child":
		cmd := exec.Command("sleep", "600")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		return []task.Record{{ID: 0, Cells: []task.Cell{{Text: fmt.Sprint(cmd.Process.Pid)}}}}, nil
	case "bomb":
		fmt.Fprintln(os.Stderr,
			`{"@message":12.5,"@level":{"a":[1]},"@timestamp":false,"b":"\u001b[2Jx"}`)
		fmt.Fprintln(os.Stderr, strings.Repeat(`{"a":`, 20000))
		fmt.Fprintln(os.Stderr, strings.Repeat("z", 1<<20))
		fmt.Println("\x1b[31mred")
		logger := zerolog.New(os.Stderr)
		logger.Warn().Int("step", 7).Msg("slow")
	}
	var records []task.Record
	for _, id := range ids {
		text := fmt.Sprintf("%0*d", c.Bytes, id)
		records = append(records, task.Record{ID: id, Cells: []task.Cell{{Text: text}}})
	}
	return records, nil
}

// hostMain is a host that launches a plugin, prints its number, and waits to be
// killed.
func hostMain() {
	p, err := Launch(context.Background(),
		Command{Kind: KindTask, Name: "numbers", Path: os.Args[0]},
		Options{Env: []string{roleVariable + "=sources"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(p.PID(), p.socketDir)
	time.Sleep(time.Minute)
	os.Exit(0)
}

// launch starts the test binary as a plugin in a role.
func launch(t *testing.T, role string, options Options) (*Process, error) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := Command{Kind: KindTask, Name: "numbers", Path: path}
	switch role {
	case "head":
		command.Kind, command.Name = KindHead, "linear"
	case "learner":
		command.Kind, command.Name = KindMetaLearner, "descent"
	}
	options.Env = append(options.Env, roleVariable+"="+role)
	p, err := Launch(t.Context(), command, options)
	if err == nil {
		t.Cleanup(p.Kill)
	}
	return p, err
}

// mustTask launches a working plugin and configures it.
func mustTask(
	t *testing.T, options Options, mode string, count, bytes int64,
) (*Process, *TaskClient) {
	t.Helper()
	p, err := launch(t, "sources", options)
	if err != nil {
		t.Fatal(err)
	}
	c := p.Task()
	problems, err := c.Configure(t.Context(), configuration(mode, count, bytes))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if _, _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, c
}

func configuration(mode string, count, bytes int64) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{
		"mode": cty.StringVal(mode), "count": cty.NumberIntVal(count),
		"bytes": cty.NumberIntVal(bytes),
	})
}
