package link

import (
	"fmt"
	"slices"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/passes"
)

// Start links what comes before the first token of the texts that an objective's head
// writes, with leaves before or after an adaptation. Parameters are leaf/<address>,
// query/<tensor>, support/<tensor> and key, the result is memory [B, M]: what the decoder
// remembers, of the query's examples, of what it looks at. Nil: it looks at nothing.
// Dropout is off.
func (t *Task) Start(objective string) (f *graph.Func, err error) {
	defer graph.Catch("start", &err)
	index, err := t.writes(objective)
	if err != nil || t.transformer.DecoderOnly() {
		return nil, err
	}
	g := &graph.Func{Name: "start"}
	g.Params = params("leaf/", values(slices.Concat(t.leaves, t.episodic)))
	g.Params = append(g.Params, params("query/", t.query.Values)...)
	if t.support != nil {
		g.Params = append(g.Params, params("support/", t.support.Values)...)
	}
	g.Params = append(g.Params, params("", []graph.Value{key})...)
	b := t.bind(querySide, false, nil, g.Params)
	bound, _, err := b.results(index, func(result string) bool { return result == "cache" })
	if err != nil {
		return nil, err
	}
	_, rows := t.query.sets()
	memory := graph.Const(graph.Float32, graph.Shape{rows, t.transformer.Cache() + 1}, []float64{0})
	if cache := bound.Result("cache"); cache != nil {
		if memory, err = b.passedOn(index, cache); err != nil {
			return nil, err
		}
	}
	g.Results = []graph.Result{{Name: "memory", Node: memory}}
	return passes.Run(g, nil, t.options)
}

// Texts are the sizes of texts that are being written.
type Texts struct {
	Rows      int // B
	Positions int // P, more than any that is written
	Memory    int // M, numbers of what Start gives of each; 0: nothing
}

// Next links one position of texts, one token after those before it, as Start links what
// comes before all. Parameters are leaf/<address>, written [B, P, A], memory [B, M] if
// there is one, token, position (Int32 [B] both) and key, results remembered [B, A], which
// belongs at the position in written, and prediction/<name>, scores [B, C] of the token
// that follows among them. The head must answer head.Tracer.Next.
func (t *Task) Next(objective string, n Texts) (f *graph.Func, err error) {
	defer graph.Catch("next", &err)
	index, err := t.writes(objective)
	if err != nil {
		return nil, err
	}
	o, a := t.objectives[index], t.transformer.Cache()
	spec := t.spec(o, querySide, false)
	spec.Batch, spec.Support, spec.Next = n.Rows, nil, true
	traced, err := o.Trace(spec)
	if err != nil {
		return nil, fmt.Errorf("objective %q: head %q: %w", o.Name, o.Head, err)
	}
	g := &graph.Func{Name: "next"}
	leaves := slices.Concat(t.leaves, t.episodic)
	g.Params = params("leaf/", values(leaves))
	state := params("", []graph.Value{
		{Name: "token", DType: graph.Int32, Shape: graph.Shape{n.Rows}},
		{Name: "position", DType: graph.Int32, Shape: graph.Shape{n.Rows}}, key,
		{Name: "written", DType: graph.Float32, Shape: graph.Shape{n.Rows, n.Positions, a}},
	})
	if n.Memory > 0 {
		state = append(state, params("", []graph.Value{
			{Name: "memory", DType: graph.Float32, Shape: graph.Shape{n.Rows, n.Memory}}})...)
	}
	b := &batch{task: t, side: querySide, key: state[2], leaves: map[string]*graph.Node{},
		encoded: map[string]backbone.Encoded{}, state: state[3:],
		tensors: map[string]map[string]*graph.Node{querySide: {
			o.Name + "/cache": graph.Const(graph.Float32, graph.Shape{n.Rows, a}, []float64{0}),
			o.Name + "/token": state[0], o.Name + "/position": state[1],
		}}}
	for i, l := range leaves {
		b.leaves[l.Address] = g.Params[i]
	}
	g.Params = append(g.Params, state...)
	bound, err := b.inline(index, traced, traced.Func.Results)
	if err != nil {
		return nil, err
	}
	for _, r := range bound.Results {
		if r.Name == "cache" {
			r.Name = "remembered"
			if r.Node, err = b.passedOn(index, r.Node); err != nil {
				return nil, err
			}
		}
		g.Results = append(g.Results, r)
	}
	return passes.Run(g, nil, t.options)
}

// writes finds an objective.
func (t *Task) writes(objective string) (index int, err error) {
	index = slices.IndexFunc(t.objectives, func(o Objective) bool { return o.Name == objective })
	if index < 0 {
		return 0, fmt.Errorf("link: no objective %q", objective)
	}
	return index, nil
}

// key is the parameter that dropout is drawn from.
var key = graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}

// params declares parameters.
func params(prefix string, values []graph.Value) []*graph.Node {
	var nodes []*graph.Node
	for _, v := range values {
		nodes = append(nodes, graph.Param(prefix+v.Name, v.DType, v.Shape))
	}
	return nodes
}

// writing are the functions of the backbone's decoder by which a text is written. What it
// remembers of earlier positions and of a memory never passes through a head: a cache is
// what is remembered of one position, and a head hands it on.
func (b *batch) writing(bodies map[string]passes.Body) {
	t := b.task.transformer
	bodies[head.StartName] = func(args []*graph.Node) ([]*graph.Node, error) {
		memory := backbone.Encoded{Hidden: args[1], Mask: args[2]}
		rows := memory.Mask.Shape()[0]
		return b.remember(t.Start(b.leaf, memory),
			graph.Const(graph.Float32, graph.Shape{rows, t.Cache()}, []float64{0})), nil
	}
	bodies[head.StepName] = func(args []*graph.Node) ([]*graph.Node, error) {
		if len(b.state) == 0 {
			return nil, fmt.Errorf("%s is called where no text is written", head.StepName)
		}
		var memory *graph.Node
		if len(b.state) > 1 {
			memory = b.state[1]
		}
		hidden, remembered := t.Step(b.leaf, b.state[0], memory, args[2], args[3])
		return append([]*graph.Node{hidden}, b.remember(remembered, remembered)...), nil
	}
}

// remember notes what a cache stands for, which a head is given.
func (b *batch) remember(what, cache *graph.Node) []*graph.Node {
	b.remembered = append(b.remembered, what)
	b.caches = append(b.caches, cache)
	return []*graph.Node{cache}
}

// passedOn returns what the cache that a head has handed on stands for.
func (b *batch) passedOn(index int, cache *graph.Node) (*graph.Node, error) {
	for cache.Op() == graph.OpReshape { // graph.Identity, as results of calls are linked
		cache = cache.Inputs()[0]
	}
	if len(b.caches) == 1 && b.caches[0] == cache {
		return b.remembered[0], nil
	}
	o := b.task.objectives[index]
	return nil, fmt.Errorf("link: objective %q: head %q: the cache that it returns is not what the "+
		"backbone gave it: pass on what Start or Step returns, and call it once", o.Name, o.Head)
}
