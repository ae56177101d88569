// Package passes turns one graph into another that computes the same values.
//
// The order is fixed by what each pass needs: Link replaces calls by their
// bodies, graph.ExpandGrads (which cannot look into a call) then replaces
// derivatives, and CSE merges equal nodes last, because a derivative is taken
// with respect to one node and no equal one.
//
// Nodes that no result depends on are never visited, so there is no separate
// pass that removes them.
package passes
