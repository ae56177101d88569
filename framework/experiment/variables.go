package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"quickstudy/framework/schema"
)

// EnvPrefix starts the names of environment variables that set variables.
const EnvPrefix = "RUNNER_VAR_"

// An assignment gives a variable a value from outside the experiment file.
type assignment struct {
	name string
	expr hclsyntax.Expression // nil when text is no expression, and so a string
	text string               // as it was typed; "" when it comes from a file
	at   hcl.Range
	lax  bool // from the environment, where others have variables too
}

// varFile reads the assignments of a file.
func (l *loader) varFile(path string) ([]assignment, hcl.Diagnostics) {
	body, diags := l.open(path)
	if diags.HasErrors() {
		return nil, diags
	}
	for _, b := range body.Blocks {
		diags = append(diags, Diagnostic(CodeBlock, "Unknown block",
			"A file of variables has only lines name = value.", b.DefRange()))
	}
	var sets []assignment
	for _, a := range attributesInOrder(body) {
		sets = append(sets, assignment{name: a.Name, expr: a.Expr, at: a.NameRange})
	}
	return sets, diags
}

// varFlags reads assignments of the form name=value from the command line.
func (l *loader) varFlags(flags []string) ([]assignment, hcl.Diagnostics) {
	var sets []assignment
	var diags hcl.Diagnostics
	for _, flag := range flags {
		name, text, ok := strings.Cut(flag, "=")
		if !ok {
			diags = append(diags, Diagnostic(CodeVariable, "Variable without a value",
				fmt.Sprintf("-var %s: expected name=value.", flag), hcl.Range{}))
			continue
		}
		sets = append(sets, l.assignment(strings.TrimSpace(name), text, "-var "+name))
	}
	return sets, diags
}

// environment reads the assignments among environment variables.
func (l *loader) environment(env []string) []assignment {
	var sets []assignment
	for _, entry := range env {
		key, text, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(key, EnvPrefix); ok && name != "" {
			a := l.assignment(name, text, key)
			a.lax = true
			sets = append(sets, a)
		}
	}
	slices.SortStableFunc(sets, func(a, b assignment) int { return strings.Compare(a.name, b.name) })
	return sets
}

// assignment makes one from text that is an expression or, where it is none, a string. Its source
// is kept under origin, so that diagnostics can show it.
func (l *loader) assignment(name, text, origin string) assignment {
	origin = "<" + origin + ">"
	l.file.sources[origin] = &hcl.File{Bytes: []byte(text)}
	a := assignment{name: name, text: text}
	a.at = hcl.Range{Filename: origin, Start: hcl.InitialPos, End: hcl.InitialPos}
	a.at.End.Byte += len(text)
	if scan([]byte(text), origin, hcl.InitialPos).HasErrors() {
		return a
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), origin, hcl.InitialPos)
	if !diags.HasErrors() && len(expr.Variables()) == 0 {
		a.expr = expr
	}
	return a
}

// variable is the declaration of one.
type variable struct {
	name     string
	typ      cty.Type
	defaults *typeexpr.Defaults
	value    cty.Value // cty.NilVal before it has one
	at       hcl.Range
}

type variableBlock struct {
	Description string `config:"description" doc:"what the variable is for"`
}

// variables evaluates the variable blocks with what was assigned to them.
func (l *loader) variables(blocks []*hclsyntax.Block, sets []assignment) map[string]cty.Value {
	declared := map[string]*variable{}
	var names []string
	for _, b := range blocks {
		name := b.Labels[0]
		if l.duplicate(declared[name] != nil, b) || !l.checkName(b, 0) {
			continue
		}
		declared[name] = l.declaration(b)
		names = append(names, name)
	}
	for _, set := range sets {
		v := declared[set.name]
		switch {
		case v != nil:
			l.assign(v, set)
		case !set.lax:
			l.report(CodeVariable, "Unknown variable", fmt.Sprintf("There is no variable %q.%s",
				set.name, schema.Hint(set.name, names)), set.at)
		}
	}
	values := map[string]cty.Value{}
	for _, name := range names {
		v := declared[name]
		if v.value == cty.NilVal {
			l.report(CodeVariable, "Variable without a value", fmt.Sprintf("%q has no default, so "+
				"it must be set: -var %s=..., or %s%s in the environment.", name, name, EnvPrefix,
				name), v.at)
			v.value = cty.DynamicVal
		}
		values[name] = v.value
	}
	return values
}

func (l *loader) declaration(b *hclsyntax.Block) *variable {
	v := &variable{name: b.Labels[0], typ: cty.DynamicPseudoType, at: b.DefRange()}
	if a := b.Body.Attributes["type"]; a != nil {
		t, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		l.diags = append(l.diags, coded(diags, CodeVariable)...)
		if !diags.HasErrors() {
			v.typ, v.defaults = t, defaults
		}
	}
	l.read(b, &variableBlock{}, nil, "type", "default")
	if a := b.Body.Attributes["default"]; a != nil {
		value := l.evaluate(a.Expr)
		l.set(v, value, a.Expr.Range())
		if v.typ == cty.DynamicPseudoType && value.IsKnown() && value.Type().IsPrimitiveType() {
			v.typ = value.Type()
		}
	}
	return v
}

// assign evaluates an assignment. A variable of type string takes text as it is.
func (l *loader) assign(v *variable, set assignment) {
	if set.expr == nil || v.typ == cty.String && set.text != "" {
		l.set(v, cty.StringVal(set.text), set.at)
		return
	}
	l.set(v, l.evaluate(set.expr), set.at)
}

func (l *loader) set(v *variable, value cty.Value, at hcl.Range) {
	if v.defaults != nil && value.IsKnown() && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	// Text and numbers are not converted into each other: "5" for a number is a mistake.
	if value.IsKnown() && !value.IsNull() && v.typ.IsPrimitiveType() && value.Type() != v.typ {
		l.report(CodeVariable, "Wrong type of variable", fmt.Sprintf("%q must be a %s, got %s.",
			v.name, v.typ.FriendlyName(), brief(value)), at)
		v.value = cty.DynamicVal
		return
	}
	converted, err := convert.Convert(value, v.typ)
	if err != nil {
		l.report(CodeVariable, "Wrong type of variable", fmt.Sprintf("%q must be a %s: %v.", v.name,
			v.typ.FriendlyName(), err), at)
		converted = cty.DynamicVal
	}
	v.value = converted
}

// locals evaluates all attributes of locals blocks, each after those it refers to.
func (l *loader) locals(blocks []*hclsyntax.Block) {
	expressions := map[string]*hclsyntax.Attribute{}
	var names []string
	for _, b := range blocks {
		l.blocks(b.Body, b.DefRange(), nil)
		for _, a := range attributesInOrder(b.Body) {
			if expressions[a.Name] != nil {
				l.report(CodeDuplicate, "Duplicate local value",
					fmt.Sprintf("local.%s is set already.", a.Name), a.NameRange)
				continue
			}
			expressions[a.Name] = a
			names = append(names, a.Name)
		}
	}
	l.known["local"] = names
	values := map[string]cty.Value{}
	l.ctx.Variables["local"] = cty.EmptyObjectVal
	var visiting []string
	var visit func(name string)
	visit = func(name string) {
		if i := slices.Index(visiting, name); i >= 0 {
			cycle := append(slices.Clone(visiting[i:]), name)
			l.report(CodeCycle, "Local values need each other",
				"local."+strings.Join(cycle, " -> local.")+".", expressions[name].NameRange)
			for _, member := range visiting[i:] {
				values[member] = cty.DynamicVal
			}
			l.ctx.Variables["local"] = cty.ObjectVal(values)
			return
		}
		if _, done := values[name]; done || expressions[name] == nil {
			return
		}
		visiting = append(visiting, name)
		for _, needed := range localsOf(expressions[name].Expr) {
			visit(needed)
		}
		visiting = visiting[:len(visiting)-1]
		if _, cyclic := values[name]; !cyclic {
			values[name] = l.evaluate(expressions[name].Expr)
		}
		l.ctx.Variables["local"] = cty.ObjectVal(values)
	}
	for _, name := range names {
		visit(name)
	}
}

func localsOf(expr hclsyntax.Expression) []string {
	var names []string
	for _, t := range expr.Variables() {
		if attr, ok := second(t); ok && t.RootName() == "local" {
			names = append(names, attr.Name)
		}
	}
	return names
}

func second(t hcl.Traversal) (hcl.TraverseAttr, bool) {
	if len(t) < 2 {
		return hcl.TraverseAttr{}, false
	}
	attr, ok := t[1].(hcl.TraverseAttr)
	return attr, ok
}
