package experiment

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// Resolved writes an experiment as a file in canonical layout: every default is filled in,
// variables and locals are replaced by their values, and paths are absolute, so that the file means
// the same anywhere. Loading it gives an equal experiment but for Range fields.
func Resolved(exp *Experiment) []byte {
	w := &writer{}
	w.block("plugins", nil, func() {
		for _, p := range exp.Plugins {
			w.block(string(p.ID.Kind), []string{p.ID.Name}, func() {
				w.line("source", Expression(cty.StringVal(p.Source)))
				w.line("timeout", fmt.Sprint(p.Timeout))
			})
		}
	})
	for _, t := range exp.Tokenizers {
		absent := map[string]string{}
		for name, value := range map[string]string{"kind": t.Kind, "from": t.From, "file": t.File} {
			if value == "" {
				absent[name] = ""
			}
		}
		if t.fixed() {
			for _, name := range trainedAttributes {
				absent[name] = ""
			}
		}
		w.block("tokenizer", []string{t.Name}, func() { w.fields(t, absent) })
	}
	w.block("experiment", []string{exp.Name}, func() { w.experiment(exp) })
	return hclwrite.Format(w.out.Bytes())
}

type writer struct{ out bytes.Buffer }

func (w *writer) experiment(exp *Experiment) {
	w.fields(*exp, nil)
	if exp.Init != nil {
		w.block("init", nil, func() { w.fields(*exp.Init, nil) })
	}
	w.block("backbone", []string{exp.Backbone.Name}, func() {
		absent := map[string]string{}
		if exp.Backbone.Kind == kindMLP {
			for _, name := range notMLP {
				absent[name] = ""
			}
		}
		w.fields(exp.Backbone, absent)
		for _, in := range exp.Backbone.Inputs {
			w.block("input", []string{in.Name}, func() {
				if in.Image != nil {
					w.fields(*in.Image, nil)
					return
				}
				if in.Tokenizer != "" {
					w.line("tokenizer", "tokenizer."+in.Tokenizer)
				}
				if in.Features != 0 {
					w.line("features", fmt.Sprint(in.Features))
				}
				w.line("max_length", fmt.Sprint(in.MaxLength))
				w.line("truncate", fmt.Sprint(in.Truncate))
			})
		}
		for _, a := range exp.Backbone.Adapters {
			absent := map[string]string{}
			if a.Rank == 0 {
				absent["rank"] = ""
			}
			if a.Scale == 0 {
				absent["scale"] = ""
			}
			w.block("adapter", []string{a.Kind}, func() { w.fields(a, absent) })
		}
		if e := exp.Backbone.Experts; e != nil {
			w.block("experts", nil, func() { w.fields(*e, nil) })
		}
	})
	for _, h := range exp.Heads {
		w.block("head", []string{h.Plugin, h.Name}, func() { w.values(h.schema, h.Config) })
	}
	for _, t := range exp.Tasks {
		w.block("task", []string{t.Plugin, t.Name}, func() { w.task(t) })
	}
	w.block("sampling", nil, func() {
		absent := map[string]string{}
		for name, rules := range samplingRules {
			if !slices.Contains(rules, exp.Sampling.Rule) {
				absent[name] = ""
			}
		}
		w.fields(exp.Sampling, absent)
	})
	w.block("metalearner", []string{exp.Learner.Plugin}, func() {
		w.values(exp.Learner.schema, exp.Learner.Config)
		if o := exp.Learner.Optimizer; o != nil {
			w.block("optimizer", []string{o.Kind}, func() { w.optimizer(o) })
		}
		if a := exp.Learner.Adaptation; a != nil {
			w.block("adaptation", nil, func() { w.fields(*a, nil) })
		}
	})
	w.block("train", nil, func() {
		replace := map[string]string{}
		if exp.Train.MicroBatch == 0 {
			replace["micro_batch"] = auto
		}
		w.fields(exp.Train, replace)
	})
	w.block("evaluate", nil, func() {
		absent := map[string]string{}
		if len(exp.Evaluate.Tasks) == 0 {
			absent["tasks"] = ""
		}
		w.fields(exp.Evaluate, absent)
		if u := exp.Evaluate.Untrained; u != nil {
			w.block("untrained", nil, func() { w.untrained(u) })
		}
	})
}

// fieldsValue is a name, or several as a list.
func fieldsValue(names []string) cty.Value {
	if len(names) == 1 {
		return cty.StringVal(names[0])
	}
	var all []cty.Value
	for _, name := range names {
		all = append(all, cty.StringVal(name))
	}
	return cty.TupleVal(all)
}

func (w *writer) task(t Task) {
	w.values(t.schema, t.Config)
	for _, set := range t.Inputs {
		var labels []string
		if set.Name != DefaultInputSet {
			labels = append(labels, set.Name)
		}
		w.block("inputs", labels, func() {
			for _, f := range set.Fields {
				w.line(f.Input, Expression(fieldsValue(f.Fields)))
			}
		})
	}
	for _, p := range t.Predicts {
		w.block("predict", []string{p.Name}, func() {
			w.fields(p, map[string]string{"head": "head." + p.Head})
		})
	}
	if s := t.Split; s != nil {
		w.block("split", nil, func() {
			absent := map[string]string{}
			if s.TrainShare == 1 {
				absent["train_share"] = ""
			}
			if s.By == SplitBySource {
				for _, name := range []string{"train", "validation", "test", "field"} {
					absent[name] = ""
				}
				if s.Seed == 0 {
					absent["seed"] = ""
				}
			}
			w.fields(*s, absent)
		})
	}
	if e := t.Episodes; e != nil {
		absent := map[string]string{"min_way": "", "max_way": ""}
		if e.Way == 0 {
			absent = map[string]string{"way": ""}
		}
		w.block("episodes", nil, func() { w.fields(*e, absent) })
	}
	if t.MetaDataset != nil {
		w.block("meta_dataset", nil, func() { w.fields(*t.MetaDataset, nil) })
	}
	if z := t.ZeroShot; z != nil {
		absent := map[string]string{}
		if z.Texts == nil {
			absent["texts"] = ""
		}
		w.block("zero_shot", nil, func() { w.fields(*z, absent) })
	}
	if t.Batches != nil {
		w.block("batches", nil, func() { w.fields(*t.Batches, nil) })
	}
	if t.Rates.Range.Filename != "" {
		w.block("rates", nil, func() { w.fields(t.Rates, nil) })
	}
}

func (w *writer) optimizer(o *Optimizer) {
	absent := map[string]string{}
	s, err := optimizerSchema(o.Kind)
	for _, f := range schema.Fields(*o) {
		if err == nil && s != nil && s.Attribute(f.Name) == nil {
			absent[f.Name] = ""
		}
	}
	w.fields(*o, absent)
}

func (w *writer) untrained(u *Untrained) {
	var lists []string
	for _, g := range u.Tune {
		values := make([]string, len(g.Values))
		for i, v := range g.Values {
			values[i] = Expression(v)
		}
		lists = append(lists, fmt.Sprintf("%s = [%s]", g.Attribute, strings.Join(values, ", ")))
	}
	w.line("tune", "{ "+strings.Join(lists, ", ")+" }")
}

// fields writes the attributes of a struct with config tags. Those in replace are written as given
// there, or not at all when that is empty.
func (w *writer) fields(v any, replace map[string]string) {
	for _, a := range schema.Fields(v) {
		text, replaced := replace[a.Name]
		if !replaced {
			text = Expression(a.Value)
		}
		if text != "" {
			w.line(a.Name, text)
		}
	}
}

// values writes a plugin's attributes in the order of its schema.
func (w *writer) values(s *schema.Schema, config cty.Value) {
	if s == nil {
		return
	}
	for i := range s.Attributes {
		name := s.Attributes[i].Name
		w.line(name, Expression(config.GetAttr(name)))
	}
}

func (w *writer) block(kind string, labels []string, body func()) {
	w.out.WriteString(kind)
	for _, label := range labels {
		w.out.WriteString(" " + Expression(cty.StringVal(label)))
	}
	w.out.WriteString(" {\n")
	body()
	w.out.WriteString("}\n")
}

func (w *writer) line(name, text string) { fmt.Fprintf(&w.out, "%s = %s\n", name, text) }

// Expression writes a known value as an expression that evaluates to it.
func Expression(v cty.Value) string {
	t := v.Type()
	switch {
	case v.IsNull():
		return "null"
	case t.Equals(schema.ScheduleType):
		if s, err := schema.ScheduleOf(v); err == nil {
			return s.String()
		}
	case t == cty.Number:
		return schema.FormatNumber(v)
	}
	var items []string
	switch {
	case t.IsObjectType() || t.IsMapType():
		values := v.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(values)) {
			name := key
			if !hclsyntax.ValidIdentifier(key) || slices.Contains(keywords, key) {
				name = string(hclwrite.TokensForValue(cty.StringVal(key)).Bytes())
			}
			items = append(items, name+" = "+Expression(values[key]))
		}
		return "{ " + strings.Join(items, ", ") + " }"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		for _, e := range v.AsValueSlice() {
			items = append(items, Expression(e))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return string(hclwrite.TokensForValue(v).Bytes())
}

// keywords would start a for expression, or be constants, as keys of an object.
var keywords = []string{"for", "true", "false", "null"}
