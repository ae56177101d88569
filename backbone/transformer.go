package backbone

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Transformer is an encoder with the norm before each part (pre-LN).
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; the order of norms is
// that of Xiong et al. 2020, https://arxiv.org/abs/2002.04745, figure 1b.
type Transformer struct{ config Config }

// New returns the Transformer of a configuration, or what Check says of it.
func New(config Config) (*Transformer, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	return &Transformer{config}, nil
}

// Width returns D.
func (t *Transformer) Width() int { return t.config.Width }

// Inputs are a batch: Tokens Int32 [B, T] or Numeric [B, T, F], and Mask [B, T]
// (1 real, 0 padding). T may be shorter than the longest length.
type Inputs struct{ Tokens, Numeric, Mask *graph.Node }

// Encoded is what heads read: Hidden [B, T, D] after the final norm, Mask [B, T],
// Pooled [B, D]. At padding Hidden is finite and means nothing. Pooled is zero in
// a row of padding if pooling is the mean, and otherwise means nothing there.
type Encoded struct{ Hidden, Mask, Pooled *graph.Node }

// Encode traces one pass: embedding, layers, final norm, pooling. What real
// positions give depends neither on padding nor on how much there is of it.
//
// leaf returns the parameter at an address of Leaves. key (Int32 [2]) is needed
// only for dropout, which is on in training alone: after the embedding, on the
// attention weights, and after both parts of a layer. Each of these sites draws
// its mask from a key of its own, derived from key and the number of the site
// from the input on; the mask is a function of that key and the site's shape.
//
// It panics with *graph.Error at the caller's line if a leaf or an input is
// missing or has another type.
func (t *Transformer) Encode(
	leaf func(address string) *graph.Node, in Inputs, key *graph.Node, train bool,
) Encoded {
	p := &pass{config: t.config, leaves: map[string]*graph.Node{}, mask: in.Mask, key: key}
	if train {
		p.rate = t.config.Dropout
	}
	if err := p.check(t.Leaves(), leaf, in); err != nil {
		_, file, line, _ := runtime.Caller(1)
		file = filepath.ToSlash(file)
		pos := fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(file)), path.Base(file), line)
		panic(&graph.Error{Op: "backbone.Encode", Pos: pos, Message: err.Error()})
	}
	x := p.dropout(p.embed(in)) // [B, T, D]
	for i := range t.config.Layers {
		x = p.layer(x, layerAddress(i))
	}
	x = p.norm(x, "backbone/norm")
	return Encoded{Hidden: x, Mask: in.Mask, Pooled: p.pool(x)}
}

// pass is one encoding while it is traced.
type pass struct {
	config Config
	leaves map[string]*graph.Node // by address
	mask   *graph.Node            // [B, T]
	key    *graph.Node
	rate   float64 // of dropout; 0: off
	sites  int     // of dropout so far
}

// check looks the leaves up and says what is wrong with the arguments of Encode.
func (p *pass) check(leaves []nn.Leaf, leaf func(string) *graph.Node, in Inputs) error {
	for _, l := range leaves {
		node := leaf(l.Address)
		switch {
		case node == nil:
			return fmt.Errorf("no leaf %q, want %v", l.Address, l.Shape)
		case !node.Shape().Equal(l.Shape) || !node.DType().Float():
			return fmt.Errorf("leaf %q is %v%v, want floating-point %v", l.Address, node.DType(), node.Shape(), l.Shape)
		}
		p.leaves[l.Address] = node
	}
	kind := p.config.input()
	dtype, position := kind.position()
	want := fmt.Sprintf("%v [B,T", dtype)
	for _, length := range position {
		want += fmt.Sprintf(",%d", length)
	}
	want += "] and a mask [B,T]"
	x := kind.of(in)
	if x == nil || in.Mask == nil {
		return fmt.Errorf("no input or no mask, want %s", want)
	}
	shape := append(in.Mask.Shape().Clone(), position...)
	fits := x.DType() == dtype || x.DType().Float() && dtype.Float()
	if len(in.Mask.Shape()) != 2 || !x.Shape().Equal(shape) || !fits {
		return fmt.Errorf("input is %v%v with a mask %v, want %s",
			x.DType(), x.Shape(), in.Mask.Shape(), want)
	}
	if got, most := x.Shape()[1], kind.maxLength(); got > most {
		return fmt.Errorf("input has %d positions, want at most max_length %d", got, most)
	}
	if p.rate > 0 && p.key == nil {
		return fmt.Errorf("no key for dropout %v, want i32[2]", p.rate)
	}
	return nil
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
	return nn.Linear(x, p.leaves[address+"/w"], p.leaves[address+"/b"])
}

func (p *pass) norm(x *graph.Node, address string) *graph.Node {
	return nn.LayerNorm(x, p.leaves[address+"/scale"], p.leaves[address+"/bias"])
}
