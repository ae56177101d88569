package experiment

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

var taskRules = blockRules{
	"inputs":   {labels: []string{"set"}, optional: true, required: true, many: true},
	"predict":  {labels: []string{"objective"}, required: true, many: true},
	"split":    {},
	"episodes": {},
	"batches":  {},
	"rates":    {},

	"meta_dataset": {},
	"zero_shot":    {},
}

func (l *loader) task(b *hclsyntax.Block) {
	t := Task{Plugin: b.Labels[0], Name: b.Labels[1], Rates: defaults.rates,
		Range: b.DefRange()}
	exists := func(other Task) bool { return other.Name == t.Name }
	if l.duplicate(slices.ContainsFunc(l.file.exp.Tasks, exists), b) || !l.checkName(b, 1) {
		return
	}
	t.Block = l.pluginAttributes(b, KindTask, t.Name)
	found := l.blocks(b.Body, b.DefRange(), taskRules)
	for _, i := range found["inputs"] {
		l.inputs(i, &t)
	}
	for _, p := range found["predict"] {
		l.predict(p, &t)
	}
	for _, s := range found["split"] {
		t.Split = l.split(s, t.Predicts)
	}
	for _, e := range found["episodes"] {
		t.Episodes = l.episodes(e)
	}
	for _, m := range found["meta_dataset"] {
		t.MetaDataset = l.metaDataset(m)
	}
	for _, z := range found["zero_shot"] {
		t.ZeroShot = new(defaults.zeroShot)
		t.ZeroShot.Range = z.DefRange()
		l.read(z, t.ZeroShot, nil)
	}
	for _, r := range found["rates"] {
		t.Rates.Range = r.DefRange()
		l.read(r, &t.Rates, nil)
	}
	for _, s := range found["batches"] {
		t.Batches = &Batches{Range: s.DefRange()}
		l.read(s, t.Batches, nil)
	}
	if drawn := t.drawn(); len(drawn) > 1 {
		l.report(CodeConflict, "Several ways to draw", fmt.Sprintf("A task has one of %q and %q.",
			drawn[0].block, drawn[1].block), drawn[1].at)
	}
	l.file.exp.Tasks = append(l.file.exp.Tasks, t)
}

// inputs reads lines such as tokens = "text" or tokens = ["question", "passage"]: a backbone input
// and the field that it reads, or the texts that it reads as one.
func (l *loader) inputs(b *hclsyntax.Block, t *Task) {
	set := InputSet{Name: DefaultInputSet, Range: b.DefRange()}
	if len(b.Labels) > 0 {
		if set.Name = b.Labels[0]; !l.checkName(b, 0) {
			return
		}
	}
	if slices.ContainsFunc(t.Inputs, func(o InputSet) bool { return o.Name == set.Name }) {
		l.report(CodeDuplicate, "Duplicate block", fmt.Sprintf("The inputs %q are there already.",
			set.Name), b.DefRange())
		return
	}
	l.blocks(b.Body, b.DefRange(), nil)
	var names []string
	for _, in := range l.file.exp.Backbone.Inputs {
		names = append(names, in.Name)
	}
	for _, a := range attributesInOrder(b.Body) {
		v := l.evaluate(a.Expr)
		switch {
		case !slices.Contains(names, a.Name):
			l.report(schema.CodeUnknown, "Unknown input", fmt.Sprintf("The backbone has no input "+
				"%q.%s", a.Name, schema.Hint(a.Name, names)), a.NameRange)
		case !v.IsKnown():
		default:
			fields := fieldNames(v)
			if fields == nil || len(fields) > 1 && a.Name != InputTokens {
				l.report(schema.CodeType, "Wrong type", fmt.Sprintf("%q must be the name of a field of "+
					"the task's records, or for tokens a list of different ones, got %s.", a.Name, brief(v)),
					a.Expr.Range())
				break
			}
			set.Fields = append(set.Fields, InputField{Input: a.Name, Fields: fields,
				Range: a.Expr.Range()})
		}
	}
	if len(b.Body.Attributes) == 0 {
		l.report(schema.CodeMissing, "Missing input", "The inputs block needs a line such as "+
			"tokens = \"text\": a backbone input and the field that it reads.", b.DefRange())
	}
	if len(set.Fields) > 1 {
		l.report(CodeConflict, "Several inputs", fmt.Sprintf("The set %q reads %q and %q; it reads one "+
			"of the backbone's inputs, and another set may read the other.", set.Name, set.Fields[0].Input,
			set.Fields[1].Input), set.Fields[1].Range)
	}
	slices.SortFunc(set.Fields, func(a, b InputField) int {
		return strings.Compare(a.Input, b.Input)
	})
	t.Inputs = append(t.Inputs, set)
}

// fieldNames is a name, or a list of different names; nil: it is neither.
func fieldNames(v cty.Value) []string {
	if v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	all := []cty.Value{v}
	if v.Type().IsTupleType() || v.Type().IsListType() {
		all = v.AsValueSlice()
	}
	var names []string
	for _, one := range all {
		if one.IsNull() || one.Type() != cty.String || one.AsString() == "" ||
			slices.Contains(names, one.AsString()) {
			return nil
		}
		names = append(names, one.AsString())
	}
	return names
}

func (l *loader) predict(b *hclsyntax.Block, t *Task) {
	p := defaults.predict
	p.Name, p.Range = b.Labels[0], b.DefRange()
	exists := func(other Predict) bool { return other.Name == p.Name }
	if l.duplicate(slices.ContainsFunc(t.Predicts, exists), b) || !l.checkName(b, 0) {
		return
	}
	l.read(b, &p, nil)
	p.TargetRange, p.WeightRange = attributeRange(b, "target"), attributeRange(b, "weight")
	t.Predicts = append(t.Predicts, p)
}

func (l *loader) split(b *hclsyntax.Block, predicts []Predict) *Split {
	whole := defaults.split
	s := &whole
	s.Range = b.DefRange()
	before := len(l.diags)
	l.read(b, s, nil)
	if len(l.diags) > before {
		return s
	}
	if s.By == SplitBySource {
		for _, name := range []string{"train", "validation", "test", "field"} {
			if b.Body.Attributes[name] != nil {
				l.report(CodeConflict, "Split as published", fmt.Sprintf("The data's own splits "+
					"(by = %q) cannot be changed by %q.", s.By, name), attributeRange(b, name))
			}
		}
		return s
	}
	// Fractions such as 0.6, 0.3 and 0.1 do not add up to 1 exactly in binary.
	const rounding = 1e-9
	switch sum := s.Train + s.Validation + s.Test; {
	case s.Train == 0:
		l.report(schema.CodeMissing, "Nothing to train on", "The fraction \"train\" must be given, "+
			"and above 0.", attributeRange(b, "train"))
	case math.Abs(sum-1) > rounding:
		l.report(CodeConflict, "Fractions do not add up", fmt.Sprintf("train, validation and test "+
			"add up to %.6g; they must add up to 1.", sum), b.DefRange())
	}
	if (s.By == SplitByClass || s.By == SplitBySuperclass) && s.Field == "" {
		s.Field = l.commonTarget(b, predicts)
	}
	return s
}

// commonTarget returns the field that a task predicts, which is the one that has its classes.
func (l *loader) commonTarget(b *hclsyntax.Block, predicts []Predict) string {
	field := ""
	for _, p := range predicts {
		if field != "" && p.Target != field {
			l.report(schema.CodeMissing, "Missing attribute", "The task predicts several fields: "+
				"\"field\" must say which one's classes are split.", b.DefRange())
			return ""
		}
		field = p.Target
	}
	return field
}

func (l *loader) episodes(b *hclsyntax.Block) *Episodes {
	const fewest = 2 // classes that can be told apart
	e := new(defaults.episodes)
	e.Range = b.DefRange()
	before := len(l.diags)
	l.read(b, e, nil)
	if len(l.diags) > before {
		return e
	}
	has := func(name string) bool { return b.Body.Attributes[name] != nil }
	switch {
	case has("way") && (has("min_way") || has("max_way")):
		l.report(CodeConflict, "Two kinds of way", "Episodes have either \"way\" classes or from "+
			"\"min_way\" to \"max_way\".", attributeRange(b, "way"))
	case !has("way") && !(has("min_way") && has("max_way")):
		l.report(schema.CodeMissing, "Missing attribute", "\"way\" must be given: classes in an "+
			"episode; or both \"min_way\" and \"max_way\".", b.DefRange())
	case has("way") && e.Way < fewest:
		l.report(schema.CodeRange, "Number out of range", fmt.Sprintf("\"way\" must be at least %d, "+
			"got %d.", fewest, e.Way), attributeRange(b, "way"))
	case !has("way") && e.MinWay < fewest:
		l.report(schema.CodeRange, "Number out of range", fmt.Sprintf("\"min_way\" must be at least "+
			"%d, got %d.", fewest, e.MinWay), attributeRange(b, "min_way"))
	case !has("way") && e.MaxWay < e.MinWay:
		l.report(CodeConflict, "Empty range of ways", fmt.Sprintf("max_way %d is below min_way %d.",
			e.MaxWay, e.MinWay), attributeRange(b, "max_way"))
	}
	return e
}

func (l *loader) metaDataset(b *hclsyntax.Block) *MetaDataset {
	m := new(defaults.meta)
	m.Range = b.DefRange()
	before := len(l.diags)
	l.read(b, m, nil)
	if len(l.diags) > before {
		return m
	}
	switch most := max(m.Way, m.MaxWay); {
	case m.Way == 1:
		l.report(schema.CodeRange, "Number out of range", "\"way\" must be at least 2, or 0 to have it "+
			"drawn.", attributeRange(b, "way"))
	case m.Way == 0 && m.MaxWay < m.MinWay:
		l.report(CodeConflict, "Empty range of ways", fmt.Sprintf("max_way %d is below min_way %d.",
			m.MaxWay, m.MinWay), attributeRange(b, "max_way"))
	case m.Shot == 0 && m.MaxSupport < most:
		l.report(CodeConflict, "Support too small", fmt.Sprintf("max_support %d leaves no example of "+
			"some of %d classes.", m.MaxSupport, most), attributeRange(b, "max_support"))
	case m.MaxLogWeight < m.MinLogWeight:
		l.report(CodeConflict, "Empty range of weights", fmt.Sprintf("max_log_weight %v is below "+
			"min_log_weight %v.", m.MaxLogWeight, m.MinLogWeight), attributeRange(b, "max_log_weight"))
	}
	return m
}

// A drawing is one of a task's blocks that say how its records are drawn.
type drawing struct {
	block string
	at    hcl.Range
}

// drawn are those blocks that a task has.
func (t *Task) drawn() []drawing {
	var all []drawing
	if t.Episodes != nil {
		all = append(all, drawing{"episodes", t.Episodes.Range})
	}
	if t.MetaDataset != nil {
		all = append(all, drawing{"meta_dataset", t.MetaDataset.Range})
	}
	if t.ZeroShot != nil {
		all = append(all, drawing{"zero_shot", t.ZeroShot.Range})
	}
	if t.Batches != nil {
		all = append(all, drawing{"batches", t.Batches.Range})
	}
	return all
}

// DrawnRange is the place of the block that says how the task's records are drawn, or of the task.
func (t *Task) DrawnRange() hcl.Range {
	for _, d := range t.drawn() {
		return d.at
	}
	return t.Range
}

// CheckDataset reports blocks that do not go with the kind of data that the task's plugin has,
// which is known once the plugin has opened it: a source needs one that says how to draw, a
// generator makes its own episodes and splits.
func (t *Task) CheckDataset(generator bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	refuse := func(block string, at hcl.Range) {
		diags = append(diags, Diagnostic(CodeConflict, "Generated episodes", fmt.Sprintf("The plugin "+
			"%q generates its episodes itself; the block %q cannot change them.", t.Plugin, block), at))
	}
	if !generator {
		if len(t.drawn()) == 0 {
			diags = append(diags, Diagnostic(CodeMissing, "Missing block", fmt.Sprintf("The plugin "+
				"%q has records: a block episodes { ... }, meta_dataset { ... }, zero_shot { ... } or "+
				"batches { ... } must say how to draw them.", t.Plugin), t.Range))
		}
		return diags
	}
	if t.Split != nil {
		refuse("split", t.Split.Range)
	}
	for _, d := range t.drawn() {
		refuse(d.block, d.at)
	}
	return diags
}
