package graph

import (
	"fmt"
	"slices"
)

func init() {
	register(map[Op]row{
		OpCall: {
			name: "call", doc: "a function known by signature; the host links its body",
			attrs: []attr{attrSig}, arity: -1,
			infer: func(n *Node) (DType, Shape, error) {
				sig := n.attrs.Sig
				if sig == nil || sig.Name == "" || len(sig.Results) == 0 {
					return 0, nil, fmt.Errorf("want a named signature with results")
				}
				if len(n.inputs) != len(sig.Params) {
					return 0, nil, fmt.Errorf("%s takes %d arguments, got %d", sig.Name, len(sig.Params),
						len(n.inputs))
				}
				for i, p := range sig.Params {
					if in := n.inputs[i]; in.dtype != p.DType || !in.shape.Equal(p.Shape) {
						return 0, nil, fmt.Errorf("%s: argument %d is %v%v, want %v",
							sig.Name, i, in.dtype, in.shape, p)
					}
				}
				for _, r := range sig.Results {
					if !r.DType.Valid() {
						return 0, nil, fmt.Errorf("%s: result %q has element type %v", sig.Name, r.Name, r.DType)
					}
					if err := checkShape(r.Shape); err != nil {
						return 0, nil, fmt.Errorf("%s: result %q: %w", sig.Name, r.Name, err)
					}
				}
				return 0, nil, nil
			},
		},
		OpResult: {
			name: "result", doc: "one result of a call", attrs: []attr{attrN}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				call := n.inputs[0]
				if call.op != OpCall {
					return 0, nil, fmt.Errorf("operand is %v, want a call", call.op)
				}
				results := call.attrs.Sig.Results
				if n.attrs.N < 0 || n.attrs.N >= len(results) {
					return 0, nil, fmt.Errorf("result %d of %s, which has %d", n.attrs.N, call.attrs.Sig.Name,
						len(results))
				}
				r := results[n.attrs.N]
				return r.DType, r.Shape, nil
			},
		},
		OpGrad: {
			name: "grad", doc: "∂y/∂x of a scalar y; the total derivative along every path from the node x",
			arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				y, x := n.inputs[0], n.inputs[1]
				if !y.dtype.Float() || len(y.shape) != 0 {
					return 0, nil, fmt.Errorf("gradient of %v%v, want a floating-point scalar", y.dtype, y.shape)
				}
				if !x.dtype.Float() {
					return 0, nil, fmt.Errorf("gradient with respect to %v%v: %w", x.dtype, x.shape, errFloat)
				}
				return x.dtype, x.shape, nil
			},
		},
	})
}

// Call applies a function whose body the host links later and returns its
// results in the signature's order.
func Call(sig *Signature, args ...*Node) []*Node {
	call := newNode(OpCall, Attrs{Sig: sig}, slices.Clone(args)...)
	results := make([]*Node, len(sig.Results))
	for i := range results {
		results[i] = newNode(OpResult, Attrs{N: i}, call)
	}
	return results
}

// Grad returns ∂y/∂x for every x: y a scalar, x any nodes, interior ones too. A
// derivative is a node like any other and may be differentiated again; the host
// expands it (ExpandGrads), so no process needs an autodiff of its own.
func Grad(y *Node, xs ...*Node) []*Node {
	out := make([]*Node, len(xs))
	for i, x := range xs {
		out[i] = newNode(OpGrad, Attrs{}, y, x)
	}
	return out
}
