package graph

import "strings"

// Attributes names the fields of Attrs that an operation uses.
func Attributes(op Op) []string {
	var names []string
	for _, at := range table[op].attrs {
		names = append(names, attrNames[at])
	}
	return names
}

// Arity is the number of an operation's operands; -1: any.
func Arity(op Op) int { return table[op].arity }

// Differentiable reports whether an operation has a gradient rule.
func Differentiable(op Op) bool { return table[op].grad != nil }

// Rule returns the cotangents of n's operands from that of n.
func Rule(n, g *Node) []*Node { return table[n.op].grad(n, g) }

// AttrText returns what tells n from other nodes of its operation on the same operands.
func AttrText(n *Node) string { return strings.ReplaceAll(attrText(n, nil), " ", ", ") }
