package train_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
)

// Absent is not zero: a leaf that no pick of a step trains keeps every bit, and so
// do its slots, whatever moments and decay the optimizer has. Every other leaf moves.
func TestLeavesThatAreNotTrainedStay(t *testing.T) {
	few := fewShot(t, "few")
	few.Objectives[0].Head = "own"
	tasks := []program.Task{
		few, renamed(labelled(t, "labels", 6, 4, topic, tone), "labels_"),
		renamed(labelled(t, "sizes", 6, 0, length), "sizes_"),
		weighted(renamed(labelled(t, "idle", 6, 0, topic, tone), "idle_"), 0, 0),
	}
	tasks[1] = weighted(tasks[1], 1, 0)
	const unused, frozen = "backbone/embed/positions", "backbone/norm/*"
	for _, test := range []struct {
		name    string
		learner program.Learner
		config  *optim.Config
	}{
		{"adam", maml(optimizer{LearningRate: 0.1, Steps: 1, SecondOrder: true}),
			&optim.Config{Kind: "adam", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}},
		{"decay", joint(),
			&optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.5}},
		{"momentum", joint(), &optim.Config{Kind: "momentum", Momentum: 0.9}},
		{"no optimizer", drift(), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := sampling.Plan{Seed: 1, Mix: sampling.Uniform, PerStep: 2, Sizes: []int{1, 1, 1, 1}}
			config := train.Config{
				Model: newModel(t, program.Config{Transformer: tiny(0).transformer(t), Tasks: tasks,
					Learner: test.learner, Optimizer: test.config, Episodes: 2,
					Freeze: []string{frozen, unused}}),
				Seed: 1, Steps: 12, Plan: plan, Rate: schema.Constant(0.01),
			}
			var loop *train.Loop
			var before map[string][]byte
			moved := map[string]bool{}
			config.Progress = func(p train.Progress) {
				picks, err := plan.Step(int64(p.Step - 1))
				if err != nil {
					t.Fatal(err)
				}
				after := leafBytes(t, loop)
				for _, leaf := range config.Model.Leaves() {
					changed := !bytes.Equal(before[leaf.Address], after[leaf.Address])
					want := slices.ContainsFunc(picks, func(p sampling.Pick) bool {
						return trains(tasks[p.Task], leaf.Address)
					}) && !leaf.Frozen
					if changed && !want {
						t.Errorf("step %d, picks %v: %s changed", p.Step, picks, leaf.Address)
					}
					moved[leaf.Address] = moved[leaf.Address] || changed
				}
				before = after
			}
			loop = newLoop(t, config)
			before = leafBytes(t, loop)
			if err := loop.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, leaf := range config.Model.Leaves() {
				want := !leaf.Frozen && !strings.HasPrefix(leaf.Address, "heads/idle_") &&
					!strings.HasPrefix(leaf.Address, "heads/labels_tone/")
				if moved[leaf.Address] != want {
					t.Errorf("%s moved: %v, want %v", leaf.Address, moved[leaf.Address], want)
				}
			}
		})
	}
}

// drift moves every leaf by a little in every step, present or not: a learner that
// does not ask.
func drift() program.Learner {
	return learner(meta.Learner[meta.Params, meta.GradLoss]{
		Name: "drift",
		Update: func(_ *meta.Model, theta meta.Params, _ meta.GradLoss) meta.Params {
			leaves := theta.Leaves()
			for i, l := range leaves {
				leaves[i].Node = graph.Add(l.Node, graph.ConstLike(l.Node, 1e-3))
			}
			return meta.NewParams(leaves...)
		},
	})
}

// trains is the rule, as the text of the contract has it.
func trains(task program.Task, address string) bool {
	for _, o := range task.Objectives {
		if o.Weight > 0 && (strings.HasPrefix(address, "backbone/") ||
			strings.HasPrefix(address, "heads/"+o.Head+"/")) {
			return true
		}
	}
	return false
}

// leafBytes are the bits of each leaf and of its slots.
func leafBytes(t *testing.T, loop *train.Loop) map[string][]byte {
	t.Helper()
	c, err := loop.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, group := range slices.Sorted(maps.Keys(c.Groups)) {
		for _, x := range c.Groups[group] {
			address := x.Name
			if group == "slots" {
				_, address, _ = strings.Cut(x.Name, "/")
			}
			var b bytes.Buffer
			one := &safetensors.File{Tensors: []safetensors.Tensor{x}}
			if err := safetensors.Write(&b, one); err != nil {
				t.Fatal(err)
			}
			out[address] = append(out[address], b.Bytes()...)
		}
	}
	return out
}
