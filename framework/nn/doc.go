// Package nn holds the building blocks of models: functions that trace nodes
// of package graph, and the leaves (named parameters) with their initial values.
//
// Every block is composed of primitives, so it has derivatives of every order.
// Shapes are written with named axes: B examples, T positions, D width, C
// classes, H heads; "..." stands for any axes. Values are floating point unless
// said otherwise, and results have the type of the first operand. Misuse panics
// with *graph.Error at the caller's line; graph.Trace turns it into an error.
package nn
