package link

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
)

// Episode links the map step of a learner: parameters and results as
// meta.TraceEpisode states them.
func (t *Task) Episode(p *meta.Programs) (*graph.Func, error) {
	return t.link(p, p.Episode, "state/")
}

// After links the map step of a learner's second round (meta.TraceSettle), which
// p must have.
func (t *Task) After(p *meta.Programs) (*graph.Func, error) {
	return t.link(p, p.After, "before/")
}

// link links a program that has the state under a prefix.
func (t *Task) link(p *meta.Programs, f *graph.Func, prefix string) (*graph.Func, error) {
	named := map[string]*graph.Node{}
	for _, n := range f.Params {
		if path, ok := strings.CutPrefix(n.Attrs().Name, prefix); ok {
			named["state/"+path] = n
		}
	}
	return passes.Run(f, t.losses(true, t.held(p, named)), t.options)
}

// held returns the frozen leaves by address, as the state has them: whatever a learner
// makes of one while it adapts, the model reads the state's. A leaf that the learner
// keeps in another form is not there.
func (t *Task) held(p *meta.Programs, named map[string]*graph.Node) map[string]*graph.Node {
	out := map[string]*graph.Node{}
	for _, l := range t.leaves {
		kept := p.Parameters.Result("leaf/" + l.Address)
		if l.Frozen && kept != nil && kept.Op() == graph.OpParameter {
			if n := named[kept.Attrs().Name]; n != nil {
				out[l.Address] = n
			}
		}
	}
	return out
}

// Evaluation is a linked evaluation and how to read its results.
type Evaluation struct {
	// Func has parameters state/<path>, episodic/<address>, support/<tensor>,
	// query/<tensor>, key and, if the learner reads it, progress; its results are
	// <step>/<objective>/loss, .../prediction/<name> and .../metric/<name>/<i>.
	Func    *graph.Func
	Steps   []int
	Metrics map[string][]head.Metric // by objective, without Sums
}

// Evaluate links the adaptation of a learner to what the heads make of the query,
// given the support, after each of the given numbers of steps, ascending, 0
// without adaptation. A number may exceed the learner's own count; without an
// adaptation every number means 0, in a closed form every other one means once.
// Dropout is off, in adaptation too.
func (t *Task) Evaluate(p *meta.Programs, steps []int) (*Evaluation, error) {
	e := &Evaluation{Steps: steps, Metrics: map[string][]head.Metric{}}
	var err error
	e.Func, err = t.after(p, steps, "evaluate", func(_ *batch, outs []outputs) []graph.Result {
		var results []graph.Result
		for _, o := range outs {
			e.Metrics[o.objective.Name] = slices.Clone(o.metrics)
			for i := range o.metrics {
				e.Metrics[o.objective.Name][i].Sums = nil
			}
			results = append(results, o.results(o.objective.Name+"/")...)
		}
		return results
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Attention links the adaptation as Evaluate does, to the attention weights of the passes
// that the heads make of the query, and of the support if they look at it. Parameters
// are Evaluate's; results are <step>/<pass>/<layer>, [B, H, T, S], where a pass is
// <side>/<set>/encoder or <side>/<set>/decoder, or the decoder's <side>/<set>/memory.
// The weights of a query add up to 1 over the keys that it sees, and are 0 for others.
func (t *Task) Attention(p *meta.Programs, steps []int) (*graph.Func, error) {
	return t.after(p, steps, "attention", func(b *batch, _ []outputs) []graph.Result {
		var results []graph.Result
		add := func(called, stack string, layers []*graph.Node) {
			_, of, _ := strings.Cut(called, ":")
			for i, n := range layers {
				results = append(results, graph.Result{
					Name: fmt.Sprintf("%s/%s/%d", strings.ReplaceAll(of, ":", "/"), stack, i), Node: n})
			}
		}
		for _, name := range slices.Sorted(maps.Keys(b.encoded)) {
			add(name, "encoder", b.encoded[name].Attention)
		}
		for _, d := range b.decoded {
			add(d.name, "decoder", d.Attention)
			add(d.name, "memory", d.Cross)
		}
		return results
	})
}

// Adapted links the adaptation as Evaluate does, to the leaves after it: results
// <step>/<address>, episodic leaves among them.
func (t *Task) Adapted(p *meta.Programs, steps []int) (f *graph.Func, err error) {
	defer graph.Catch("adapted", &err)
	if err := checkSteps(p, steps); err != nil {
		return nil, err
	}
	f, named := t.declare(p)
	f.Name = "adapted"
	held := t.held(p, named)
	for i, leaves := range adapted(p, named, steps) {
		for _, l := range slices.Concat(t.leaves, t.episodic) {
			n := held[l.Address]
			if n == nil {
				n = leaves[l.Address]
			}
			if n == nil {
				return nil, fmt.Errorf("the adaptation does not give leaf %s", l.Address)
			}
			f.Results = append(f.Results,
				graph.Result{Name: fmt.Sprintf("%d/%s", steps[i], l.Address), Node: n})
		}
	}
	return passes.Run(f, t.losses(false, held), t.options)
}

// checkSteps says what is wrong with numbers of adaptation steps.
func checkSteps(p *meta.Programs, steps []int) error {
	for i, n := range steps {
		if n < 0 || i > 0 && n <= steps[i-1] {
			return fmt.Errorf("link: evaluation after %v steps, want numbers from 0, ascending", steps)
		}
	}
	if p.Adapt != nil && p.Adapt.Step != nil && len(steps) > 0 {
		last, nodes := steps[len(steps)-1], len(p.Adapt.Step.Nodes())
		if last > passes.MaxNodes/nodes {
			return fmt.Errorf("link: %d adaptation steps of %d nodes each are more than %d nodes",
				last, nodes, passes.MaxNodes)
		}
	}
	return nil
}

// after links what wanted picks of the query's passes and outputs, after each of the given
// numbers of steps.
func (t *Task) after(p *meta.Programs, steps []int, name string,
	wanted func(b *batch, outs []outputs) []graph.Result) (f *graph.Func, err error) {
	defer graph.Catch(name, &err)
	if err := checkSteps(p, steps); err != nil {
		return nil, err
	}
	f, named := t.declare(p)
	f.Name = name
	held := t.held(p, named)
	prediction, leaves, err := t.predict(named, wanted)
	if err != nil {
		return nil, err
	}
	for i, adapted := range adapted(p, named, steps) {
		args := map[*graph.Node]*graph.Node{}
		for address, n := range leaves {
			if args[n] = held[address]; args[n] == nil {
				args[n] = adapted[address]
			}
			if args[n] == nil {
				return nil, fmt.Errorf("the adaptation does not give leaf %s", address)
			}
		}
		for _, r := range prediction.Substitute(args).Results {
			f.Results = append(f.Results,
				graph.Result{Name: fmt.Sprintf("%d/%s", steps[i], r.Name), Node: r.Node})
		}
	}
	return passes.Run(f, t.losses(false, held), t.options)
}

// results lists what a head has computed under names that start with prefix.
func (o outputs) results(prefix string) []graph.Result {
	list := []graph.Result{{Name: prefix + "loss", Node: o.loss}}
	for _, r := range o.predictions {
		list = append(list, graph.Result{Name: prefix + "prediction/" + r.Name, Node: r.Node})
	}
	for _, m := range o.metrics {
		for k, sum := range m.Sums {
			list = append(list, graph.Result{Name: fmt.Sprintf("%smetric/%s/%d", prefix, m.Name, k),
				Node: sum})
		}
	}
	return list
}

// declare makes the parameters of an evaluation.
func (t *Task) declare(p *meta.Programs) (*graph.Func, map[string]*graph.Node) {
	g, named := &graph.Func{}, map[string]*graph.Node{}
	declare := func(prefix string, values ...graph.Value) {
		for _, v := range values {
			n := graph.Param(prefix+v.Name, v.DType, v.Shape)
			named[prefix+v.Name] = n
			g.Params = append(g.Params, n)
		}
	}
	declare("", p.Init.Signature().Results...)
	declare("episodic/", values(t.episodic)...)
	for _, side := range []string{supportSide, querySide} {
		if s := t.side(side); s != nil {
			declare(side+"/", s.Values...)
		}
	}
	declare("", graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}})
	if p.Adapt != nil {
		for _, f := range []*graph.Func{p.Adapt.Start, p.Adapt.Step} {
			if f == nil || named["progress"] != nil {
				continue
			}
			for _, v := range f.Signature().Params {
				if v.Name == "progress" {
					declare("", v)
				}
			}
		}
	}
	return g, named
}

// adapted returns the leaves by address after each number of steps.
func adapted(p *meta.Programs, named map[string]*graph.Node, steps []int) []map[string]*graph.Node {
	var out []map[string]*graph.Node
	args := maps.Clone(named) // with fast/<path> of the steps taken so far
	taken := -1               // not started
	for _, want := range steps {
		if want == 0 || p.Adapt == nil {
			out = append(out, leaves(p.Parameters, args))
			continue
		}
		if taken < 0 {
			maps.Copy(args, results(p.Adapt.Start, args))
			taken = 0
		}
		for ; taken < want && p.Adapt.Step != nil; taken++ {
			k := graph.Scalar(graph.Int32, float64(taken))
			args["k"], args["key"] = k, graph.FoldKey(named["key"], k)
			maps.Copy(args, results(p.Adapt.Step, args))
		}
		out = append(out, leaves(p.Adapt.Finish, args))
	}
	return out
}

// leaves returns the results of a program that gives the leaves, by address.
func leaves(f *graph.Func, args map[string]*graph.Node) map[string]*graph.Node {
	out := map[string]*graph.Node{}
	for name, n := range results(f, args) {
		out[strings.TrimPrefix(name, "leaf/")] = n
	}
	return out
}

// results binds a traced function's parameters by name and returns its results.
func results(f *graph.Func, named map[string]*graph.Node) map[string]*graph.Node {
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
		out[r.Name] = r.Node
	}
	return out
}

// predict links the heads on the query, with a parameter for every leaf, by address.
// The leaves' own programs stay out of it: a head is linked once, whatever the
// number of steps.
func (t *Task) predict(named map[string]*graph.Node,
	wanted func(b *batch, outs []outputs) []graph.Result) (
	f *graph.Func, leaves map[string]*graph.Node, err error) {
	f, leaves = &graph.Func{Name: "predict"}, map[string]*graph.Node{}
	var args []*graph.Node
	for _, v := range values(slices.Concat(t.leaves, t.episodic)) {
		leaves[v.Name] = graph.Param("leaf/"+v.Name, v.DType, v.Shape)
		args = append(args, leaves[v.Name])
	}
	for _, side := range []string{querySide, supportSide} {
		if s := t.side(side); s != nil {
			for _, v := range s.Values {
				args = append(args, named[side+"/"+v.Name])
			}
		}
	}
	b := t.bind(querySide, false, nil, append(args, named["key"]))
	outs, err := b.all()
	if err == nil {
		f.Results = wanted(b, outs)
	}
	return f, leaves, err
}
