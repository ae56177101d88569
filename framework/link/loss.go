package link

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
)

// outputs is what one objective's head computes of a side.
type outputs struct {
	objective   Objective
	loss        *graph.Node // scalar: weighted mean over the step's examples
	predictions []graph.Result
	metrics     []head.Metric
}

// batch is a side's tensors and the model's leaves, bound to nodes.
type batch struct {
	task    *Task
	side    string
	tensors map[string]map[string]*graph.Node // side → name
	leaves  map[string]*graph.Node
	key     *graph.Node
	train   bool
	encoded map[string]backbone.Encoded // by side and input set: heads share the pass
	decoded []decoding                  // in the order in which they were first asked for

	state              []*graph.Node // of texts that are written: written, memory
	caches, remembered []*graph.Node // that heads were given, and what they stand for
}

// decoding is a pass of the decoder, by the name of its function as heads call it.
type decoding struct {
	name string
	backbone.Decoded
}

// bind names the arguments of a loss: leaves, those of the episode, the side's
// tensors, for a query the support's, and a key (meta.LossName). Leaves that are held
// take the place of their arguments; frozen ones are constant in derivatives.
func (t *Task) bind(side string, train bool, held map[string]*graph.Node,
	args []*graph.Node) *batch {
	b := &batch{
		task: t, side: side, train: train, leaves: map[string]*graph.Node{},
		tensors: map[string]map[string]*graph.Node{supportSide: {}, querySide: {}},
		key:     args[len(args)-1], encoded: map[string]backbone.Encoded{},
	}
	for _, l := range slices.Concat(t.leaves, t.episodic) {
		n := args[0]
		if h := held[l.Address]; h != nil {
			n = h
		}
		if l.Frozen {
			n = graph.StopGradient(n)
		}
		b.leaves[l.Address] = n
		args = args[1:]
	}
	names := []string{side}
	if side == querySide && t.support != nil {
		names = append(names, supportSide)
	}
	for _, name := range names {
		for _, v := range t.side(name).Values {
			b.tensors[name][v.Name] = args[0]
			args = args[1:]
		}
	}
	return b
}

// encode runs the backbone on an input set of a side once, whoever asks.
func (b *batch) encode(side, set string) backbone.Encoded {
	name := head.EncodeName(side, set)
	if e, ok := b.encoded[name]; ok {
		return e
	}
	key := graph.FoldKey(b.key, graph.Scalar(graph.Int32, float64(len(b.encoded))))
	e := b.task.transformer.Encode(b.leaf, b.inputs(side, set), key, b.train)
	b.encoded[name] = e
	return e
}

// decode runs the backbone's decoder on an input set of a side. The randomness is that
// of the set, so heads that decode it from the same memory compute equal nodes.
func (b *batch) decode(side, set string, memory backbone.Encoded) backbone.Decoded {
	name := head.DecodeName(side, set)
	index := slices.IndexFunc(b.decoded, func(d decoding) bool { return d.name == name })
	if index < 0 {
		index = len(b.decoded)
	}
	all := graph.FoldKey(b.key, graph.Scalar(graph.Int32, decodeKey))
	key := graph.FoldKey(all, graph.Scalar(graph.Int32, float64(index)))
	d := b.task.transformer.Decode(b.leaf, b.inputs(side, set), memory, key, b.train)
	if index == len(b.decoded) {
		b.decoded = append(b.decoded, decoding{name, d})
	}
	return d
}

// Encodings draw from the batch's key folded with 0 and up, head number i from that
// folded with headKey + i, and decodings from that folded with decodeKey and again.
const (
	decodeKey = head.MaxSets * 8
	headKey   = 1000
)

func (b *batch) inputs(side, set string) backbone.Inputs {
	tensors := b.tensors[side]
	return backbone.Inputs{Tokens: tensors[set+"/tokens"], Numeric: tensors[set+"/numeric"],
		Image: tensors[set+"/image"],
		Mask:  tensors[set+"/mask"]}
}

func (b *batch) leaf(address string) *graph.Node { return b.leaves[address] }

// apply links one objective's head into the batch. The randomness of the shared
// pass is the batch's, that of the head its own.
func (b *batch) apply(index int, o Objective) (outputs, error) {
	bound, traced, err := b.results(index, func(result string) bool {
		return result != "cache" // what a text would be written from is no part of a loss
	})
	if err != nil {
		return outputs{}, err
	}
	out := outputs{objective: o, metrics: slices.Clone(traced.Metrics)}
	each := bound.Result("loss")
	tensors := b.tensors[b.side]
	sum := graph.Sum(graph.Mul(each, tensors[o.Name+"/weight"]))
	out.loss = graph.Reshape(graph.Mul(sum, tensors[o.Name+"/inverse_weight"]))
	for _, r := range bound.Results {
		if name, ok := strings.CutPrefix(r.Name, "prediction/"); ok {
			out.predictions = append(out.predictions, graph.Result{Name: name, Node: r.Node})
		}
	}
	for i, m := range out.metrics {
		for k := range m.Finish.Sums() {
			sum := bound.Result(fmt.Sprintf("metric/%s/%d", m.Name, k))
			out.metrics[i].Sums = append(out.metrics[i].Sums, sum)
		}
	}
	return out, nil
}

// results links those results of an objective's head that keep names.
func (b *batch) results(index int, keep func(result string) bool) (*graph.Func, *head.Traced,
	error) {
	traced, err := b.task.traceHead(b.task.objectives[index], b.side, b.train)
	if err != nil {
		return nil, nil, err
	}
	var kept []graph.Result
	for _, r := range traced.Func.Results {
		if keep(r.Name) {
			kept = append(kept, r)
		}
	}
	bound, err := b.inline(index, traced, kept)
	return bound, traced, err
}

// inline binds results of an objective's head to the batch and to the backbone.
func (b *batch) inline(index int, traced *head.Traced, results []graph.Result) (*graph.Func,
	error) {
	o, args := b.task.objectives[index], map[*graph.Node]*graph.Node{}
	for _, p := range traced.Func.Params {
		var err error
		if args[p], err = b.argument(index, o, p.Attrs().Name); err != nil {
			return nil, err
		}
	}
	f := &graph.Func{Name: traced.Func.Name, Params: traced.Func.Params, Results: results}
	bound, err := passes.Inline(f.Substitute(args), b.bodies())
	if err != nil {
		return nil, fmt.Errorf("objective %q: head %q: %w", o.Name, o.Head, err)
	}
	return bound, nil
}

// argument finds what a head's parameter is bound to.
func (b *batch) argument(index int, o Objective, name string) (*graph.Node, error) {
	var n *graph.Node
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "key":
		n = graph.FoldKey(b.key, graph.Scalar(graph.Int32, float64(headKey+index)))
	case "param":
		n = b.leaves["heads/"+o.Head+"/"+rest]
	case "data":
		n = b.tensors[b.side][o.Name+"/"+rest]
	case "support":
		n = b.tensors[supportSide][o.Name+"/"+rest]
	}
	if n == nil {
		return nil, fmt.Errorf("link: objective %q: head %q asks for %q, which the episode does "+
			"not have", o.Name, o.Head, name)
	}
	return n, nil
}

// bodies are the backbone's functions as heads call them.
func (b *batch) bodies() map[string]passes.Body {
	bodies := map[string]passes.Body{}
	if address, rows := b.task.transformer.Embedding(); rows > 0 {
		bodies[head.EmbeddingName] = func([]*graph.Node) ([]*graph.Node, error) {
			return []*graph.Node{b.leaves[address]}, nil
		}
	}
	for _, s := range []struct{ called, side string }{{"data", b.side}, {"support", supportSide}} {
		if b.task.side(s.side) == nil {
			continue
		}
		sets, _ := b.task.side(s.side).sets()
		for _, l := range sets {
			bodies[head.EncodeName(s.called, l.Set)] = func([]*graph.Node) ([]*graph.Node, error) {
				e := b.encode(s.side, l.Set)
				return []*graph.Node{e.Hidden, e.Mask, e.Pooled}, nil
			}
			bodies[head.DecodeName(s.called, l.Set)] = func(args []*graph.Node) ([]*graph.Node, error) {
				var memory backbone.Encoded
				if len(args) == 3 { // key, memory, its mask
					memory.Hidden, memory.Mask = args[1], args[2]
				}
				d := b.decode(s.side, l.Set, memory)
				return []*graph.Node{d.Hidden, d.Mask}, nil
			}
		}
	}
	b.writing(bodies)
	return bodies
}

// all links every objective's head.
func (b *batch) all() ([]outputs, error) {
	var out []outputs
	for i, o := range b.task.objectives {
		one, err := b.apply(i, o)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// total returns the loss of the side, in which objectives of weight 0 do not occur,
// and the losses [O]. That of a query is Σ w L; that of a support is Σ w L / Σ w, so
// that what a task weighs among others is not a rate of its own adaptation.
func (b *batch) total(outs []outputs) (sum, losses *graph.Node) {
	divisor := 1.0
	if b.side == supportSide {
		divisor = 0
		for _, o := range outs {
			divisor += o.objective.Weight
		}
	}
	var each []*graph.Node
	for _, o := range outs {
		each = append(each, graph.Reshape(o.loss, 1))
		if o.objective.Weight == 0 {
			continue
		}
		l := graph.Mul(o.loss, graph.Scalar(graph.Float32, o.objective.Weight/divisor))
		if sum == nil {
			sum = l
		} else {
			sum = graph.Add(sum, l)
		}
	}
	if sum == nil {
		sum = graph.Scalar(graph.Float32, 0)
	}
	return sum, graph.Concat(0, each...)
}

// losses are the bodies that a learner's calls are linked to, with leaves held as in
// bind.
func (t *Task) losses(train bool, held map[string]*graph.Node) map[string]passes.Body {
	bodies := map[string]passes.Body{}
	for _, side := range []string{supportSide, querySide} {
		bodies[meta.LossName(side)] = func(args []*graph.Node) ([]*graph.Node, error) {
			batch := t.bind(side, train, held, args)
			outs, err := batch.all()
			if err != nil {
				return nil, err
			}
			sum, each := batch.total(outs)
			return []*graph.Node{sum, each}, nil
		}
	}
	return bodies
}
