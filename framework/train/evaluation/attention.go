package evaluation

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// Attention is the attention weights of one layer on some examples of a draw.
type Attention struct {
	Step    int    // numbers of adaptation steps before
	Side    string // query or support
	Set     string // the input set that was read
	Stack   string // encoder or decoder; memory: what the decoder saw of its memory
	Layer   int
	IDs     []int64   // of the examples; rows beyond them are padding
	Shape   [4]int    // B, H, T, S: examples, heads, queries, keys
	Weights []float64 // row-major
}

// Row returns the weights of a query over its keys, [S]. They add up to 1, and are 0 for
// keys that the query does not see; they are all 0 in an example that is padding.
func (a Attention) Row(example, head, query int) []float64 {
	_, h, t, s := a.Shape[0], a.Shape[1], a.Shape[2], a.Shape[3]
	at := ((example*h+head)*t + query) * s
	return a.Weights[at : at+s : at+s]
}

// AttentionOf returns the attention weights of every pass that heads make of one draw
// of the request, before and after adaptation: by the request's numbers of steps, then
// by side, set, stack and layer. Those of an ordinary batch come part by part.
func AttentionOf(ctx context.Context, r Request, draw int) ([]Attention, error) {
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("attention: %w", err)
	}
	if draw < 0 || draw >= len(r.Set.Frozen.Draws) {
		return nil, fmt.Errorf("attention: draw %d, want one of %d", draw, len(r.Set.Frozen.Draws))
	}
	elements, err := r.elements(draw)
	if err != nil {
		return nil, fmt.Errorf("attention: %w", err)
	}
	adapts, err := r.Model.Adapts(ctx, elements[0])
	if err != nil {
		return nil, fmt.Errorf("attention: %w", err)
	}
	if !adapts {
		r.Steps = []int{0}
	}
	var all []Attention
	for part, element := range elements {
		some, err := r.attention(ctx, r.Set.Frozen.Draws[draw], part, element)
		if err != nil {
			return nil, fmt.Errorf("attention: task %q: %w", r.Model.Tasks()[r.Task].Name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// attention runs one part of a draw.
func (r Request) attention(ctx context.Context, draw sampling.Draw, part int,
	element program.Element) ([]Attention, error) {
	p, err := r.Model.Attention(ctx, element, r.Steps)
	if err != nil {
		return nil, err
	}
	arguments, err := r.arguments(ctx, draw, part, element)
	if err != nil {
		return nil, err
	}
	results, err := p.Run(r.State, element.Values, arguments)
	if err != nil {
		return nil, err
	}
	var all []Attention
	for _, v := range p.Results() {
		name := strings.Split(v.Name, "/") // step, side, set, stack, layer
		a := Attention{Side: name[1], Set: name[2], Stack: name[3], Shape: [4]int(v.Shape),
			IDs: element.Query.IDs}
		if a.Side == "support" {
			a.IDs = element.Support.IDs
		}
		a.Step, _ = strconv.Atoi(name[0])
		a.Layer, _ = strconv.Atoi(name[4])
		if a.Weights, err = floats(results, v.Name); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
