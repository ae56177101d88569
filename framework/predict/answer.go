package predict

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"quickstudy/framework/head"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/evaluation"
)

// Prediction is what is predicted of a record, as it is written in JSON.
type Prediction struct {
	Line  int64 `json:"line"`
	Steps int   `json:"steps"` // of adaptation
	// Lost is how many positions of the inputs were cut off, where the run truncates.
	Lost int `json:"lost,omitempty"`
	// Predictions are the answers by objective.
	Predictions map[string]Answer `json:"predictions"`
	Attention   []Attention       `json:"attention,omitempty"`
}

// Answer is what one objective predicts, by what its target is: class, classes, value,
// tags, span or text; and what else the head gives. A span that is null says that there
// is none.
type Answer map[string]any

// Span is an answer in the record's own text.
type Span struct {
	Start int    `json:"start"` // in characters
	End   int    `json:"end"`   // the character after the last
	Text  string `json:"text"`
}

// Score is the score of a class, most often its probability.
type Score struct {
	Class string `json:"class"`
	Score Number `json:"score"`
}

// Number is a number in single precision, written with as many digits as tell it from
// others.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 32), nil
}

var _ json.Marshaler = Number(0)

// prediction names the answers after the last number of steps.
func (p *Predictor) prediction(r task.Record, given *sampling.Episode,
	answers []evaluation.Answer) (Prediction, error) {
	steps := p.request.Steps[len(p.request.Steps)-1]
	out := Prediction{Line: r.ID, Lost: p.task.Lost(r), Predictions: map[string]Answer{}}
	for _, a := range answers {
		out.Steps = max(out.Steps, a.Steps)
		if a.Steps != steps {
			continue
		}
		one, err := p.answer(r, given, a)
		if err != nil {
			return Prediction{}, fmt.Errorf("objective %q: %w", a.Objective, err)
		}
		out.Predictions[a.Objective] = one
	}
	return out, nil
}

func (p *Predictor) answer(r task.Record, given *sampling.Episode, a evaluation.Answer) (Answer,
	error) {
	target, _ := p.task.Target(a.Objective)
	field := p.description.Fields[p.description.Field(target.Field.Name)]
	names := field.Vocabulary
	for _, c := range field.Classes {
		names = append(names, c.Name)
	}
	out := Answer{}
	for _, o := range a.Outputs {
		for _, x := range o.Numbers {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("%s: a number is %v: adaptation or training has diverged", o.Name, x)
			}
		}
		switch head.PredictionKind(o.Name) {
		case head.PredictedClass:
			out[o.Name] = names[int(o.Numbers[0])]
		case head.PredictedClasses:
			has := []string{}
			for i, is := range o.Numbers {
				if is != 0 {
					has = append(has, names[i])
				}
			}
			out[o.Name] = has
		case head.PredictedValue:
			if !target.PerPosition {
				out[o.Name] = Number(o.Numbers[0])
				continue
			}
			out[o.Name] = nested(o.Numbers[:p.task.Positions(p.task.FirstSet(), r)], o.Shape)
		case head.PredictedTags:
			tags, err := p.task.WordTags(a.Objective, r, o.Numbers)
			if err != nil {
				return nil, err
			}
			said := []string{}
			for _, tag := range tags {
				said = append(said, names[tag])
			}
			out[o.Name] = said
		case head.PredictedSpan:
			span, err := p.span(a.Objective, r, int(o.Numbers[0]), int(o.Numbers[1]))
			if err != nil {
				return nil, err
			}
			out[o.Name] = span
		case head.PredictedTokens:
			out["text"], out["log_probability"] = a.Text, Number(a.LogProbability)
		case head.Scores:
			if scores := ranked(names, o, given.Query.Array(a.Objective+"/class_mask")); scores != nil {
				out[o.Name] = scores
				continue
			}
			if target.Set == "" {
				out[o.Name] = nested(o.Numbers, o.Shape)
			}
			// Those of every position are many, and most are of no word: the tags tell.
		default:
			out[o.Name] = nested(o.Numbers, o.Shape)
		}
	}
	return out, nil
}

// span is the answer between two positions; nil: there is none.
func (p *Predictor) span(objective string, r task.Record, first, last int) (*Span, error) {
	if first < 0 {
		return nil, nil
	}
	s, said, err := p.task.SpanOf(objective, r, first, last)
	if err != nil || said == "" {
		return nil, err
	}
	return &Span{Start: s.Start, End: s.End, Text: said}, nil
}

// ranked orders the scores of the classes that can be the answer, the best first; nil if
// there is not one for each class.
func ranked(names []string, o evaluation.Output, mask *sampling.Array) []Score {
	if mask == nil || len(o.Numbers) != len(mask.Floats) {
		return nil
	}
	scores := []Score{}
	for i, x := range o.Numbers {
		if mask.Floats[i] != 0 {
			scores = append(scores, Score{names[i], Number(x)})
		}
	}
	slices.SortStableFunc(scores, func(a, b Score) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return scores
}

// nested lays numbers out by their shape.
func nested(numbers []float64, shape []int) any {
	if len(shape) == 0 && len(numbers) == 1 {
		return Number(numbers[0])
	}
	if len(shape) < 2 {
		list := make([]Number, len(numbers))
		for i, x := range numbers {
			list[i] = Number(x)
		}
		return list
	}
	rows := make([]any, shape[0])
	size := len(numbers) / shape[0]
	for i := range rows {
		rows[i] = nested(numbers[i*size:(i+1)*size], shape[1:])
	}
	return rows
}
