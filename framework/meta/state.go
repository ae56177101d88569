package meta

import (
	"reflect"
	"strings"

	"quickstudy/framework/graph"
)

// Reduction says how a field of a contribution is combined over the episodes
// of a step, in episode order.
type Reduction string

// The reductions, written in a field's tag: `reduce:"mean"`.
const (
	Sum   Reduction = "sum"
	Mean  Reduction = "mean"  // over all episodes of the step
	Stack Reduction = "stack" // a leading axis over episodes
	Task  Reduction = "task"  // mean within a task, a leading axis over tasks
)

var (
	paramsType = reflect.TypeFor[Params]()
	nodeType   = reflect.TypeFor[*graph.Node]()
)

// mapNodes rebuilds v, a Params, a node, or a struct of such, with every node
// replaced by visit's; path names it for checkpoints and messages: field names in
// lower case, then the leaf's address. The order is that of the fields.
func mapNodes[T any](v T, visit func(path string, r Reduction, n *graph.Node) *graph.Node) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	out.Set(mapValue(reflect.ValueOf(&v).Elem(), "", "", visit))
	return out.Interface().(T)
}

func mapValue(v reflect.Value, path string, r Reduction, visit func(string, Reduction, *graph.Node) *graph.Node) reflect.Value {
	switch v.Type() {
	case paramsType:
		p := v.Interface().(Params)
		out := make([]Leaf, len(p.leaves))
		for i, l := range p.leaves {
			out[i] = Leaf{Address: l.Address, Node: visit(join(path, l.Address), r, l.Node)}
		}
		return reflect.ValueOf(Params{leaves: out})
	case nodeType:
		n := v.Interface().(*graph.Node)
		if n == nil {
			graph.Failf("meta", "field %q is nil", path)
		}
		return reflect.ValueOf(visit(path, r, n))
	}
	if v.Kind() != reflect.Struct {
		graph.Failf("meta", "field %q has type %v, want meta.Params, *graph.Node or a struct of them", path, v.Type())
	}
	out := reflect.New(v.Type()).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			graph.Failf("meta", "field %q of %v is not exported", field.Name, v.Type())
		}
		reduction := Reduction(field.Tag.Get("reduce"))
		if reduction == "" {
			reduction = r
		}
		out.Field(i).Set(mapValue(v.Field(i), join(path, strings.ToLower(field.Name)), reduction, visit))
	}
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
