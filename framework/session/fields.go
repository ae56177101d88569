package session

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/head"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
)

// sampled returns how a task's records are drawn and encoded, without tokenizers.
// What the description of the data does not allow is reported.
func sampled(exp *experiment.Experiment, t experiment.Task, d task.Description) (
	sampling.Config, hcl.Diagnostics) {
	c := sampling.Config{Name: t.Name, Seed: exp.Seed}
	var diags hcl.Diagnostics
	for _, set := range t.Inputs {
		for _, f := range set.Fields {
			in := input(exp, f.Input)
			one := sampling.Input{Set: set.Name, Kind: sampling.InputKind(in.Name), Fields: f.Fields,
				MaxLength: in.MaxLength, Features: in.Features}
			if i := in.Image; i != nil {
				one.Image = sampling.Pixels{Height: i.Height, Width: i.Width, Channels: i.Channels,
					Patch: i.Patch}
			}
			c.Inputs = append(c.Inputs, one)
			c.Truncate = c.Truncate || in.Truncate
			known := true
			for _, name := range f.Fields {
				if missing := unknownField(t, d, name, f.Range); missing != nil {
					diags, known = append(diags, missing), false
				}
			}
			if err := one.Check(d); known && err != nil {
				diags = append(diags, experiment.Diagnostic(experiment.CodeData, "Unsuitable field",
					fmt.Sprintf("The input %q cannot read the field %q: %v.", f.Input, one.Name(), err),
					f.Range))
			}
		}
	}
	for _, p := range t.Predicts {
		if missing := unknownField(t, d, p.Target, p.TargetRange); missing != nil {
			diags = append(diags, missing)
			continue
		}
		predict := sampling.Predict{Name: p.Name, Target: p.Target}
		f := d.Fields[d.Field(p.Target)]
		switch f.Kind {
		case task.ClassOf, task.ClassSet, task.Value, task.Span:
			predict.Kind = f.Kind
		case task.Vector:
			predict.Kind = task.Value
		case task.Text, task.Words:
			predict.Kind = task.Text
		case task.IDs:
			predict.Kind = task.IDs
			if f.Of != "" {
				break
			}
			fallthrough
		default:
			diags = append(diags, experiment.Diagnostic(experiment.CodeData, "Unsuitable field",
				fmt.Sprintf("The field %q is of kind %s. What is predicted is a class, several classes, a "+
					"value or a vector of them, a span, a tag for every word, or a text.", p.Target, f.Kind),
				p.TargetRange))
		}
		c.Predicts = append(c.Predicts, predict)
	}
	if s := t.Split; s != nil {
		c.Division = sampling.Division{By: sampling.Rule(s.By), Train: s.Train,
			Validation: s.Validation, Test: s.Test, Seed: s.Seed}
		if s.TrainShare < 1 {
			c.Division.TrainShare = s.TrainShare
		}
		c.ClassField = s.Field
		reported := func(p experiment.Predict) bool { return p.Target == s.Field }
		if s.Field != "" && !slices.ContainsFunc(t.Predicts, reported) {
			if missing := unknownField(t, d, s.Field, s.Range); missing != nil {
				diags = append(diags, missing)
			}
		}
	}
	if e := t.Episodes; e != nil {
		c.Episodes = &sampling.Episodes{Way: e.Way, Shot: e.Shot, Query: e.Query, MinWay: e.MinWay,
			MaxWay: e.MaxWay, MinExamples: e.MinExamples}
	}
	if m := t.MetaDataset; m != nil {
		c.MetaDataset = &sampling.MetaDataset{Way: m.Way, Shot: m.Shot, Query: m.Query,
			MinWay: m.MinWay, MaxWay: m.MaxWay, MaxQuery: m.MaxQuery, MaxSupport: m.MaxSupport,
			MaxSupportPerClass: m.MaxSupportPerClass, MinLogWeight: m.MinLogWeight,
			MaxLogWeight: m.MaxLogWeight, MinExamples: m.MinExamples,
			IgnoreHierarchy: m.IgnoreHierarchy}
	}
	if z := t.ZeroShot; z != nil {
		c.ZeroShot = &sampling.ZeroShot{Way: z.Way, Query: z.Query, Texts: z.Texts,
			MinExamples: z.MinExamples}
	}
	if b := t.Batches; b != nil {
		c.Batches = &sampling.Batches{Size: b.Size, MicroBatch: exp.Train.MicroBatch,
			ByLength: b.ByLength}
	}
	return c, diags
}

// unknownField reports a field that the task's records do not have.
func unknownField(t experiment.Task, d task.Description, name string,
	at hcl.Range) *hcl.Diagnostic {
	if d.Field(name) >= 0 {
		return nil
	}
	var names []string
	for _, f := range d.Fields {
		names = append(names, f.Name)
	}
	return experiment.Diagnostic(experiment.CodeField, "Unknown field",
		fmt.Sprintf("The records of the task %q have no field %q.%s", t.Name, name,
			schema.Hint(name, names)), at)
}

// headTarget describes a predicted field to its head. Where the number of classes
// varies between episodes it is the largest.
func (t *Task) headTarget(predict string) head.Target {
	of, _ := t.Target(predict)
	h := head.Target{Classes: of.Classes, Set: of.Set}
	switch of.Field.Kind {
	case task.ClassSet:
		h.Kind = head.ClassesTarget
	case task.Value, task.Vector:
		h.Kind, h.PerPosition = head.ValueTarget, of.PerPosition
	case task.Span:
		h.Kind = head.SpanTarget
	case task.IDs:
		h.Kind = head.TagsTarget
	case task.Text, task.Words:
		h.Kind = head.TokensTarget
	case task.ClassOf:
		h.Kind = head.ClassTarget
		classField := t.pool.ClassField()
		if fixed, most := t.Config.Ways(); most > 0 && classField >= 0 &&
			t.Description.Fields[classField].Name == of.Field.Name {
			h.Classes, h.VariableWay = most, fixed == 0
		}
	}
	return h
}
