// Command faulty is a plugin that does wrong. The name of its executable says what:
// "head-cyclic" is a head whose graph is cyclic. A task does wrong when it is asked for
// draw 3 of the training, which is in the middle of a run.
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
	"quickstudy/framework/task"
)

func main() {
	kind, fault, _ := strings.Cut(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "-")
	switch fault {
	case "exits-first":
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(3)
	case "panics-first":
		panic("no such device")
	case "sleeps-first":
		time.Sleep(time.Hour)
	case "prints-first":
		fmt.Println("hello")
	}
	switch kind {
	case "task":
		if fault == "endless" {
			serveWire(kind, fault)
		}
		plugin.Serve(generator(fault))
	case "head":
		if fault == "exits" {
			plugin.Serve(honest(func() { leave(5) }))
		}
		serveWire(kind, fault)
	case "learner":
		plugin.Serve(learner(fault))
	}
}

func leave(status int) {
	fmt.Fprintln(os.Stderr, "last words")
	os.Exit(status)
}

// config is the attributes of a task.
type config struct {
	Marker string `config:"marker" doc:"file whose removal is a licence to do wrong, once"`
}

// generator makes straight lines.
func generator(fault string) task.Plugin {
	description := task.Description{
		Fields: []task.Field{{Name: "x", Kind: task.Sequence, Size: []int{1, 1}},
			{Name: "y", Kind: task.Value}},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
	}
	return task.Define("lines", "straight lines", config{}, func(c config) (task.Dataset, error) {
		return task.Dataset{Generator: &task.Generator{
			Describe: func() (task.Description, error) { return description, nil },
			Sample: func(seed uint64, split string, index int64) (task.Episode, error) {
				if split == "train" && index >= 3 && (c.Marker == "" || os.Remove(c.Marker) == nil) {
					do(fault)
				}
				record := func(id int64) task.Record {
					x := float64(id) + float64(seed%7) + float64(index)
					return task.Record{ID: id, Cells: []task.Cell{{Floats: []float64{x / 9}},
						{Floats: []float64{x / 5}}}}
				}
				return task.Episode{Support: []task.Record{record(0), record(1)},
					Query: []task.Record{record(2), record(3)}}, nil
			},
		}}, nil
	})
}

// do does what a task does wrong.
func do(fault string) {
	self := func(s syscall.Signal) { _ = syscall.Kill(os.Getpid(), s) }
	switch fault {
	case "exits":
		leave(3)
	case "panics":
		var none *task.Episode
		fmt.Println(none.Support)
	case "crashes":
		go func() { panic("in a goroutine") }()
		select {}
	case "killed":
		self(syscall.SIGKILL)
		select {}
	case "stopped":
		self(syscall.SIGSTOP)
	case "hangs":
		fmt.Fprintln(os.Stderr, "last words")
		select {}
	case "slow":
		time.Sleep(time.Second)
	case "floods":
		lines := bytes.Repeat([]byte(strings.Repeat("x", 127)+"\n"), 8192)
		for range 64 {
			_, _ = os.Stderr.Write(lines)
		}
	case "bomb":
		fmt.Fprintln(os.Stderr, `{"@message":12.5,"@level":{"a":[1]},"@timestamp":false}`)
		fmt.Fprintln(os.Stderr, strings.Repeat(`{"a":`, 20000))
		fmt.Println(strings.Repeat("z", 1<<20))
	case "leaves-child": // which nobody can find, and which holds the pipes for a while
		child := exec.Command("sleep", "20")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := child.Start(); err != nil {
			panic(err)
		}
		leave(3)
	}
}

// honest is a head that does before, and then as it should.
func honest(before func()) head.Plugin {
	return head.Define("line", "a line", struct{}{}, func(_ struct{}, t *head.Tracer) head.Outputs {
		before()
		return line(t)
	})
}

// learner is gradient descent, never says what it is, or multiplies by NaN.
func learner(fault string) meta.Plugin {
	return meta.Define("descent", "gradient descent", struct{}{},
		func(struct{}) meta.Learner[meta.Params, meta.GradLoss] {
			if fault == "hangs" {
				select {}
			}
			l := meta.Learner[meta.Params, meta.GradLoss]{}
			if fault == "nan" {
				l.Update = func(_ *meta.Model, p meta.Params, _ meta.GradLoss) meta.Params {
					return p.Scale(math.NaN())
				}
			}
			return l
		})
}
