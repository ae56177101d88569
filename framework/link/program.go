package link

import (
	"fmt"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
)

// Episode links the map step of a learner: parameters and results as
// meta.TraceEpisode states them.
func (t *Task) Episode(p *meta.Programs) (*graph.Func, error) {
	var failed error
	f, err := finish(p.Episode, t.losses(true, &failed))
	if failed != nil {
		return nil, failed
	}
	return f, err
}

// Update links the update step, which calls nothing.
func Update(p *meta.Programs) (*graph.Func, error) { return finish(p.Update, nil) }

// finish makes a traced function executable.
func finish(f *graph.Func, bodies map[string]passes.Body) (*graph.Func, error) {
	f, err := passes.Link(f, bodies)
	if err != nil {
		return nil, err
	}
	if f, err = graph.ExpandGrads(f); err != nil {
		return nil, err
	}
	return passes.CSE(f), nil
}

// Evaluation is a linked evaluation and how to read its results.
type Evaluation struct {
	// Func has parameters initial/<address>, support/<tensor>, query/<tensor> and
	// key; its results are <step>/<objective>/loss, .../prediction/<name> and
	// .../metric/<name>/<i>. State is the learner's first state when Untrained.
	Func    *graph.Func
	Steps   []int
	Metrics map[string][]head.Metric // by objective, without Sums
}

// Evaluate links the adaptation of a learner to what the heads make of the query
// after each of the given numbers of steps, ascending from 0; dropout is off. The
// parameters state/<path> are the learner's state; without an adaptation, or in a
// closed form, the only step counts are 0 and 1.
func (t *Task) Evaluate(p *meta.Programs, steps []int) (*Evaluation, error) {
	e := &Evaluation{Steps: steps, Metrics: map[string][]head.Metric{}}
	var failed error
	keep := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	f, err := graph.Trace("evaluate", func() *graph.Func {
		g := &graph.Func{}
		named := map[string]*graph.Node{}
		declare := func(name string, dtype graph.DType, shape graph.Shape) {
			n := graph.Param(name, dtype, shape)
			named[name] = n
			g.Params = append(g.Params, n)
		}
		for _, v := range p.Init.Signature().Results {
			declare(v.Name, v.DType, v.Shape)
		}
		for _, side := range []string{supportSide, querySide} {
			if s := t.side(side); s != nil {
				for _, v := range s.Values {
					declare(side+"/"+v.Name, v.DType, v.Shape)
				}
			}
		}
		declare("key", graph.Int32, graph.Shape{2})
		for i, fast := range t.inlined(t.adapted(p, named, steps, keep), &failed) {
			outs, err := t.predict(fast, named)
			if err != nil {
				keep(err)
				break
			}
			for _, o := range outs {
				e.Metrics[o.objective.Name] = o.metrics
				prefix := fmt.Sprintf("%d/%s/", steps[i], o.objective.Name)
				g.Results = append(g.Results, graph.Result{Name: prefix + "loss", Node: o.loss})
				for _, r := range o.predictions {
					g.Results = append(g.Results, graph.Result{Name: prefix + "prediction/" + r.Name, Node: r.Node})
				}
				for _, m := range o.metrics {
					for k, sum := range m.Sums {
						g.Results = append(g.Results, graph.Result{Name: fmt.Sprintf("%smetric/%s/%d", prefix, m.Name, k), Node: sum})
					}
				}
			}
		}
		if failed != nil {
			g.Results = []graph.Result{{Name: "failed", Node: graph.Scalar(graph.Float32, 0)}}
		}
		return g
	})
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	e.Func, err = finish(f, t.losses(false, &failed))
	if failed != nil {
		return nil, failed
	}
	return e, err
}

// adapted returns the leaves after each number of steps.
func (t *Task) adapted(p *meta.Programs, named map[string]*graph.Node, steps []int, keep func(error)) []map[string]*graph.Node {
	leaves := map[string]*graph.Node{}
	for _, l := range t.leaves {
		// A learner whose state is more than parameters keeps them in a field of
		// its own; its adaptation says where it starts.
		if n := named["state/"+l.Address]; n != nil {
			leaves[l.Address] = n
		}
	}
	var fast map[string]*graph.Node
	if p.Adapt != nil {
		fast = results(p.Adapt.Start, named, "fast/")
		for address, n := range fast {
			if leaves[address] == nil {
				leaves[address] = n
			}
		}
	}
	for _, l := range t.leaves {
		if leaves[l.Address] == nil {
			keep(fmt.Errorf("link: the learner's state has no leaf %s", l.Address))
			return nil
		}
	}
	var out []map[string]*graph.Node
	taken := 0
	for _, want := range steps {
		for ; taken < want && p.Adapt != nil && p.Adapt.Step != nil; taken++ {
			args := map[string]*graph.Node{"key": graph.FoldKey(named["key"], graph.Scalar(graph.Int32, float64(taken)))}
			for address, n := range fast {
				args["fast/"+address] = n
			}
			for name, n := range named {
				if strings.HasPrefix(name, supportSide+"/") {
					args[name] = n
				}
			}
			fast = results(p.Adapt.Step, args, "fast/")
		}
		now := map[string]*graph.Node{}
		for address, n := range leaves {
			now[address] = n
			if fast[address] != nil && want > 0 {
				now[address] = fast[address]
			}
		}
		out = append(out, now)
	}
	return out
}

// results binds a traced function's parameters by name and returns its results by
// name less the prefix.
func results(f *graph.Func, named map[string]*graph.Node, prefix string) map[string]*graph.Node {
	args := map[*graph.Node]*graph.Node{}
	for _, p := range f.Params {
		n := named[p.Attrs().Name]
		if n == nil {
			graph.Failf("link", "%s: no argument %q", f.Name, p.Attrs().Name)
		}
		args[p] = n
	}
	out := map[string]*graph.Node{}
	for _, r := range f.Substitute(args).Results {
		out[strings.TrimPrefix(r.Name, prefix)] = r.Node
	}
	return out
}

// predict links the heads on the query under given leaves.
func (t *Task) predict(leaves, named map[string]*graph.Node) ([]outputs, error) {
	var args []*graph.Node
	for _, l := range t.leaves {
		args = append(args, leaves[l.Address])
	}
	for _, side := range []string{querySide, supportSide} {
		if s := t.side(side); s != nil {
			for _, v := range s.Values {
				args = append(args, named[side+"/"+v.Name])
			}
		}
	}
	return t.bind(querySide, false, append(args, named["key"])).all()
}
