package link

import (
	"fmt"
	"slices"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/passes"
)

// Writer is how a head of tokens writes: what comes before the first token, and then
// one token after the other. Its leaves are those before or after an adaptation.
// Dropout is off.
type Writer struct {
	// Start has parameters leaf/<address>, query/<tensor>, support/<tensor> and key, and
	// the result cache [B, N] of the query's examples.
	Start *graph.Func
	// Next has parameters leaf/<address>, cache [B, N], token, position (Int32 [B] both)
	// and key, and the results cache and prediction/<name>, scores [B, C] of the token
	// that follows among them.
	Next *graph.Func
}

// Writer links the writing of an objective, whose head must answer head.Tracer.Next.
// texts is B of Next: the examples, times what a beam holds of each.
func (t *Task) Writer(objective string, texts int) (w *Writer, err error) {
	defer graph.Catch("writer", &err)
	index := slices.IndexFunc(t.objectives, func(o Objective) bool { return o.Name == objective })
	if index < 0 {
		return nil, fmt.Errorf("link: no objective %q", objective)
	}
	w = &Writer{}
	if w.Next, err = t.next(index, texts); err != nil {
		return nil, err
	}
	w.Start, err = t.start(index)
	return w, err
}

// start links what an objective's head writes from: the cache that it returns, or zeros.
func (t *Task) start(index int) (*graph.Func, error) {
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
	cache := bound.Result("cache")
	if cache == nil {
		_, rows := t.query.sets()
		cache = graph.Const(graph.Float32, graph.Shape{rows, t.transformer.Cache()}, []float64{0})
	}
	g.Results = []graph.Result{{Name: "cache", Node: cache}}
	return passes.Run(g, nil, t.options)
}

// next links one position of texts.
func (t *Task) next(index, texts int) (*graph.Func, error) {
	o := t.objectives[index]
	spec := t.spec(o, querySide, false)
	spec.Batch, spec.Support, spec.Next = texts, nil, true
	traced, err := o.Trace(spec)
	if err != nil {
		return nil, fmt.Errorf("objective %q: head %q: %w", o.Name, o.Head, err)
	}
	g := &graph.Func{Name: "next"}
	leaves := slices.Concat(t.leaves, t.episodic)
	g.Params = params("leaf/", values(leaves))
	state := params("", []graph.Value{
		{Name: "cache", DType: graph.Float32, Shape: graph.Shape{texts, t.transformer.Cache()}},
		{Name: "token", DType: graph.Int32, Shape: graph.Shape{texts}},
		{Name: "position", DType: graph.Int32, Shape: graph.Shape{texts}}, key,
	})
	b := &batch{task: t, side: querySide, key: state[3], leaves: map[string]*graph.Node{},
		encoded: map[string]backbone.Encoded{},
		tensors: map[string]map[string]*graph.Node{querySide: {
			o.Name + "/cache": state[0], o.Name + "/token": state[1], o.Name + "/position": state[2],
		}}}
	for i, l := range leaves {
		b.leaves[l.Address] = g.Params[i]
	}
	g.Params = append(g.Params, state...)
	bound, err := b.inline(index, traced, traced.Func.Results)
	if err != nil {
		return nil, err
	}
	g.Results = bound.Results
	return passes.Run(g, nil, t.options)
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

// writing are the functions of the backbone's decoder by which a text is written.
func (b *batch) writing(bodies map[string]passes.Body) {
	t := b.task.transformer
	bodies[head.StartName] = func(args []*graph.Node) ([]*graph.Node, error) {
		memory := backbone.Encoded{Hidden: args[1], Mask: args[2]}
		return []*graph.Node{t.Start(b.leaf, memory)}, nil
	}
	bodies[head.StepName] = func(args []*graph.Node) ([]*graph.Node, error) {
		hidden, cache := t.Step(b.leaf, args[1], args[2], args[3])
		return []*graph.Node{hidden, cache}, nil
	}
}
