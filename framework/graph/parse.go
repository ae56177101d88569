package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads the text form that Func.String prints and verifies the function.
// Errors name the line.
func Parse(text string) (*Func, error) {
	p := &parser{f: &Func{}}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		p.rest = line
		if err := p.line(); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if err := Verify(p.f); err != nil {
		return nil, err
	}
	return p.f, nil
}

type parser struct {
	f          *Func
	nodes      []*Node
	signatures []*Signature
	rest       string // of the current line
}

func (p *parser) line() (err error) {
	switch {
	case p.accept("func "):
		p.f.Name, err = p.quoted()
	case p.accept("sig "):
		err = p.signature()
	case p.accept("params"):
		for err == nil && p.rest != "" {
			p.accept(" ")
			var n *Node
			if n, err = p.operand(); err == nil {
				p.f.Params = append(p.f.Params, n)
			}
		}
	case p.accept("return"):
		for err == nil && p.rest != "" {
			p.accept(" ")
			err = p.result()
		}
	default:
		err = p.node()
	}
	if err == nil && p.rest != "" {
		err = fmt.Errorf("unexpected %q", p.rest)
	}
	return err
}

func (p *parser) accept(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

func (p *parser) expect(token string) error {
	if !p.accept(token) {
		return fmt.Errorf("want %q, got %q", token, p.rest)
	}
	return nil
}

// until cuts off everything before the first of the given bytes.
func (p *parser) until(stops string) string {
	i := strings.IndexAny(p.rest, stops)
	if i < 0 {
		i = len(p.rest)
	}
	word := p.rest[:i]
	p.rest = p.rest[i:]
	return word
}

func (p *parser) quoted() (string, error) {
	prefix, err := strconv.QuotedPrefix(p.rest)
	if err != nil {
		return "", fmt.Errorf("want a quoted string, got %q", p.rest)
	}
	p.rest = p.rest[len(prefix):]
	return strconv.Unquote(prefix)
}

func (p *parser) operand() (*Node, error) {
	if err := p.expect("%"); err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(p.until(" ,)"))
	if err != nil || i < 0 || i >= len(p.nodes) {
		return nil, fmt.Errorf("operand %%%d is not defined above", i)
	}
	return p.nodes[i], nil
}

func (p *parser) result() error {
	name, err := p.quoted()
	if err != nil {
		return err
	}
	if err := p.expect("="); err != nil {
		return err
	}
	n, err := p.operand()
	p.f.Results = append(p.f.Results, Result{Name: name, Node: n})
	return err
}

func (p *parser) node() error {
	if err := p.expect(fmt.Sprintf("%%%d = ", len(p.nodes))); err != nil {
		return err
	}
	name := p.until("( ")
	op, ok := ParseOp(name)
	if !ok {
		return fmt.Errorf("unknown operation %q", name)
	}
	var inputs []*Node
	if p.accept("(") {
		for {
			n, err := p.operand()
			if err != nil {
				return err
			}
			inputs = append(inputs, n)
			if !p.accept(", ") {
				break
			}
		}
		if err := p.expect(")"); err != nil {
			return err
		}
	}
	var attrs Attrs
	if p.accept(" {") {
		for !p.accept("}") {
			p.accept(" ")
			if err := p.attribute(&attrs); err != nil {
				return err
			}
		}
	}
	n, err := New(op, attrs, "", inputs...)
	if err != nil {
		return err
	}
	if op != OpCall {
		if err := p.expect(fmt.Sprintf(" : %v%v", n.dtype, n.shape)); err != nil {
			return err
		}
	}
	p.nodes = append(p.nodes, n)
	return nil
}

func (p *parser) attribute(a *Attrs) (err error) {
	name := p.until("=")
	if err := p.expect("="); err != nil {
		return err
	}
	switch attr(max(0, slices.Index(attrNames[:], name))) {
	case attrName:
		a.Name, err = p.quoted()
	case attrDType:
		a.DType, err = p.dtype(" }")
	case attrShape:
		a.Shape, err = p.shape()
	case attrAxes:
		var axes Shape
		axes, err = p.shape()
		a.Axes = axes
	case attrAxis:
		a.Axis, err = p.integer()
	case attrLo:
		a.Lo, err = p.integer()
	case attrHi:
		a.Hi, err = p.integer()
	case attrN:
		a.N, err = p.integer()
	case attrTransA:
		a.TransA, err = strconv.ParseBool(p.until(" }"))
	case attrTransB:
		a.TransB, err = strconv.ParseBool(p.until(" }"))
	case attrReverse:
		a.Reverse, err = strconv.ParseBool(p.until(" }"))
	case attrSig:
		if err := p.expect("@"); err != nil {
			return err
		}
		i, err := p.integer()
		if err != nil || i < 0 || i >= len(p.signatures) {
			return fmt.Errorf("signature @%d is not defined above", i)
		}
		a.Sig = p.signatures[i]
	case attrValues:
		var words []string
		words, err = p.list()
		for _, w := range words {
			v, e := strconv.ParseFloat(w, 64)
			if e != nil {
				return fmt.Errorf("value %q: want a number", w)
			}
			a.Values = append(a.Values, v)
		}
	default:
		return fmt.Errorf("unknown attribute %q", name)
	}
	return err
}

func (p *parser) integer() (int, error) {
	word := p.until(" }")
	i, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q: want a 32-bit integer", word)
	}
	return int(i), nil
}

func (p *parser) dtype(stops string) (DType, error) {
	word := p.until(stops)
	d, ok := ParseDType(word)
	if !ok {
		return 0, fmt.Errorf("element type %q, want f32, f64, i32 or bool", word)
	}
	return d, nil
}

// list reads [a,b,c].
func (p *parser) list() ([]string, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	body := p.until("]")
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	if body == "" {
		return nil, nil
	}
	return strings.Split(body, ","), nil
}

func (p *parser) shape() (Shape, error) {
	words, err := p.list()
	var s Shape
	for _, w := range words {
		d, e := strconv.ParseInt(w, 10, 32)
		if e != nil {
			return nil, fmt.Errorf("%q in a shape: want a 32-bit integer", w)
		}
		s = append(s, int(d))
	}
	return s, err
}

func (p *parser) signature() error {
	if err := p.expect(fmt.Sprintf("@%d ", len(p.signatures))); err != nil {
		return err
	}
	name, err := p.quoted()
	if err != nil {
		return err
	}
	sig := &Signature{Name: name}
	if err := p.expect(" "); err != nil {
		return err
	}
	if sig.Params, err = p.values(); err != nil {
		return err
	}
	if err := p.expect(" -> "); err != nil {
		return err
	}
	if sig.Results, err = p.values(); err != nil {
		return err
	}
	p.signatures = append(p.signatures, sig)
	return nil
}

func (p *parser) values() (values []Value, err error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for !p.accept(")") {
		p.accept(", ")
		var v Value
		if v.Name, err = p.quoted(); err != nil {
			return nil, err
		}
		if err := p.expect(": "); err != nil {
			return nil, err
		}
		if v.DType, err = p.dtype("["); err != nil {
			return nil, err
		}
		if v.Shape, err = p.shape(); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}
