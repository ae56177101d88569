package backbone

import (
	"errors"
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// look finds the leaves, and says which is missing or has another type.
func (p *pass) look(leaves []nn.Leaf, leaf Leaf) error {
	for _, l := range leaves {
		node := leaf(l.Address)
		switch {
		case node == nil:
			return fmt.Errorf("no leaf %q, want %v", l.Address, l.Shape)
		case !node.Shape().Equal(l.Shape) || !node.DType().Float():
			return fmt.Errorf("leaf %q is %v%v, want floating-point %v", l.Address, node.DType(),
				node.Shape(), l.Shape)
		}
		p.leaves[l.Address], p.dtype = node, node.DType()
	}
	return nil
}

// checkInput says what is wrong with an input, or with the key.
func (p *pass) checkInput(in Inputs) error {
	kind := p.config.given(in)
	if kind == nil {
		kind = p.config.inputs()[0] // what is wanted, among others
		if kind.of(in) != nil {
			return errors.New("inputs of several kinds, want one")
		}
	}
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
	if got, all := x.Shape()[1], kind.maxLength(); kind == input(p.config.Image) && got != all {
		return fmt.Errorf("images of %d positions, want all %d: one and the patches", got, all)
	}
	if p.rate > 0 && p.key == nil {
		return fmt.Errorf("no key for dropout %v, want i32[2]", p.rate)
	}
	return nil
}

// checkMemory says what is wrong with the memory of b examples; 0: of any number.
func (p *pass) checkMemory(memory Encoded, b int) error {
	hidden, mask := memory.Hidden, memory.Mask
	switch {
	case p.config.Kind == "encoder":
		return errors.New("a backbone of kind encoder has no decoder, want decoder or encoder_decoder")
	case p.config.Kind == "decoder" && hidden != nil:
		return errors.New("a backbone of kind decoder looks at no memory, want none or encoder_decoder")
	case p.config.Kind == "decoder":
		return nil
	case hidden == nil || mask == nil:
		return fmt.Errorf("no memory or no mask of it, want what Encode gives of the same %d examples", b)
	}
	h, m, want := hidden.Shape(), mask.Shape(), "B"
	if b > 0 {
		want = fmt.Sprint(b)
	}
	if len(m) != 2 || b > 0 && m[0] != b || !h.Equal(graph.Shape{m[0], m[1], p.config.Width}) {
		return fmt.Errorf("memory is %v with a mask %v, want [%s,S,%d] and [%[3]s,S]", h, m, want,
			p.config.Width)
	}
	if most := p.config.maxLength(); m[1] > most {
		return fmt.Errorf("memory has %d positions, want at most max_length %d", m[1], most)
	}
	return nil
}

// checkStep says what is wrong with the arguments of a step.
func (p *pass) checkStep(written, memory, token, position *graph.Node) error {
	a, most := p.config.remembered(), p.config.maxLength()
	if a == 0 {
		return fmt.Errorf("a backbone of kind %s writes nothing, want decoder or encoder_decoder",
			p.config.Kind)
	}
	if p.config.Tokens == nil {
		return errors.New("a backbone of numeric input writes nothing, want an input of tokens")
	}
	if written == nil || token == nil || position == nil || len(token.Shape()) != 1 {
		return fmt.Errorf("nothing written, no token or no position, want [B,P,%d] and i32[B]", a)
	}
	b, w := token.Shape(), written.Shape()
	if len(w) != 3 || !w.Equal(graph.Shape{b[0], w[1], a}) || w[1] > most ||
		!written.DType().Float() || token.DType() != graph.Int32 ||
		position.DType() != graph.Int32 || !position.Shape().Equal(b) {
		return fmt.Errorf("written %v%v, token %v%v, position %v%v, want floating-point [B,P,%d], P at "+
			"most %d, and i32[B] twice", written.DType(), w, token.DType(), b, position.DType(),
			position.Shape(), a, most)
	}
	if looks := p.config.Kind == "encoder_decoder"; looks != (memory != nil) {
		return fmt.Errorf("memory %v of a backbone of kind %s, want one of encoder_decoder alone", memory,
			p.config.Kind)
	}
	if memory == nil {
		return nil
	}
	m := memory.Shape()
	if len(m) != 2 || m[0] != b[0] || m[1]%(a+1) != 0 || !memory.DType().Float() {
		return fmt.Errorf("memory %v%v, want floating-point [%d,M], M a multiple of %d", memory.DType(),
			m, b[0], a+1)
	}
	return nil
}
