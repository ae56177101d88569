package graph

import (
	"fmt"
	"strconv"
	"strings"
)

// String prints f in the text form that Parse reads:
//
//	func "loss"
//	%0 = parameter {name="w" dtype=f32 shape=[4,3]} : f32[4,3]
//	%1 = parameter {name="x" dtype=f32 shape=[8,4]} : f32[8,4]
//	%2 = dot(%1, %0) : f32[8,3]
//	%3 = reduce_sum(%2) {axes=[0,1]} : f32[]
//	params %0 %1
//	return "loss"=%3
//
// Nodes are numbered in the order of Func.Nodes; positions are not printed. The
// signatures of calls come first, one line each.
func (f *Func) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "func %q\n", f.Name)
	nodes := f.Nodes()
	index := make(map[*Node]int, len(nodes))
	signatures := map[*Signature]int{}
	for i, n := range nodes {
		index[n] = i
		if sig := n.attrs.Sig; sig != nil {
			if _, ok := signatures[sig]; !ok {
				signatures[sig] = len(signatures)
				fmt.Fprintf(&b, "sig @%d %q (%s) -> (%s)\n", signatures[sig], sig.Name, valueList(sig.Params),
					valueList(sig.Results))
			}
		}
	}
	for i, n := range nodes {
		fmt.Fprintf(&b, "%%%d = %v", i, n.op)
		if len(n.inputs) > 0 {
			b.WriteByte('(')
			for j, in := range n.inputs {
				if j > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(&b, "%%%d", index[in])
			}
			b.WriteByte(')')
		}
		if attrs := attrText(n, signatures); attrs != "" {
			fmt.Fprintf(&b, " {%s}", attrs)
		}
		if n.op != OpCall {
			fmt.Fprintf(&b, " : %v%v", n.dtype, n.shape)
		}
		b.WriteByte('\n')
	}
	b.WriteString("params")
	for _, p := range f.Params {
		fmt.Fprintf(&b, " %%%d", index[p])
	}
	b.WriteString("\nreturn")
	for _, r := range f.Results {
		fmt.Fprintf(&b, " %q=%%%d", r.Name, index[r.Node])
	}
	b.WriteByte('\n')
	return b.String()
}

func valueList(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf("%q: %v%v", v.Name, v.DType, v.Shape)
	}
	return strings.Join(parts, ", ")
}

func attrText(n *Node, signatures map[*Signature]int) string {
	a := &n.attrs
	var parts []string
	for _, at := range table[n.op].attrs {
		var v string
		switch at {
		case attrName:
			v = strconv.Quote(a.Name)
		case attrDType:
			v = a.DType.String()
		case attrShape:
			v = a.Shape.String()
		case attrAxes:
			v = Shape(a.Axes).String()
		case attrAxis:
			v = strconv.Itoa(a.Axis)
		case attrLo:
			v = strconv.Itoa(a.Lo)
		case attrHi:
			v = strconv.Itoa(a.Hi)
		case attrN:
			v = strconv.Itoa(a.N)
		case attrTransA:
			v = strconv.FormatBool(a.TransA)
		case attrTransB:
			v = strconv.FormatBool(a.TransB)
		case attrReverse:
			v = strconv.FormatBool(a.Reverse)
		case attrSig:
			v = fmt.Sprintf("@%d", signatures[a.Sig])
		case attrValues:
			numbers := make([]string, len(a.Values))
			for i, x := range a.Values {
				numbers[i] = strconv.FormatFloat(x, 'g', -1, 64)
			}
			v = "[" + strings.Join(numbers, ",") + "]"
		}
		if v == "false" {
			continue
		}
		parts = append(parts, attrNames[at]+"="+v)
	}
	return strings.Join(parts, " ")
}
