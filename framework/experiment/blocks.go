package experiment

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// A blockRule says how one type of block is written within another.
type blockRule struct {
	labels   []string // what each label is, for messages
	optional bool     // the last label may be left out
	required bool     // at least one
	many     bool     // more than one
}

type blockRules map[string]blockRule

// blocks returns the blocks of a body by type, having reported those against the rules. The blocks
// returned have all their labels; of a type that is not many, only the first is.
func (l *loader) blocks(body *hclsyntax.Body, owner hcl.Range,
	rules blockRules) map[string][]*hclsyntax.Block {
	types := slices.Sorted(maps.Keys(rules))
	found := map[string][]*hclsyntax.Block{}
	seen := map[string]bool{}
	for _, b := range body.Blocks {
		if _, known := rules[b.Type]; !known {
			// Go on as if the nearest type had been written: one message for one typo.
			near := l.unknownBlock(b, types)
			if near == "" || seen[near] && !rules[near].many {
				continue
			}
			b = &hclsyntax.Block{Type: near, Labels: b.Labels, Body: b.Body, TypeRange: b.TypeRange,
				LabelRanges: b.LabelRanges, OpenBraceRange: b.OpenBraceRange,
				CloseBraceRange: b.CloseBraceRange}
		}
		rule := rules[b.Type]
		switch missing := len(rule.labels) - len(b.Labels); {
		case missing < 0 || missing > 1 || missing == 1 && !rule.optional:
			l.report(CodeBlock, "Wrong number of labels", fmt.Sprintf("This block is written %s.",
				header(b.Type, rule)), b.DefRange())
		case seen[b.Type] && !rule.many:
			l.report(CodeDuplicate, "Duplicate block",
				fmt.Sprintf("Only one block %q can be here.", b.Type), b.DefRange())
		default:
			found[b.Type] = append(found[b.Type], b)
		}
		seen[b.Type] = true
	}
	for _, t := range types {
		if rules[t].required && !seen[t] && body.Attributes[t] == nil {
			l.report(CodeMissing, "Missing block", fmt.Sprintf("A block %s { ... } must be here.",
				header(t, rules[t])), owner)
		}
	}
	return found
}

// unknownBlock reports a block that cannot be here, and returns the nearest type that can.
func (l *loader) unknownBlock(b *hclsyntax.Block, types []string) string {
	near := schema.Nearest(b.Type, types)
	detail := fmt.Sprintf("There is no block %q here.%s", b.Type, schema.Hint(b.Type, types))
	if near == "" {
		detail += fmt.Sprintf(" An attribute is written with =, as in %s = { ... }.", b.Type)
	}
	l.report(CodeBlock, "Unknown block", detail, b.TypeRange)
	return near
}

func header(blockType string, rule blockRule) string {
	for _, label := range rule.labels {
		blockType += fmt.Sprintf(" \"<%s>\"", label)
	}
	return blockType
}

// read decodes a block of the core into a struct with config tags, whose values are the defaults,
// and returns its nested blocks. The attributes in except are left to the caller.
func (l *loader) read(b *hclsyntax.Block, into any, rules blockRules,
	except ...string) map[string][]*hclsyntax.Block {
	l.decode(b, l.given(b.Body, true, except...), into, rules)
	return l.blocks(b.Body, b.DefRange(), rules)
}

// decode stores the value given for a block, reporting problems at their places.
func (l *loader) decode(b *hclsyntax.Block, given cty.Value, into any, rules blockRules) {
	for _, p := range schema.Decode(given, into) {
		if path, err := schema.ParsePath(p.Path); err == nil && len(path) == 1 {
			name, _ := path[0].(cty.GetAttrStep)
			if rule, ok := rules[name.Name]; ok {
				p.Detail = fmt.Sprintf("%q is a block, written without =: %s { ... }.", name.Name,
					header(name.Name, rule))
			}
		}
		l.diags = append(l.diags, problemDiagnostic(p, locate(b, p)))
	}
}

// duplicate reports a block whose labels exist already.
func (l *loader) duplicate(exists bool, b *hclsyntax.Block) bool {
	if exists {
		l.report(CodeDuplicate, "Duplicate block", fmt.Sprintf("There is a %s %q already.", b.Type,
			b.Labels[len(b.Labels)-1]), b.DefRange())
	}
	return exists
}

// checkName reports a label that cannot be part of references, addresses and file names.
func (l *loader) checkName(b *hclsyntax.Block, label int) bool {
	const longest = 64
	name := b.Labels[label]
	if !hclsyntax.ValidIdentifier(name) || len(name) > longest {
		l.report(CodeName, "Invalid name", fmt.Sprintf("%q must start with a letter and go on with "+
			"letters, digits, _ and -, at most %d bytes.", name, longest), b.LabelRanges[label])
		return false
	}
	return true
}

// locate finds the place in a block that a problem is about: the innermost expression on its path,
// the name of an attribute that should not be there, or else the block's header.
func locate(b *hclsyntax.Block, p schema.Problem) hcl.Range {
	path, err := schema.ParsePath(p.Path)
	if err != nil || len(path) == 0 {
		return b.DefRange()
	}
	attribute := b.Body.Attributes[stepName(path[0])]
	if attribute == nil {
		return b.DefRange()
	}
	if len(path) == 1 && p.Code == schema.CodeUnknown {
		return attribute.NameRange
	}
	var expr hclsyntax.Expression = attribute.Expr
	for i, step := range path[1:] {
		item, inner := child(expr, step)
		if inner == nil {
			break
		}
		if expr = inner; i == len(path)-2 && p.Code == schema.CodeUnknown && item != nil {
			expr = item
		}
	}
	return expr.Range()
}

func stepName(step cty.PathStep) string {
	switch step := step.(type) {
	case cty.GetAttrStep:
		return step.Name
	case cty.IndexStep:
		if step.Key.Type() == cty.String {
			return step.Key.AsString()
		}
	}
	return ""
}

// child returns the expression one step further, and its key when it is in an object.
func child(expr hclsyntax.Expression, step cty.PathStep) (key, value hclsyntax.Expression) {
	for {
		inner, ok := expr.(*hclsyntax.ParenthesesExpr)
		if !ok {
			break
		}
		expr = inner.Expression
	}
	switch expr := expr.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range expr.Items {
			k, diags := item.KeyExpr.Value(nil)
			if !diags.HasErrors() && k.IsKnown() && !k.IsNull() && k.Type() == cty.String &&
				k.AsString() == stepName(step) {
				return item.KeyExpr, item.ValueExpr
			}
		}
	case *hclsyntax.TupleConsExpr:
		index, ok := step.(cty.IndexStep)
		if ok && index.Key.Type() == cty.Number {
			i, _ := index.Key.AsBigFloat().Int64()
			if i >= 0 && i < int64(len(expr.Exprs)) {
				return nil, expr.Exprs[i]
			}
		}
	}
	return nil, nil
}
