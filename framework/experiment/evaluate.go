package experiment

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// A loader reads one experiment file.
type loader struct {
	file  *File
	diags hcl.Diagnostics
	ctx   *hcl.EvalContext
	known map[string][]string       // names below each root that expressions may refer to
	at    atomic.Pointer[hcl.Range] // what is being evaluated
	over  func() bool               // the budget is spent
}

func newLoader(path string) *loader {
	return &loader{
		file: &File{Path: path, sources: map[string]*hcl.File{}, blocks: map[BlockID]*pluginBlock{}},
		ctx: &hcl.EvalContext{Functions: functions(),
			Variables: map[string]cty.Value{}},
		known: map[string][]string{},
	}
}

func (l *loader) report(code Code, summary, detail string, at hcl.Range) {
	l.diags = append(l.diags, Diagnostic(code, summary, detail, at))
}

// evaluate returns the value of an expression, or cty.DynamicVal after reporting why it has none:
// an unknown value stands for what has been reported.
func (l *loader) evaluate(expr hclsyntax.Expression) cty.Value {
	if l.over() {
		return cty.DynamicVal
	}
	at := expr.Range()
	l.at.Store(&at)
	if ok := l.checkFunctions(expr); !l.checkReferences(expr) || !ok {
		return cty.DynamicVal
	}
	v, diags := expr.Value(l.ctx)
	l.diags = append(l.diags, coded(diags, CodeEvaluation)...)
	if diags.HasErrors() {
		return cty.DynamicVal
	}
	return v
}

// referenceRoots are the roots of blocks that only certain attributes refer to, as head.main.
var referenceRoots = []string{"head", "tokenizer"}

// checkReferences checks the names in an expression before it is evaluated, since HCL has no
// suggestions for attributes of objects.
func (l *loader) checkReferences(expr hclsyntax.Expression) bool {
	ok := true
	for _, t := range expr.Variables() {
		root := t.RootName()
		at := t.SourceRange()
		names, exists := l.known[root]
		attr, hasName := second(t)
		switch {
		case slices.Contains(referenceRoots, root):
			l.report(CodeReference, "Misplaced reference", fmt.Sprintf("%s stands for a block. It "+
				"can only be the value of the attribute %q of the core's blocks.",
				traversalText(t), root), at)
		case !exists:
			roots := slices.Sorted(maps.Keys(l.known))
			l.report(CodeReference, "Unknown name", fmt.Sprintf("There is no %q here. A string "+
				"needs quotes.%s", root, schema.Hint(root, roots)), at)
		case !hasName:
			l.report(CodeReference, "Incomplete reference",
				fmt.Sprintf("%s needs a name: %s.<name>.", root, root), at)
		case !slices.Contains(names, attr.Name):
			l.report(CodeReference, "Unknown name", fmt.Sprintf("There is no %s.%s.%s", root,
				attr.Name, schema.Hint(attr.Name, names)), attr.SrcRange)
		default:
			continue
		}
		ok = false
	}
	return ok
}

// checkFunctions checks the names of the functions that an expression calls.
func (l *loader) checkFunctions(expr hclsyntax.Expression) bool {
	ok := true
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		call, isCall := node.(*hclsyntax.FunctionCallExpr)
		if !isCall {
			return nil
		}
		if _, exists := l.ctx.Functions[call.Name]; !exists {
			names := slices.Sorted(maps.Keys(l.ctx.Functions))
			l.report(CodeReference, "Unknown function", fmt.Sprintf("There is no function %q.%s",
				call.Name, schema.Hint(call.Name, names)), call.NameRange)
			ok = false
		}
		return nil
	})
	return ok
}

// reference reads an attribute that must be root.<name>, and returns the name as a string value.
func (l *loader) reference(expr hclsyntax.Expression, root string) cty.Value {
	t, diags := hcl.AbsTraversalForExpr(expr)
	attr, hasName := second(t)
	names := l.known[root]
	switch {
	case diags.HasErrors() || t.RootName() != root || !hasName || len(t) > 2:
		example := root + ".<name>"
		if len(names) > 0 {
			example = root + "." + names[0]
		}
		l.report(CodeReference, "Not a reference",
			fmt.Sprintf("%q must be a reference to a block, such as %s.", root, example),
			expr.Range())
	case !slices.Contains(names, attr.Name):
		l.report(CodeReference, "Unknown name", fmt.Sprintf("There is no %s %q.%s", root, attr.Name,
			schema.Hint(attr.Name, names)), expr.Range())
	default:
		return cty.StringVal(attr.Name)
	}
	return cty.DynamicVal
}

// given evaluates the attributes of a body into one object, in the order of the file, leaving out
// those named. Those of the core's own blocks may be references.
func (l *loader) given(body *hclsyntax.Body, core bool, except ...string) cty.Value {
	values := map[string]cty.Value{}
	for _, a := range attributesInOrder(body) {
		switch {
		case slices.Contains(except, a.Name):
		case core && slices.Contains(referenceRoots, a.Name):
			values[a.Name] = l.reference(a.Expr, a.Name)
		default:
			values[a.Name] = l.evaluate(a.Expr)
		}
	}
	return cty.ObjectVal(values)
}

func attributesInOrder(body *hclsyntax.Body) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(body.Attributes), func(a, b *hclsyntax.Attribute) int {
		return a.NameRange.Start.Byte - b.NameRange.Start.Byte
	})
}
