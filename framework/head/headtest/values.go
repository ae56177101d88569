package headtest

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
)

// values are arguments or results by name.
type values = exectest.Values

// values returns arguments for the program: features and parameters at random, answers
// of every kind, weights that are not all equal. How much of an input is real follows
// from the example and the length.
func (p *program) values() values {
	out := values{"key": {3, 5}, "inverse_weight": {1}}
	for _, v := range p.f.Signature().Params {
		if _, given := out[v.Name]; !given {
			out[v.Name] = p.value(v)
		}
	}
	sum := 0.0
	for _, w := range out["data/weight"] {
		sum += w
	}
	if sum > 0 {
		out["inverse_weight"][0] = 1 / sum
	}
	return out
}

// real is the number of real positions of an example in a set of a length.
func real(example, length int) int { return 1 + (3*example+2)%length }

// value returns what fits a parameter by its name.
func (p *program) value(v graph.Value) []float64 {
	out := make([]float64, v.Shape.Size())
	fill := func(f func(example, within int) float64) []float64 {
		stride := len(out) / v.Shape[0]
		for i := range out {
			out[i] = f(i/stride, i%stride)
		}
		return out
	}
	target, available := p.spec.Target, p.available()
	kind, rest, _ := strings.Cut(v.Name, "/")
	if kind == "data" || kind == "support" {
		kind = rest
	}
	switch kind {
	case "class":
		return fill(func(i, _ int) float64 { return float64((2*i + i/available) % available) })
	case "classes":
		return fill(func(i, c int) float64 { return truth((i+c)%2 == 0 && c < available) })
	case "class_mask":
		return fill(func(c, _ int) float64 { return truth(c < available) })
	case "tags":
		return fill(func(i, t int) float64 { return float64((i*5 + t*3 + 1) % target.Classes) })
	case "token":
		return fill(func(i, _ int) float64 { return float64(i % vocabulary) })
	case "tokens": // of a target, or those that are decoded
		limit := vocabulary
		if target.Kind == head.TokensTarget {
			limit = min(limit, target.Classes)
		}
		return fill(func(i, t int) float64 { return float64((i*5 + t*3 + 1) % limit) })
	case "present":
		return fill(func(i, _ int) float64 { return truth(i%3 != 2) })
	case "start":
		return fill(func(i, _ int) float64 { return float64(real(i, p.length()) / 2) })
	case "end":
		return fill(func(i, _ int) float64 { return float64(real(i, p.length()) - 1) })
	case "position":
		return out
	case "mask", "allowed":
		return fill(func(i, t int) float64 { return truth(t < real(i, v.Shape[1])) })
	case "weight":
		return fill(func(i, t int) float64 {
			return (1 + 0.5*float64(i%3)) * truth(len(v.Shape) == 1 || t < real(i, v.Shape[1]))
		})
	}
	name := fnv.New64a()
	name.Write([]byte(v.Name))
	return exectest.Random(name.Sum64(), len(out))
}

// available is the number of classes that can be the answer: where it varies, the last
// class is padding.
func (p *program) available() int {
	c := p.spec.Target.Classes
	if p.spec.Target.VariableWay && c > 2 {
		return c - 1
	}
	return max(c, 1)
}

// length is T of the target's set.
func (p *program) length() int {
	for _, l := range p.spec.Sets {
		if l.Set == p.spec.Target.Set {
			return l.Positions
		}
	}
	return p.spec.Sets[0].Positions
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// shape returns the shape of a parameter or result.
func (p *program) shape(name string) graph.Shape {
	sig := p.f.Signature()
	for _, v := range append(sig.Params, sig.Results...) {
		if v.Name == name {
			return v.Shape
		}
	}
	return nil
}

// padded returns arguments for a larger use: those of a smaller one, and padding, whose
// weights and masks are 0. What a backbone makes of padding is finite and arbitrary.
func (p *program) padded(small *program, from values) values {
	out := values{}
	for _, v := range p.f.Signature().Params {
		to := make([]float64, v.Shape.Size())
		if strings.HasPrefix(v.Name, "features/") {
			to = p.value(v)
		}
		corner(small.shape(v.Name), v.Shape, func(i, j int) { to[j] = from[v.Name][i] })
		out[v.Name] = to
	}
	return out
}

// corner pairs the elements of an array with those at the origin of a larger one.
func corner(small, large graph.Shape, pair func(i, j int)) {
	for i := range small.Size() {
		j, stride, rest := 0, 1, i
		for axis := len(small) - 1; axis >= 0; axis-- {
			j += rest % small[axis] * stride
			rest /= small[axis]
			stride *= large[axis]
		}
		pair(i, j)
	}
}

// ofBatch reports whether an argument has a row for every example of the batch. The
// inverse of the weights, the class mask and the support are those of the whole.
func ofBatch(name string) bool {
	part, rest, _ := strings.Cut(name, "/")
	return part == "data" && rest != "class_mask" || strings.HasPrefix(rest, "data/")
}

// cut returns the arguments of examples lo to hi.
func (p *program) cut(all values, lo, hi int) values {
	out := maps.Clone(all)
	for _, v := range p.f.Signature().Params {
		if ofBatch(v.Name) {
			stride := v.Shape.Size() / v.Shape[0]
			out[v.Name] = all[v.Name][lo*stride : hi*stride]
		}
	}
	return out
}

// with returns the arguments with every element of some of them changed.
func with(all values, change func(name string, i int, x float64) float64,
	some func(name string) bool) values {
	out := maps.Clone(all)
	for name, data := range all {
		if !some(name) {
			continue
		}
		out[name] = slices.Clone(data)
		for i, x := range data {
			out[name][i] = change(name, i, x)
		}
	}
	return out
}
