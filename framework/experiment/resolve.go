package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
	"quickstudy/framework/terminal"
)

// check looks at the experiment as a whole and warns of what is declared for nothing.
func (l *loader) check() {
	exp := l.file.exp
	usedHeads, usedTokenizers, usedPlugins := map[string]bool{}, map[string]bool{}, map[PluginID]bool{}
	for _, t := range exp.Tasks {
		for _, p := range t.Predicts {
			usedHeads[p.Head] = true
		}
	}
	for _, in := range exp.Backbone.Inputs {
		usedTokenizers[in.Tokenizer] = true
	}
	for _, b := range l.file.blocks {
		usedPlugins[b.plugin] = true
	}
	unused := func(what, name, by string, at hcl.Range) {
		l.diags = append(l.diags, Warning(CodeUnused, "Never used",
			fmt.Sprintf("No %s uses the %s %q.", by, what, name), at))
	}
	l.checkWeights()
	if l.diags.HasErrors() {
		return // the user may be in the middle of writing what will use them
	}
	for _, h := range exp.Heads {
		if !usedHeads[h.Name] {
			unused("head", h.Name, "predict block", h.Range)
		}
	}
	for _, t := range exp.Tokenizers {
		if !usedTokenizers[t.Name] {
			unused("tokenizer", t.Name, "input", t.Range)
		}
	}
	for _, p := range exp.Plugins {
		if !usedPlugins[p.ID] {
			unused(string(p.ID.Kind)+" plugin", p.ID.Name, "block", p.Range)
		}
	}
}

// checkWeights refuses to train on a loss that is always zero.
func (l *loader) checkWeights() {
	exp := l.file.exp
	if exp.Train.Steps == 0 || l.diags.HasErrors() {
		return
	}
	var first *Predict
	for i := range exp.Tasks {
		for k := range exp.Tasks[i].Predicts {
			p := &exp.Tasks[i].Predicts[k]
			if p.Weight != 0 {
				return
			}
			if first == nil {
				first = p
			}
		}
	}
	if first != nil {
		l.report(CodeConflict, "Nothing to train", "The weights of all predict blocks are 0, so the "+
			"loss is 0 and nothing is trained. Give at least one a weight above 0, or set steps = 0 "+
			"in the train block to evaluate alone.", first.WeightRange)
	}
}

// tuning is the untrained block's grid until the meta-learner's schema is there.
type tuning struct {
	syntax *hclsyntax.Block
	given  cty.Value
}

// Resolve decodes the blocks of plugins against their schemas and returns the experiment, or nil
// when it or Load has found an error. Blocks of a plugin without a schema are passed over, in the
// expectation that the caller has reported why there is none; the experiment is then nil too.
func (f *File) Resolve(schemas map[PluginID]*schema.Schema) (*Experiment, hcl.Diagnostics) {
	if f.exp == nil {
		return nil, nil
	}
	exp := *f.exp
	exp.Heads, exp.Tasks = slices.Clone(exp.Heads), slices.Clone(exp.Tasks)
	var diags hcl.Diagnostics
	complete := true
	config := func(id BlockID) (cty.Value, *schema.Schema) {
		b := f.blocks[id]
		if b == nil || schemas[b.plugin] == nil {
			complete = false
			return cty.NilVal, nil
		}
		s := schemas[b.plugin]
		value, problems := s.Complete(b.given)
		diags = append(diags, f.Diagnose(id, problems)...)
		toAbsolute := func(path string) string { return absolute(f.Path, path) }
		return withPaths(value, s.Attributes, toAbsolute), s
	}
	for i := range exp.Heads {
		exp.Heads[i].Config, exp.Heads[i].schema = config(exp.Heads[i].Block)
	}
	for i := range exp.Tasks {
		exp.Tasks[i].Config, exp.Tasks[i].schema = config(exp.Tasks[i].Block)
	}
	before := len(diags)
	exp.Learner.Config, exp.Learner.schema = config(exp.Learner.Block)
	if exp.Learner.schema != nil && f.tune != nil && len(diags) == before &&
		f.blocks[exp.Learner.Block].given.IsWhollyKnown() {
		untrained := *exp.Evaluate.Untrained
		untrained.Tune = f.tune.grids(exp.Learner, &diags)
		exp.Evaluate.Untrained = &untrained
	}
	if diags = Sorted(diags); diags.HasErrors() || !f.valid || !complete {
		return nil, diags
	}
	return &exp, diags
}

// grids checks each value of the grid in its attribute's place.
func (t *tuning) grids(learner Learner, diags *hcl.Diagnostics) []Grid {
	report := func(p schema.Problem) {
		*diags = append(*diags, problemDiagnostic(p, locate(t.syntax, p)))
	}
	wrong := func(path, detail string) {
		report(schema.Problem{Path: path, Code: schema.CodeType, Summary: "Wrong type", Detail: detail})
	}
	if !t.given.IsKnown() {
		return nil
	}
	if t.given.IsNull() || !t.given.Type().IsObjectType() {
		wrong(".tune", "\"tune\" must be an object of lists, such as { name = [1, 2] }.")
		return nil
	}
	var grids []Grid
	lists := t.given.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		list, path := lists[name], schema.FormatPath(cty.GetAttrPath("tune").GetAttr(name))
		if !list.IsKnown() {
			continue
		}
		ty := list.Type()
		if list.IsNull() || !ty.IsTupleType() && !ty.IsListType() || list.LengthInt() == 0 {
			wrong(path, fmt.Sprintf("%q must be a list of the values to try.", name))
			continue
		}
		grid := Grid{Attribute: name}
		for i, v := range list.AsValueSlice() {
			variant, problems := learner.With(map[string]cty.Value{name: v})
			for _, p := range problems {
				if p.Code == schema.CodeUnknown && p.Path == schema.FormatPath(cty.GetAttrPath(name)) {
					if i == 0 {
						p.Path = path
						report(p)
					}
					continue
				}
				own := strings.TrimPrefix(p.Path, schema.FormatPath(cty.GetAttrPath(name)))
				p.Path = fmt.Sprintf("%s[%d]%s", path, i, own)
				report(p)
			}
			if !schema.HasErrors(problems) {
				grid.Values = append(grid.Values, variant.Config.GetAttr(name))
			}
		}
		grids = append(grids, grid)
	}
	return grids
}

// Limits on what a plugin may say about one block.
const (
	maxProblems = 100
	maxSummary  = 200
	maxDetail   = 4000
)

// Diagnose converts problems that a plugin has found in the configuration of a block into
// diagnostics at the places in the file. A path that goes on within a value computed elsewhere, as
// by a variable, ends at the expression; the text then says the whole path. What a plugin writes is
// cut to a sane length and cleaned of control characters.
func (f *File) Diagnose(id BlockID, problems []schema.Problem) hcl.Diagnostics {
	b := f.blocks[id]
	var diags hcl.Diagnostics
	for i, p := range problems {
		if i == maxProblems {
			p = schema.Problem{Code: schema.CodePlugin, Summary: "More problems",
				Detail: fmt.Sprintf("%d more are not shown.", len(problems)-i)}
		}
		p.Summary, p.Detail = shown(p.Summary, maxSummary), shown(p.Detail, maxDetail)
		if p.Code = shown(p.Code, maxSummary); p.Code == "" {
			p.Code = schema.CodePlugin
		}
		path, err := schema.ParsePath(p.Path)
		if err != nil {
			p.Detail += fmt.Sprintf(" (the plugin named the place %q)", shown(p.Path, maxSummary))
		} else if len(path) > 1 {
			p.Detail += fmt.Sprintf(" (at %s)", shown(p.Path, maxSummary))
		}
		at := hcl.Range{Filename: f.Path, Start: hcl.InitialPos, End: hcl.InitialPos}
		if b != nil {
			at = locate(b.syntax, p)
		}
		diags = append(diags, problemDiagnostic(p, at))
		if i == maxProblems {
			break
		}
	}
	return diags
}

// shown is text of a plugin, cut and safe to print.
func shown(text string, longest int) string { return terminal.Text(terminal.Cut(text, longest)) }
