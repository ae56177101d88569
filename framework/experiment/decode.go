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
)

var topRules = blockRules{
	"plugins":    {},
	"variable":   {labels: []string{"name"}, many: true},
	"locals":     {many: true},
	"tokenizer":  {labels: []string{"name"}, many: true},
	"experiment": {labels: []string{"name"}, required: true},
}

// all reads a whole file. It is the part of Load that runs within a budget.
func (l *loader) all(body *hclsyntax.Body, sets []assignment) {
	start := hcl.Range{Filename: l.file.Path, Start: hcl.InitialPos, End: hcl.InitialPos}
	for _, a := range attributesInOrder(body) {
		l.report(schema.CodeUnknown, "Unknown attribute", fmt.Sprintf("%q is outside of all "+
			"blocks; a value to use in several places goes into locals { ... }.", a.Name),
			a.NameRange)
	}
	top := l.blocks(body, start, topRules)
	values := l.variables(top["variable"], sets)
	l.known["var"] = slices.Sorted(maps.Keys(values))
	l.ctx.Variables["var"] = cty.ObjectVal(values)
	l.locals(top["locals"])

	exp := &Experiment{}
	l.file.exp = exp
	for _, b := range top["plugins"] {
		l.plugins(b)
	}
	for _, b := range top["tokenizer"] {
		l.tokenizer(b)
	}
	for _, b := range top["experiment"] {
		l.experiment(b)
		l.check()
	}
}

var pluginsRules = blockRules{
	string(KindTask):    {labels: []string{"name"}, many: true},
	string(KindHead):    {labels: []string{"name"}, many: true},
	string(KindLearner): {labels: []string{"name"}, many: true},
}

type pluginEntry struct {
	Source  string `config:"source,required" doc:"a folder, a binary or a plugin's name"`
	Timeout int    `config:"timeout" doc:"longest time to answer one call" unit:"s" min:"1" max:"86400"`
}

func (l *loader) plugins(b *hclsyntax.Block) {
	found := l.read(b, &struct{}{}, pluginsRules)
	for _, kind := range []PluginKind{KindTask, KindHead, KindLearner} {
		for _, p := range found[string(kind)] {
			id := PluginID{Kind: kind, Name: p.Labels[0]}
			if l.duplicate(l.plugin(id) != nil, p) || !l.checkName(p, 0) {
				continue
			}
			entry := defaults.plugin
			l.read(p, &entry, nil)
			use := Plugin{ID: id, Source: entry.Source, Timeout: entry.Timeout, Range: p.DefRange()}
			use.Lookup = !strings.ContainsAny(entry.Source, `/\`) &&
				!strings.HasPrefix(entry.Source, ".")
			if !use.Lookup {
				use.Source = absolute(l.file.Path, entry.Source)
			}
			l.file.exp.Plugins = append(l.file.exp.Plugins, use)
		}
	}
}

func (l *loader) plugin(id PluginID) *Plugin {
	for i := range l.file.exp.Plugins {
		if l.file.exp.Plugins[i].ID == id {
			return &l.file.exp.Plugins[i]
		}
	}
	return nil
}

const tokenizerBytes = "bytes"

// trainedAttributes are those of tokenizers whose vocabulary is trained.
var trainedAttributes = []string{"size", "lowercase", "min_count"}

// fixed reports whether there is no vocabulary to be made.
func (t Tokenizer) fixed() bool {
	return t.Kind == tokenizerBytes || t.From != "" || t.File != ""
}

func (l *loader) tokenizer(b *hclsyntax.Block) {
	name := b.Labels[0]
	if l.duplicate(slices.Contains(l.known["tokenizer"], name), b) || !l.checkName(b, 0) {
		return
	}
	l.known["tokenizer"] = append(l.known["tokenizer"], name)
	t := defaults.tokenizer
	t.Name, t.Range = name, b.DefRange()
	l.read(b, &t, nil)
	l.tokenizerOrigin(b)
	if t.fixed() {
		if b.Body.Attributes["kind"] == nil {
			t.Kind = "" // that of the file or the run
		}
		t = Tokenizer{Name: name, Kind: t.Kind, From: t.From, File: t.File, Range: t.Range}
		of := "bytes"
		switch {
		case t.File != "":
			of = "a file"
		case t.From != "":
			of = "a run"
		}
		for _, attribute := range trainedAttributes {
			if a := b.Body.Attributes[attribute]; a != nil {
				l.report(CodeConflict, "Fixed vocabulary", fmt.Sprintf("The vocabulary of %s is "+
					"fixed and cannot be changed by %q.", of, attribute), a.NameRange)
			}
		}
	}
	l.file.exp.Tokenizers = append(l.file.exp.Tokenizers, t)
}

// tokenizerOrigin reports a tokenizer that comes from several places.
func (l *loader) tokenizerOrigin(b *hclsyntax.Block) {
	given := b.Body.Attributes
	switch kind, from, file := given["kind"], given["from"], given["file"]; {
	case file != nil && from != nil:
		l.report(CodeConflict, "Tokenizer of two origins", `It comes from a file or from a run; give `+
			`"file" or "from".`, from.NameRange)
	case file != nil && kind != nil:
		l.report(CodeConflict, "Kind of a file's tokenizer", `What a token is, the file says: leave `+
			`"kind" out.`, kind.NameRange)
	}
}

var experimentRules = blockRules{
	"init":        {},
	"backbone":    {labels: []string{"name"}, required: true},
	"head":        {labels: []string{"plugin", "name"}, required: true, many: true},
	"task":        {labels: []string{"plugin", "name"}, required: true, many: true},
	"metalearner": {labels: []string{"plugin"}, required: true},
	"sampling":    {},
	"train":       {required: true},
	"evaluate":    {},
}

func (l *loader) experiment(b *hclsyntax.Block) {
	exp := l.file.exp
	exp.Name, exp.Range = b.Labels[0], b.DefRange()
	l.checkName(b, 0)
	e := defaults.evaluate
	e.Range, e.EveryRange, e.InnerStepsRange, e.RowsRange = b.DefRange(), b.DefRange(), b.DefRange(),
		b.DefRange()
	exp.Evaluate, exp.Sampling = e, defaults.sampling
	found := l.read(b, exp, experimentRules)
	l.known["head"] = nil
	for _, h := range found["head"] {
		l.head(h)
	}
	for _, i := range found["init"] {
		before := len(l.diags)
		exp.Init = &Init{Range: i.DefRange()}
		l.read(i, exp.Init, nil)
		if exp.Init.From == "" && len(l.diags) == before {
			exp.Init = nil
			continue
		}
		exp.Init.From = absolute(l.file.Path, exp.Init.From)
	}
	for _, t := range found["backbone"] {
		l.backbone(t)
	}
	for _, t := range found["task"] {
		l.task(t)
	}
	for _, s := range found["sampling"] {
		l.sampling(s)
	}
	for _, m := range found["metalearner"] {
		l.learner(m)
	}
	for _, t := range found["train"] {
		l.train(t)
	}
	for _, e := range found["evaluate"] {
		l.evaluation(e)
	}
}

// sampling reads how the tasks, which are known by now, share the steps.
func (l *loader) sampling(b *hclsyntax.Block) {
	s := defaults.sampling
	s.Range = b.DefRange()
	before := len(l.diags)
	l.read(b, &s, nil)
	exp := l.file.exp
	exp.Sampling = s
	if len(l.diags) > before {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(samplingRules)) {
		if rules := samplingRules[name]; b.Body.Attributes[name] != nil &&
			!slices.Contains(rules, s.Rule) {
			l.report(CodeConflict, "Attribute of another rule", fmt.Sprintf("%q goes with rule = %s.",
				name, schema.OrList(rules)), attributeRange(b, name))
		}
	}
	if len(l.diags) == before && s.Rule == SampleWeighted {
		l.checkTaskWeights(s, attributeRange(b, "weights"))
	}
}

// samplingRules are the rules that an attribute of the sampling block goes with.
var samplingRules = map[string][]string{
	"cap":         {SampleProportional, SampleTemperature},
	"temperature": {SampleTemperature},
	"weights":     {SampleWeighted},
}

// checkTaskWeights: every task has a weight of its own, and not all are 0.
func (l *loader) checkTaskWeights(s Sampling, at hcl.Range) {
	sum, before := 0.0, len(l.diags)
	var names []string
	for _, t := range l.file.exp.Tasks {
		names = append(names, t.Name)
		w, given := s.Weights[t.Name]
		if !given {
			l.report(schema.CodeMissing, "Missing weight", fmt.Sprintf("The task %q has no weight; one "+
				"of 0 leaves it out of training.", t.Name), at)
		}
		if w < 0 {
			l.report(schema.CodeRange, "Number out of range", fmt.Sprintf("The weight of %q must be at "+
				"least 0, got %v.", t.Name, w), at)
		}
		sum += w
	}
	for _, name := range slices.Sorted(maps.Keys(s.Weights)) {
		if !slices.Contains(names, name) {
			l.report(CodeReference, "Unknown name", fmt.Sprintf("There is no task %q.%s", name,
				schema.Hint(name, names)), at)
		}
	}
	if sum == 0 && len(l.diags) == before {
		l.report(CodeConflict, "Nothing to train", "The weights of all tasks are 0.", at)
	}
}

// pluginAttributes evaluates the attributes of a block that a plugin stands behind, and keeps them
// until the plugin's schema is there.
func (l *loader) pluginAttributes(b *hclsyntax.Block, kind PluginKind, name string) BlockID {
	plugin := PluginID{Kind: kind, Name: b.Labels[0]}
	if l.plugin(plugin) == nil {
		var names []string
		for _, p := range l.file.exp.Plugins {
			if p.ID.Kind == kind {
				names = append(names, p.ID.Name)
			}
		}
		l.report(CodePlugin, "Unknown plugin", fmt.Sprintf("The plugins block has no %s.%s", plugin,
			schema.Hint(plugin.Name, names)), b.LabelRanges[0])
	}
	id := BlockID{Kind: kind, Name: name}
	l.file.blocks[id] = &pluginBlock{plugin: plugin, syntax: b, given: l.given(b.Body, false)}
	return id
}

func (l *loader) head(b *hclsyntax.Block) {
	name := b.Labels[1]
	if l.duplicate(slices.Contains(l.known["head"], name), b) || !l.checkName(b, 1) {
		return
	}
	l.known["head"] = append(l.known["head"], name)
	l.blocks(b.Body, b.DefRange(), nil)
	l.file.exp.Heads = append(l.file.exp.Heads, Head{
		Plugin: b.Labels[0], Name: name, Range: b.DefRange(),
		Block: l.pluginAttributes(b, KindHead, name),
	})
}

var learnerRules = blockRules{"optimizer": {labels: []string{"kind"}}, "adaptation": {}}

func (l *loader) learner(b *hclsyntax.Block) {
	name := b.Labels[0]
	learner := Learner{Plugin: name, Range: b.DefRange(),
		Block: l.pluginAttributes(b, KindLearner, name)}
	nested := l.blocks(b.Body, b.DefRange(), learnerRules)
	for _, o := range nested["optimizer"] {
		learner.Optimizer = l.optimizer(o)
	}
	for _, a := range nested["adaptation"] {
		learner.Adaptation = &Adaptation{Range: a.DefRange()}
		l.read(a, learner.Adaptation, nil)
	}
	l.file.exp.Learner = learner
}

func (l *loader) optimizer(b *hclsyntax.Block) *Optimizer {
	kind := b.Labels[0]
	o := &Optimizer{Kind: kind, Range: b.DefRange()}
	l.blocks(b.Body, b.DefRange(), nil)
	s, err := optimizerSchema(kind)
	if err != nil || s == nil {
		l.report(schema.CodeChoice, "Unknown optimizer", fmt.Sprintf("There is no optimizer %q.%s",
			kind, schema.Hint(kind, optimizerNames())), b.LabelRanges[0])
		return o
	}
	given := l.given(b.Body, true)
	value, problems := s.Complete(given)
	for _, p := range problems {
		l.diags = append(l.diags, problemDiagnostic(p, locate(b, p)))
	}
	if !schema.HasErrors(problems) && given.IsWhollyKnown() {
		l.decode(b, value, o, nil)
	}
	return o
}

func (l *loader) train(b *hclsyntax.Block) {
	t := defaults.train
	t.Range = b.DefRange()
	var except []string
	if a := b.Body.Attributes["micro_batch"]; a != nil && hcl.ExprAsKeyword(a.Expr) == auto {
		except = append(except, a.Name)
	}
	l.read(b, &t, nil, except...)
	l.file.exp.Train = t
}

// auto is written for a number that is to be chosen.
const auto = "auto"

var evaluateRules = blockRules{"untrained": {}}

func (l *loader) evaluation(b *hclsyntax.Block) {
	e := l.file.exp.Evaluate
	e.Range = b.DefRange()
	for _, u := range l.read(b, &e, evaluateRules)["untrained"] {
		e.Untrained = &Untrained{Range: u.DefRange(), TuneRange: attributeRange(u, "tune")}
		l.read(u, &struct{}{}, nil, "tune")
		if a := u.Body.Attributes["tune"]; a != nil {
			l.file.tune = &tuning{syntax: u, given: l.evaluate(a.Expr)}
		}
	}
	e.EveryRange, e.RowsRange = attributeRange(b, "every"), attributeRange(b, "rows")
	e.InnerStepsRange = attributeRange(b, "inner_steps")
	for i := 1; i < len(e.InnerSteps); i++ {
		if e.InnerSteps[i-1] >= e.InnerSteps[i] {
			l.report(CodeConflict, "Steps do not ascend", fmt.Sprintf("inner_steps must ascend, but "+
				"%d comes after %d.", e.InnerSteps[i], e.InnerSteps[i-1]), e.InnerStepsRange)
			break
		}
	}
	l.checkEvaluated(e.Tasks, attributeRange(b, "tasks"))
	for i, row := range e.Rows {
		if slices.Contains(e.Rows[:i], row) {
			l.report(CodeDuplicate, "Duplicate row", fmt.Sprintf("rows has %q twice.", row), e.RowsRange)
			break
		}
	}
	l.file.exp.Evaluate = e
}

// checkEvaluated: what is evaluated are tasks of the experiment, which are known by now.
func (l *loader) checkEvaluated(tasks []string, at hcl.Range) {
	var names []string
	for _, t := range l.file.exp.Tasks {
		names = append(names, t.Name)
	}
	for i, name := range tasks {
		switch {
		case !slices.Contains(names, name):
			l.report(CodeReference, "Unknown name", fmt.Sprintf("There is no task %q.%s", name,
				schema.Hint(name, names)), at)
		case slices.Contains(tasks[:i], name):
			l.report(CodeDuplicate, "Duplicate task", fmt.Sprintf("tasks has %q twice.", name), at)
		}
	}
}

// attributeRange is the place of an attribute's value, or of the block when it is not given.
func attributeRange(b *hclsyntax.Block, name string) hcl.Range {
	if a := b.Body.Attributes[name]; a != nil {
		return a.Expr.Range()
	}
	return b.DefRange()
}
