package exec

import (
	"fmt"
	"strings"
	"time"

	"gorgonia.org/tensor"
)

// Cost is what a unit, an operation or a cluster of them, takes.
type Cost struct {
	Unit     string        // its operations and where their author wrote the last of them
	Flops    int64         // 2·M·N·K of a matrix product
	Elements int64         // that the other operations compute
	Bytes    int64         // that it reads and writes, each value once
	Time     time.Duration // of the runs that were profiled
}

// Costs returns the cost of every unit in the order of their execution, without time.
func (p *Program) Costs() []Cost {
	costs := make([]Cost, len(p.units))
	for i, u := range p.units {
		costs[i] = u.cost()
	}
	return costs
}

// Profile is RunInto that adds the time of every unit to costs, those of the program.
func (p *Program) Profile(results, args []*tensor.Dense, costs []Cost) error {
	return p.run(results, args, func(m *memory) (*unit, error) {
		for i, u := range p.units {
			began := time.Now()
			if err := u.step.run(m); err != nil {
				return u, err
			}
			costs[i].Time += time.Since(began)
		}
		return nil, nil
	})
}

func (u *unit) cost() Cost {
	c := Cost{Unit: u.String()}
	for _, v := range u.reads {
		c.Bytes += int64(v.words()) * 4
	}
	for _, v := range u.writes {
		c.Bytes += int64(v.words()) * 4
	}
	if s, ok := u.step.(*multiplication); ok {
		c.Flops = s.flops
		return c
	}
	for _, m := range u.members {
		c.Elements += int64(m.points())
	}
	return c
}

// String names the operations of a unit.
func (u *unit) String() string {
	var what string
	switch {
	case len(u.members) > 1:
		counts := map[string]int{}
		var names []string
		for _, m := range u.members {
			name := m.node.Op().String()
			if counts[name]++; counts[name] == 1 {
				names = append(names, name)
			}
		}
		for i, name := range names {
			if n := counts[name]; n > 1 {
				names[i] = fmt.Sprintf("%d×%s", n, name)
			}
		}
		what = fmt.Sprintf("%v: %s", u.space.axes(), strings.Join(names, " "))
	default:
		what = u.node.Op().String()
		attrs := u.node.Attrs()
		for i, in := range u.node.Inputs() {
			what += fmt.Sprint(" ", in.Shape())
			if i == 0 && attrs.TransA || i == 1 && attrs.TransB {
				what += "ᵀ"
			}
		}
	}
	if s, ok := u.step.(*multiplication); ok && s.d.value != nil {
		what += " + d"
	}
	if pos := u.node.Pos(); pos != "" {
		what += " at " + pos
	}
	return what
}
