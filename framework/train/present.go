package train

import (
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/graph"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// taskLeaves are the leaves that an episode of one task trains, by address.
type taskLeaves map[string]bool

// trainedLeaves lists for each task the leaves that one of its objectives has a
// gradient for: its head's, and the backbone's. Frozen leaves are never trained.
func trainedLeaves(model *program.Model) []taskLeaves {
	out := make([]taskLeaves, len(model.Tasks()))
	for i, t := range model.Tasks() {
		out[i] = taskLeaves{}
		for _, l := range model.Leaves() {
			if l.Frozen || l.Task != "" && l.Task != t.Name {
				continue
			}
			for _, o := range t.Objectives {
				if o.Weight > 0 && (!strings.HasPrefix(l.Address, "heads/") ||
					strings.HasPrefix(l.Address, "heads/"+o.Head+"/")) {
					out[i][l.Address] = true
				}
			}
		}
	}
	return out
}

// trains reports whether some pick trains a leaf.
func (l *Loop) trains(picks []sampling.Pick, address string) bool {
	for _, p := range picks {
		if l.trained[p.Task][address] {
			return true
		}
	}
	return false
}

// leaf is a parameter and how it is called elsewhere.
type leaf struct {
	address string
	path    string // in the state; "" where the learner keeps it in another form
	present string // whether it is trained, among the update's arguments
}

func leavesOf(model *program.Model) []leaf {
	var leaves []leaf
	for _, l := range model.Leaves() {
		leaves = append(leaves, leaf{l.Address, model.LeafState(l.Address), "present/" + l.Address})
	}
	return leaves
}

// present returns what an update may ask for: present/<address> of every leaf, and
// present [tasks], whether a task was picked. It is valid until present is called again.
func (l *Loop) present(picks []sampling.Pick) program.Values {
	values := l.presence
	for _, leaf := range l.leaves {
		values[leaf.present] = l.no
		if l.trains(picks, leaf.address) {
			values[leaf.present] = l.yes
		}
	}
	tasks := make([]float64, len(l.config.Model.Tasks()))
	for _, p := range picks {
		tasks[p.Task] = 1
	}
	values["present"] = program.Dense(graph.Value{DType: graph.Bool, Shape: graph.Shape{len(tasks)}},
		tasks, l.config.Model.Precision())
	return values
}

// progress is how far training is, from 0 to below 1.
func (l *Loop) progress() *tensor.Dense {
	return program.Scalar(float64(l.step)/float64(max(l.config.Steps, 1)),
		l.config.Model.Precision())
}
