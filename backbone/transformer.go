package backbone

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"runtime"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Transformer is an encoder, a decoder, or one of each, the second of which looks at
// what the first gives: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762. Without
// attention, as an mlp, it is what others compare with: hidden layers at every position by
// itself, of which the embedding makes the first.
type Transformer struct {
	config Config
	task   string // whose own adapters it has; empty: none
}

// New returns the Transformer of a configuration, or what Check says of it.
func New(config Config) (*Transformer, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	config.Norm = cmp.Or(config.Norm, "layernorm")
	config.NormOrder = cmp.Or(config.NormOrder, "pre")
	t := &Transformer{config: config}
	return t, t.checkAdapters()
}

// Steady returns the Transformer without dropout.
func (t *Transformer) Steady() *Transformer {
	steady := *t
	steady.config.Dropout = 0
	return &steady
}

// Attends reports whether there is attention.
func (t *Transformer) Attends() bool { return !t.config.plain() }

// Width returns D.
func (t *Transformer) Width() int { return t.config.Width }

// Inputs are a batch: one of Tokens Int32 [B, T], Numeric [B, T, F] and Image [B, 1+P, F], of
// which the first position has no pixels, and Mask [B, T] (1 real, 0 padding). T may be
// shorter than the longest length, but of images.
type Inputs struct{ Tokens, Numeric, Image, Mask *graph.Node }

// Encoded is what heads read: Hidden [B, T, D] after the final norm, Mask [B, T],
// Pooled [B, D]. At padding Hidden is finite and means nothing. Pooled is zero in a row
// of padding unless pooling is the first position or mixes experts, and then means nothing
// there.
//
// Attention has the weights of every layer, [B, H, T, T], before dropout. Those of a
// query add up to 1, and are 0 for keys that are padding or, in a decoder, after the
// query; all are 0 in a row of padding. They cost nothing unless they are used.
type Encoded struct {
	Hidden, Mask, Pooled *graph.Node
	Attention            []*graph.Node
}

// Decoded is what a decoder gives: Hidden [B, T, D] after the final norm, Mask [B, T],
// Attention as in Encoded, and Cross, the weights [B, H, T, S] on the memory.
type Decoded struct {
	Hidden, Mask     *graph.Node
	Attention, Cross []*graph.Node
}

// Leaf returns the parameter at an address of Leaves.
type Leaf func(address string) *graph.Node

// Encode traces one pass: embedding, layers, final norm, pooling. What real
// positions give depends neither on padding nor on how much there is of it. In a
// decoder that stands alone, no position depends on a later one.
//
// key (Int32 [2]) is needed only for dropout, which is on in training alone: after
// the embedding, on the attention weights, and after every part of a layer. Each of
// these sites draws its mask from a key of its own, derived from key and the number of
// the site from the input on; the mask is a function of that key and the site's shape.
//
// It panics with *graph.Error at the caller's line if a leaf or an input is
// missing or has another type.
func (t *Transformer) Encode(leaf Leaf, in Inputs, key *graph.Node, train bool) Encoded {
	p := t.start("backbone.Encode", leaf, key, train, func(p *pass) error { return p.checkInput(in) })
	hidden, self := p.whole(t.config.encoder(), in, nil, true)
	pooled := p.mixed(p.pool(hidden, in.Mask))
	return Encoded{Hidden: hidden, Mask: in.Mask, Pooled: pooled, Attention: self.weights}
}

// Decode traces one pass of the decoder, in which position i sees positions 0 to i of
// the input and, in an encoder_decoder, the whole memory: what Encode gave of another
// input of the same examples. A decoder that stands alone takes none. Arguments are
// otherwise those of Encode, and so are panics.
func (t *Transformer) Decode(leaf Leaf, in Inputs, memory Encoded, key *graph.Node,
	train bool) Decoded {
	p := t.start("backbone.Decode", leaf, key, train, func(p *pass) error {
		if err := p.checkInput(in); err != nil {
			return err
		}
		return p.checkMemory(memory, in.Mask.Shape()[0])
	})
	var cross *context
	if t.config.decoder().cross {
		cross = p.cross(memory)
	}
	hidden, self := p.whole(t.config.decoder(), in, cross, false)
	decoded := Decoded{Hidden: hidden, Mask: in.Mask, Attention: self.weights}
	if cross != nil {
		decoded.Cross = cross.weights
	}
	return decoded
}

// pass is one run through a stack while it is traced.
type pass struct {
	config  Config
	task    string
	adapted map[string][]place     // by address
	leaves  map[string]*graph.Node // by address
	dtype   graph.DType            // of the leaves
	key     *graph.Node
	rate    float64 // of dropout; 0: off
	sites   int     // of dropout so far
}

// start begins a pass for an exported method, with its leaves and what else check wants.
func (t *Transformer) start(op string, leaf Leaf, key *graph.Node, train bool,
	check func(p *pass) error) *pass {
	l := t.list()
	p := &pass{config: t.config, task: t.task, adapted: l.adapted,
		leaves: map[string]*graph.Node{}, key: key}
	if train {
		p.rate = t.config.Dropout
	}
	err := p.look(l.leaves, leaf)
	if err == nil {
		err = check(p)
	}
	if err != nil {
		_, file, line, _ := runtime.Caller(2)
		file = filepath.ToSlash(file)
		pos := fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(file)), path.Base(file), line)
		panic(&graph.Error{Op: op, Pos: pos, Message: err.Error()})
	}
	return p
}

// whole sends a whole input through a stack, with the numbers of its texts if they are
// told apart.
func (p *pass) whole(s stack, in Inputs, cross *context, segments bool) (hidden *graph.Node,
	self *context) {
	b, t := in.Mask.Shape()[0], in.Mask.Shape()[1]
	mask := graph.Reshape(in.Mask, b, 1, 1, t)
	if s.causal {
		mask = nn.CausalMask(in.Mask) // [B, 1, T, T]
	}
	at := everywhere(p.dtype, t)
	kind := p.config.given(in)
	x := p.embed(s, kind, kind.of(in), at) // [B, T, D]
	if k, is := kind.(*Tokens); segments && is && k.Segments > 1 {
		x = graph.Add(x, k.segments(p, in.Tokens))
	}
	x = p.dropout(x)
	self = p.self(s, at, mask)
	return p.run(s, x, self, cross), self
}

func (p *pass) dropout(x *graph.Node) *graph.Node {
	if p.rate == 0 {
		return x
	}
	key := graph.FoldKey(p.key, graph.Scalar(graph.Int32, float64(p.sites)))
	p.sites++
	return nn.Dropout(x, p.rate, key)
}

func (p *pass) linear(x *graph.Node, address string) *graph.Node {
	y := nn.Linear(x, p.leaves[address+"/w"], p.leaves[address+"/b"])
	return p.updated(x, y, address)
}

func (p *pass) norm(x *graph.Node, address string) *graph.Node {
	if p.config.Norm == "rmsnorm" {
		return nn.RMSNorm(x, p.normLeaf(address, "scale"))
	}
	return nn.LayerNorm(x, p.normLeaf(address, "scale"), p.normLeaf(address, "bias"))
}
