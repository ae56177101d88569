package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gorgonia.org/tensor"

	"quickstudy/framework/meta"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// normField is a field of the contributions that has a part for each leaf, such
// as a gradient.
type normField struct {
	name  string
	parts []string // contribution/<field>/<address>
}

// normFields finds the fields whose norm is worth a look: those that are combined
// over episodes and parallel to the leaves.
func normFields(model *program.Model) []normField {
	var fields []normField
	for _, r := range model.Reduced() {
		if r.Reduction != meta.Sum && r.Reduction != meta.Mean {
			continue
		}
		for _, l := range model.Leaves() {
			field, ok := strings.CutSuffix(r.Name, "/"+l.Address)
			if !ok {
				continue
			}
			name := strings.TrimPrefix(field, "contribution/")
			i := slices.IndexFunc(fields, func(f normField) bool { return f.name == name })
			if i < 0 {
				i = len(fields)
				fields = append(fields, normField{name: name})
			}
			fields[i].parts = append(fields[i].parts, r.Name)
			break
		}
	}
	return fields
}

// measure describes a step: the scalars that its episodes contributed, the norms of
// what is parallel to the leaves, the rate and the number of episodes.
func (l *Loop) measure(picks []sampling.Pick, contributions *reduced) map[string]float64 {
	measured := map[string]float64{"episodes": float64(len(picks)), "rate": l.rate()}
	l.scalars(measured, "", l.config.Model.Reduced(), contributions)
	for _, f := range l.norms {
		squares := 0.0
		for _, part := range f.parts {
			squares += sumOfSquares(contributions.values[part])
		}
		measured["norm/"+f.name] = math.Sqrt(squares)
	}
	return measured
}

// scalars adds those that are combined over episodes, of all tasks and of each, under
// names that begin with prefix. Of what is kept apart by task, all tasks have the sum.
func (l *Loop) scalars(measured map[string]float64, prefix string, fields []meta.Reduced,
	contributions *reduced) {
	tasks := l.config.Model.Tasks()
	for _, r := range fields {
		if len(r.Shape) > 0 || r.Reduction == meta.Stack {
			continue
		}
		path := prefix + strings.TrimPrefix(r.Name, "contribution/")
		sum := 0.0
		for i, scalars := range contributions.tasks {
			x := scalars[r.Name]
			if x == nil {
				continue
			}
			sum += first(x)
			if len(tasks) > 1 {
				measured[path+"/"+tasks[i].Name] = first(x)
			}
		}
		if r.Reduction == meta.Task {
			measured[path] = sum
		} else {
			measured[path] = first(contributions.values[r.Name])
		}
	}
}

func first(x *tensor.Dense) float64 {
	if x.Dtype() == tensor.Float32 {
		return float64(x.Float32s()[0])
	}
	return x.Float64s()[0]
}

func sumOfSquares(x *tensor.Dense) float64 {
	if x.Dtype() == tensor.Float32 {
		return squares(x.Float32s())
	}
	return squares(x.Float64s())
}

func squares[T float32 | float64](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(float64(v) * float64(v))
	}
	return sum
}

// validate scores the present state where that is due and not done, and selects it
// if nothing before was as good.
func (l *Loop) validate(ctx context.Context) error {
	every := int64(l.config.Every)
	due := every > 0 && l.step > 0 && (l.step%every == 0 || l.step == int64(l.config.Steps))
	if !due || l.validated == l.step {
		return nil
	}
	state := l.State()
	v, err := l.config.Validate(ctx, state, int(l.step))
	if err != nil {
		return fmt.Errorf("validation after step %d: %w", l.step, err)
	}
	// A score that is no number is never selected.
	selected := !math.IsNaN(v.Score) && !math.IsInf(v.Score, 0) &&
		(l.best.state == nil || v.Better(Validation{Score: l.best.score}))
	measured := map[string]float64{"score": v.Score}
	for name, x := range v.Values {
		measured[name] = x
	}
	told := l.told(l.step, "validation", measured)
	told.Selected = selected
	if err := l.write(told); err != nil {
		return fmt.Errorf("validation after step %d: %w", l.step, err)
	}
	if selected {
		l.best = selection{state: state, step: l.step, score: v.Score}
	}
	l.validated = l.step
	l.tell(told)
	return nil
}

// told is what was measured after a step.
func (l *Loop) told(step int64, event string, measured map[string]float64) Progress {
	return Progress{Step: int(step), Steps: l.config.Steps, Event: event, Values: measured,
		Seconds: time.Since(l.started).Seconds()}
}

// write keeps what was measured as a line of the metrics. It comes before the position
// and the state change: a checkpoint must not be of a step that has no line.
func (l *Loop) write(p Progress) error {
	if l.config.Run != nil {
		line := record.Line{Step: int64(p.Step), Event: p.Event, Seconds: p.Seconds,
			Values: map[string]record.Number{}}
		for name, x := range p.Values {
			line.Values[name] = record.Number(x)
		}
		if err := l.config.Run.Append(line); err != nil {
			return err
		}
	}
	l.lines++
	return nil
}

// tell passes on what was written, after the step is made.
func (l *Loop) tell(p Progress) {
	if l.config.Progress != nil {
		l.config.Progress(p)
	}
}
