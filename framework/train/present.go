package train

import (
	"strings"

	"gorgonia.org/tensor"

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

// trains reports whether some pick trains a leaf, or any leaf for "".
func (l *Loop) trains(picks []sampling.Pick, address string) bool {
	for _, p := range picks {
		if l.trained[p.Task][address] || address == "" && len(l.trained[p.Task]) > 0 {
			return true
		}
	}
	return false
}

// presentFlag is a parameter of the update, present/<address>, and the leaf that it
// follows; "" stands for all of them.
type presentFlag struct{ name, leaf string }

// presentFlags lists the flags that the update asks for. What the learner keeps for
// a leaf has the address <field>/<address> and follows the leaf.
func presentFlags(model *program.Model) []presentFlag {
	var flags []presentFlag
	for _, v := range model.Update().Params() {
		address, ok := strings.CutPrefix(v.Name, "present/")
		if !ok {
			continue
		}
		flag := presentFlag{name: v.Name}
		for _, l := range model.Leaves() {
			if (address == l.Address || strings.HasSuffix(address, "/"+l.Address)) &&
				len(l.Address) > len(flag.leaf) {
				flag.leaf = l.Address
			}
		}
		flags = append(flags, flag)
	}
	return flags
}

// present returns the values of the flags in a step.
func (l *Loop) present(picks []sampling.Pick) program.Values {
	values := program.Values{}
	for _, f := range l.flags {
		values[f.name] = program.Bool(l.trains(picks, f.leaf))
	}
	return values
}

// progress is the share of the training that is done, from 0 to 1.
func (l *Loop) progress() *tensor.Dense {
	return program.Scalar(float64(l.step)/float64(max(l.config.Steps, 1)),
		l.config.Model.Precision())
}
