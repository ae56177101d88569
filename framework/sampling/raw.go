package sampling

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task"
)

// Raw is one side of a draw before it is encoded: what a method that is no neural
// network learns from and is judged by. The slices are in the order of the draw.
type Raw struct {
	// Texts are the contents of all token inputs, one after the other, in full even
	// where the encoding truncates; nil without a token input.
	Texts []string
	// Numbers are those of the first input of numbers or images, as the data has them; nil
	// without one.
	Numbers [][]float64
	// Labels are classes, numbered as in the encoded target, -1 without one; nil if
	// a value is predicted.
	Labels []int
	// Classes is how many classes can be the answer.
	Classes int
	// Values are the numbers to predict of each record, none if it has none; nil if
	// a class is predicted.
	Values [][]float64
	// Answers are the texts of the spans to predict, see Task.Answers; nil if anything else is
	// predicted.
	Answers [][]string
	// Other is the kind (Predict.Kind) of what is predicted, if it is neither a class nor a
	// value nor a span; its answers are not here.
	Other task.FieldKind
}

// Records fetches or generates the records of a draw. A batch has no support.
func (t *Task) Records(d Draw) (support, query []task.Record, err error) {
	if support, query, err = t.records(d); err != nil {
		return nil, nil, t.inDraw(d, err)
	}
	return support, query, nil
}

// Raw returns both sides of a draw with the targets of one predict.
func (t *Task) Raw(d Draw, predict string) (support, query Raw, err error) {
	i := slices.IndexFunc(t.targets, func(b boundTarget) bool { return b.name == predict })
	if i < 0 {
		return Raw{}, Raw{}, fmt.Errorf("task %q: there is no predict %q", t.config.Name, predict)
	}
	supportRecords, queryRecords, err := t.Records(d)
	if err != nil {
		return Raw{}, Raw{}, err
	}
	if support, err = t.raw(d, t.targets[i], supportRecords); err == nil {
		query, err = t.raw(d, t.targets[i], queryRecords)
	}
	if err != nil {
		return Raw{}, Raw{}, t.inDraw(d, err)
	}
	return support, query, nil
}

func (t *Task) raw(d Draw, target boundTarget, records []task.Record) (Raw, error) {
	var raw Raw
	if target.kind == task.ClassOf {
		for _, m := range t.classMask(d, target) {
			raw.Classes += int(m)
		}
	}
	for _, r := range records {
		for _, in := range t.inputs {
			if in.Kind != Tokens {
				raw.Numbers = append(raw.Numbers, r.Cells[in.fields[0]].Floats)
				break
			}
		}
		if text, ok := t.text(r); ok {
			raw.Texts = append(raw.Texts, text)
		}
		switch target.kind {
		case task.Value:
			raw.Values = append(raw.Values, r.Cells[target.field].Floats)
		case task.ClassOf:
			label, err := target.label(d, r)
			if err != nil {
				return Raw{}, err
			}
			raw.Labels = append(raw.Labels, label)
		case task.Span:
			answers, err := t.Answers(target.name, r)
			if err != nil {
				return Raw{}, err
			}
			raw.Answers = append(raw.Answers, answers)
		default:
			raw.Other = target.kind
		}
	}
	return raw, nil
}

// text joins the contents of a record's token inputs.
func (t *Task) text(r task.Record) (string, bool) {
	var parts []string
	for _, in := range t.inputs {
		for _, field := range in.fields {
			switch {
			case in.Kind != Tokens:
			case t.pool.description.Fields[field].Kind == task.Words:
				parts = append(parts, strings.Join(r.Cells[field].Words, " "))
			default:
				parts = append(parts, r.Cells[field].Text)
			}
		}
	}
	return strings.Join(parts, "\n"), len(parts) > 0
}
