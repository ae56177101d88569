package meta

import (
	"reflect"
	"strings"

	"quickstudy/framework/graph"
)

// Reduction says how a field of a contribution is combined over the episodes
// of a step, in episode order.
type Reduction string

// The reductions, written in a field's tag: `reduce:"mean"`. Where the host cuts
// an ordinary batch into parts, their contributions are summed first and count as
// one episode.
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

// mapTree rebuilds v, a Params, a node, or a struct of such, with every node
// replaced by visit's; path names it for checkpoints and messages: field names in
// lower case, then the leaf's address. The order is that of the fields.
func mapTree(v any, visit func(path string, r Reduction, n *graph.Node) *graph.Node) any {
	return mapValue(reflect.ValueOf(v), "", "", func(path string, r Reduction, field any) any {
		if n, ok := field.(*graph.Node); ok {
			if n == nil {
				graph.Failf("meta", "field %q is nil", path)
			}
			return visit(path, r, n)
		}
		p := field.(Params)
		out := p.Leaves()
		for i, l := range p.leaves {
			out[i].Node = visit(join(path, l.Address), r, l.Node)
		}
		return Params{leaves: out}
	}).Interface()
}

// mapValue rebuilds v with every Params and node in it replaced by visit's.
func mapValue(v reflect.Value, path string, r Reduction,
	visit func(path string, r Reduction, field any) any) reflect.Value {
	if !v.IsValid() {
		graph.Failf("meta", "field %q is nil", path)
	}
	if v.Type() == paramsType || v.Type() == nodeType {
		return reflect.ValueOf(visit(path, r, v.Interface()))
	}
	if v.Kind() != reflect.Struct {
		graph.Failf("meta", "field %q has type %v, want meta.Params, *graph.Node or a struct of them",
			path, v.Type())
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
		out.Field(i).Set(mapValue(v.Field(i), join(path, strings.ToLower(field.Name)), reduction,
			visit))
	}
	return out
}

// mapFields rebuilds v with every Params and node in it replaced by visit's.
func mapFields(v any, visit func(field any) any) any {
	return mapValue(reflect.ValueOf(v), "", "", func(_ string, _ Reduction, field any) any {
		return visit(field)
	}).Interface()
}

// parameters returns the model's parameters in a state or adaptation: v itself, or
// its first field of type Params; none if it has no such field.
func parameters(v any) Params {
	var first *Params
	mapValue(reflect.ValueOf(v), "", "", func(_ string, _ Reduction, field any) any {
		if p, ok := field.(Params); ok && first == nil {
			first = &p
		}
		return field
	})
	if first == nil {
		return Params{}
	}
	return *first
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
