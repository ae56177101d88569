package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/graph"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// Output is a prediction that a head makes of one record.
type Output struct {
	Name    string    // as head.Prediction's
	Shape   []int     // without the axis of examples; nil: one number
	Numbers []float64 // row-major; a truth value is 1 or 0
}

// Answer is what one objective predicts of one record after a number of adaptation steps.
type Answer struct {
	Objective string
	Steps     int
	Outputs   []Output
	// Text is what was written, if texts are: what follows the part that the record has.
	Text           string
	LogProbability float64 // of it, in nats
}

// Output returns the named output, or nil.
func (a Answer) Output(name string) *Output {
	for i, o := range a.Outputs {
		if o.Name == name {
			return &a.Outputs[i]
		}
	}
	return nil
}

// Predict returns what a state predicts of the query records of an episode that
// sampling.Task.Given has made: for each, by the request's numbers of steps and then by
// objective. Of the request's set only the data is used.
func Predict(ctx context.Context, r Request, given *sampling.Episode) ([][]Answer, error) {
	e, elements, err := r.ask(ctx, given)
	if err != nil {
		return nil, fmt.Errorf("prediction: %w", err)
	}
	var all [][]Answer
	for part, element := range elements {
		answers, err := e.answer(ctx, given.Draw, part, element)
		if err != nil {
			return nil, fmt.Errorf("prediction: task %q: %w", r.Model.Tasks()[r.Task].Name, err)
		}
		all = append(all, answers...)
	}
	return all, nil
}

// AttentionTo is AttentionOf for an episode that sampling.Task.Given has made.
func AttentionTo(ctx context.Context, r Request, given *sampling.Episode) ([]Attention, error) {
	e, elements, err := r.ask(ctx, given)
	if err != nil {
		return nil, fmt.Errorf("attention: %w", err)
	}
	var all []Attention
	for part, element := range elements {
		some, err := e.attention(ctx, given.Draw, part, element)
		if err != nil {
			return nil, fmt.Errorf("attention: task %q: %w", r.Model.Tasks()[r.Task].Name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// ask checks a request about given records.
func (r Request) ask(ctx context.Context, given *sampling.Episode) (*evaluator, []program.Element,
	error) {
	if err := r.checkState(); err != nil {
		return nil, nil, err
	}
	elements := r.Model.Elements(r.Task, given)
	e, err := newEvaluator(ctx, r, elements[0])
	if err != nil {
		return nil, nil, fmt.Errorf("task %q: %w", r.Model.Tasks()[r.Task].Name, err)
	}
	return e, elements, nil
}

// answer predicts the records of one element.
func (e *evaluator) answer(ctx context.Context, draw sampling.Draw, part int,
	element program.Element) ([][]Answer, error) {
	p, _, err := e.Model.Evaluation(ctx, element, e.Steps)
	if err != nil {
		return nil, err
	}
	arguments, err := e.arguments(ctx, draw, part, element)
	if err != nil {
		return nil, err
	}
	results, err := p.Run(e.State, element.Values, arguments)
	if err != nil {
		return nil, err
	}
	answers := make([][]Answer, len(element.Query.IDs))
	for _, steps := range e.Steps {
		for _, o := range e.objectives {
			written, err := e.write(ctx, o, steps, element, arguments, true)
			if err != nil {
				return nil, err
			}
			for i := range answers {
				one := Answer{Objective: o.name, Steps: steps}
				if one.Outputs, err = outputs(p.Results(), results, steps, o.name, i); err != nil {
					return nil, err
				}
				if written != nil {
					one.Text, one.LogProbability = written[i].text, written[i].LogProbability
				}
				answers[i] = append(answers[i], one)
			}
		}
	}
	return answers, nil
}

// outputs takes one record's predictions from the results.
func outputs(of []graph.Value, results program.Values, steps int, objective string, record int) (
	[]Output, error) {
	var all []Output
	for _, v := range of {
		name, is := strings.CutPrefix(v.Name, fmt.Sprintf("%d/%s/prediction/", steps, objective))
		if !is {
			continue
		}
		numbers, err := numbers(results[v.Name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name, err)
		}
		size := len(numbers) / v.Shape[0]
		all = append(all, Output{Name: name, Shape: slices.Clone(v.Shape[1:]),
			Numbers: numbers[record*size : (record+1)*size : (record+1)*size]})
	}
	return all, nil
}

// numbers returns the elements of a tensor of any type.
func numbers(d *tensor.Dense) ([]float64, error) {
	switch data := d.Data().(type) {
	case []int32:
		out := make([]float64, len(data))
		for i, x := range data {
			out[i] = float64(x)
		}
		return out, nil
	case []bool:
		out := make([]float64, len(data))
		for i, x := range data {
			if x {
				out[i] = 1
			}
		}
		return out, nil
	case int32:
		return []float64{float64(data)}, nil
	case bool:
		if data {
			return []float64{1}, nil
		}
		return []float64{0}, nil
	}
	return program.Floats(d)
}
