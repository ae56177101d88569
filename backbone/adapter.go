package backbone

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// An Adapter adds parameters to parts of the Transformer that a pattern names, for all
// tasks or for each its own. It begins as a function that changes nothing, so that a
// model with adapters begins as the one without. Its leaves are adapters/<address>/<kind>/...
// or private/<task>/<address>/<kind>/..., so that backbone/** are those of the model
// that is adapted.
type Adapter struct {
	// Kind is what is added:
	//
	//	lora        to a linear map, Scale/Rank · x·A·B (down and up; Hu et al. 2021,
	//	            https://arxiv.org/abs/2106.09685, section 4.1); On names linear maps,
	//	            as in layers/*/attention/{q,v}
	//	bottleneck  to what a part of a layer gives before it joins the residual stream,
	//	            GELU(y·W₁ + b₁)·W₂ + b₂ (Houlsby et al. 2019,
	//	            https://arxiv.org/abs/1902.00751, section 2.1); On names parts, as in
	//	            layers/*/{attention,mlp}
	//	norm        to the scale and the bias of a norm; On names norms, as in
	//	            layers/*/norm*
	//	context     to a linear map, φ·W, where φ are Rank numbers that begin at 0 and W
	//	            does not: as if φ were further inputs of the map (Zintgraf et al. 2019,
	//	            https://arxiv.org/abs/1810.03642, section 3); On names linear maps,
	//	            as in embed/numeric
	Kind    string
	On      string  // pattern (nn.Match) of addresses below backbone/
	Rank    int     // r of lora, the width of a bottleneck, numbers of context; 0 of norm
	Scale   float64 // α of lora
	PerTask bool    // the parameters are a task's own
}

// The kinds of adapter.
const (
	loraKind       = "lora"
	bottleneckKind = "bottleneck"
	normKind       = "norm"
	contextKind    = "context"
)

// Experts mixes what is pooled: Σ gₑ · ReLU(x·Wₑ + bₑ) over Count experts, whose gates are
// g = softmax(x·G) (Ma et al. 2018, https://doi.org/10.1145/3219819.3220007, equations 6
// and 7, with gates PerTask; Jacobs et al. 1991 without).
type Experts struct {
	Count   int
	PerTask bool
}

// check reports what is wrong with an adapter.
func (a Adapter) check() error {
	switch a.Kind {
	case loraKind, bottleneckKind, contextKind:
		if a.Rank < 1 {
			return fmt.Errorf("backbone: an adapter %q of rank %d, want at least 1", a.Kind, a.Rank)
		}
		if a.Kind == loraKind && !(a.Scale > 0) {
			return fmt.Errorf("backbone: an adapter %q of scale %v, want more than 0", a.Kind, a.Scale)
		}
	case normKind:
		if a.Rank != 0 {
			return fmt.Errorf("backbone: an adapter %q of rank %d, want none", a.Kind, a.Rank)
		}
	default:
		return fmt.Errorf("backbone: adapter is %q, want %s, %s, %s or %s", a.Kind, loraKind,
			bottleneckKind, normKind, contextKind)
	}
	return nil
}

// checkAdapters reports an adapter that adapts nothing, or what another adapts already.
func (t *Transformer) checkAdapters() error {
	l := t.For("any").list()
	at := map[string]bool{}
	for _, address := range slices.Sorted(maps.Keys(l.adapted)) {
		for _, p := range l.adapted[address] {
			if at[p.at] {
				return fmt.Errorf("backbone: two adapters %q have the parameters %s", p.Kind, p.at)
			}
			at[p.at] = true
		}
	}
	for i, a := range t.config.Adapters {
		if l.matched[i] {
			continue
		}
		there := cmp.Or(strings.Join(l.places[a.Kind], ", "), "nothing of this backbone")
		return fmt.Errorf("backbone: an adapter %q on %q, which matches nothing that it can adapt; "+
			"that is %s", a.Kind, a.On, there)
	}
	return nil
}

// place is where an adapter is, and the address of its parameters.
type place struct {
	Adapter
	at string
}

// For returns the Transformer as a task has it: with the adapters and gates that are the
// task's own, whose leaves are private/<task>/.... Without them it is that of all tasks.
func (t *Transformer) For(task string) *Transformer {
	return &Transformer{config: t.config, task: task}
}

// adapt adds the parameters of the adapters of a kind that match an address, made by leaves.
func (l *listing) adapt(kind, address string, leaves func(a Adapter, at string)) {
	below := strings.TrimPrefix(address, "backbone/")
	l.places[kind] = append(l.places[kind], below)
	for i, a := range l.config.Adapters {
		if a.Kind != kind || !nn.Match(a.On, below) {
			continue
		}
		l.matched[i] = true
		at := "adapters/" + address + "/" + kind
		if a.PerTask {
			if l.task == "" {
				continue
			}
			at = "private/" + l.task + "/" + address + "/" + kind
		}
		l.adapted[address] = append(l.adapted[address], place{a, at})
		owned := l.owner
		if a.PerTask {
			l.owner = l.task
		}
		leaves(a, at)
		l.owner = owned
	}
}

// lora adds the parameters of low-rank updates of a linear map.
func (l *listing) lora(address string, in, out int) {
	l.adapt(loraKind, address, func(a Adapter, at string) {
		l.add(at+"/down", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, in, a.Rank)
		l.add(at+"/up", "weight", nn.Init{}, a.Rank, out)
	})
}

// contextOf adds those of context of a linear map.
func (l *listing) contextOf(address string, out int) {
	l.adapt(contextKind, address, func(a Adapter, at string) {
		l.add(at+"/value", "bias", nn.Init{}, a.Rank)
		l.add(at+"/w", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, a.Rank, out)
	})
}

// bottleneck adds those of adapters after a part of a layer.
func (l *listing) bottleneck(address string) {
	l.adapt(bottleneckKind, address, func(a Adapter, at string) {
		d := l.config.Width
		l.add(at+"/down/w", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, d, a.Rank)
		l.add(at+"/down/b", "bias", nn.Init{}, a.Rank)
		l.add(at+"/up/w", "weight", nn.Init{}, a.Rank, d)
		l.add(at+"/up/b", "bias", nn.Init{}, d)
	})
}

// normOf adds those of adapters of a norm.
func (l *listing) normOf(address string) {
	l.adapt(normKind, address, func(_ Adapter, at string) {
		l.add(at+"/scale", "norm", nn.Init{}, l.config.Width)
		if l.config.Norm == "layernorm" {
			l.add(at+"/bias", "norm", nn.Init{}, l.config.Width)
		}
	})
}

// experts adds the parameters of experts and their gates.
func (l *listing) experts() {
	e := l.config.Experts
	if e == nil {
		return
	}
	for i := range e.Count {
		l.linear(fmt.Sprintf("%s/%d", expertsAt, i), l.config.Width, l.config.Width)
	}
	if e.PerTask && l.task == "" {
		return
	}
	if e.PerTask {
		l.owner = l.task
	}
	l.add(e.gate(l.task), "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, l.config.Width, e.Count)
	l.owner = ""
}

const expertsAt = "backbone/experts"

// gate is the address of the gates' parameters.
func (e Experts) gate(task string) string {
	if e.PerTask {
		return "private/" + task + "/" + expertsAt + "/gate"
	}
	return expertsAt + "/gate"
}

// adapters are the adapters of a kind at an address.
func (p *pass) adapters(kind, address string) []place {
	var found []place
	for _, at := range p.adapted[address] {
		if at.Kind == kind {
			found = append(found, at)
		}
	}
	return found
}

// updated adds low-rank updates and context to y, the linear map of x at an address.
func (p *pass) updated(x, y *graph.Node, address string) *graph.Node {
	for _, a := range p.adapters(loraKind, address) {
		low := nn.Linear(nn.Linear(x, p.leaves[a.at+"/down"], nil), p.leaves[a.at+"/up"], nil)
		y = graph.Add(y, graph.Mul(low, graph.Scalar(low.DType(), a.Scale/float64(a.Rank))))
	}
	for _, a := range p.adapters(contextKind, address) {
		row := graph.Reshape(p.leaves[a.at+"/value"], 1, a.Rank)
		context := nn.Linear(row, p.leaves[a.at+"/w"], nil) // [1, O]
		y = graph.Add(y, graph.Reshape(context, -1))        // [..., O]
	}
	return y
}

// narrowed adds bottlenecks to y, what a part of a layer gives.
func (p *pass) narrowed(y *graph.Node, address string) *graph.Node {
	for _, a := range p.adapters(bottleneckKind, address) {
		down := nn.GELU(nn.Linear(y, p.leaves[a.at+"/down/w"], p.leaves[a.at+"/down/b"]))
		y = graph.Add(y, nn.Linear(down, p.leaves[a.at+"/up/w"], p.leaves[a.at+"/up/b"]))
	}
	return y
}

// normLeaf is the scale or the bias of a norm with what adapters add.
func (p *pass) normLeaf(address, part string) *graph.Node {
	leaf := p.leaves[address+"/"+part]
	for _, a := range p.adapters(normKind, address) {
		leaf = graph.Add(leaf, p.leaves[a.at+"/"+part])
	}
	return leaf
}

// mixed mixes experts of what is pooled, [B, D]. A task without gates of its own, where
// gates are per task, mixes them evenly.
func (p *pass) mixed(x *graph.Node) *graph.Node {
	e := p.config.Experts
	if e == nil {
		return x
	}
	b := x.Shape()[0]
	gates := graph.Const(p.dtype, graph.Shape{b, e.Count}, []float64{1 / float64(e.Count)})
	if g := p.leaves[e.gate(p.task)]; g != nil {
		gates = nn.Softmax(nn.Linear(x, g, nil)) // [B, E]
	}
	var sum *graph.Node
	for i := range e.Count {
		expert := nn.ReLU(p.linear(x, fmt.Sprintf("%s/%d", expertsAt, i))) // [B, D]
		expert = graph.Mul(expert, graph.Slice(gates, 1, i, i+1))
		if sum == nil {
			sum = expert
		} else {
			sum = graph.Add(sum, expert)
		}
	}
	return sum
}
