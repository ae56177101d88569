package sampling

import (
	"fmt"
	"slices"

	"quickstudy/framework/task"
)

// target writes the arrays of one predict: its labels, their weights, the
// inverse of the sum of the weights, and for classes their mask.
func (t *Task) target(d Draw, target boundTarget, l *layout, rows, positions int) ([]Array, error) {
	switch target.kind {
	case task.ClassOf:
		return t.classTarget(d, target, l, rows)
	case task.ClassSet:
		return t.classesTarget(d, target, l, rows), nil
	case task.Span:
		return t.spanTarget(target, l, rows, positions)
	case task.IDs:
		return t.tagsTarget(target, l, rows, positions)
	case task.Text:
		return t.tokensTarget(target, l, rows, positions), nil
	}
	return t.valueTarget(target, l, rows, positions)
}

func (t *Task) valueTarget(target boundTarget, l *layout, rows, positions int) ([]Array, error) {
	shape := []int{rows}
	if target.perPosition {
		shape = []int{rows, positions}
	}
	values, weights := make([]float64, rows*stride(shape)), make([]float64, rows*stride(shape))
	for j, r := range l.records {
		floats := r.Cells[target.field].Floats
		if n := l.length(0, j, t.inputs[0].features()); target.perPosition {
			switch {
			case len(floats) > n && t.config.Truncate:
				floats = floats[:n]
			case len(floats) != n:
				return nil, fmt.Errorf("record %d: %d values for %d positions of %q", r.ID,
					len(floats), n, t.inputs[0].Name())
			}
		}
		copy(values[j*stride(shape):], floats)
		for k := range floats {
			weights[j*stride(shape)+k] = 1
		}
	}
	return append(
		[]Array{{Name: target.name + "/value", Shape: shape, Floats: values, PerExample: true}},
		weightArrays(target.name, shape, weights)...), nil
}

func (t *Task) classTarget(d Draw, target boundTarget, l *layout, rows int) ([]Array, error) {
	labels, weights := make([]int32, rows), make([]float64, rows)
	for j, r := range l.records {
		label, err := target.label(d, r)
		if err != nil {
			return nil, err
		}
		if label >= 0 {
			labels[j], weights[j] = int32(label), 1
		}
	}
	mask := t.classMask(d, target)
	return append([]Array{
		{Name: target.name + "/class", Shape: []int{rows}, Ints: labels, PerExample: true},
		{Name: target.name + "/class_mask", Shape: []int{len(mask)}, Floats: mask},
	}, weightArrays(target.name, []int{rows}, weights)...), nil
}

// classesTarget writes which classes an example has; none is an answer, too.
func (t *Task) classesTarget(d Draw, target boundTarget, l *layout, rows int) []Array {
	has, weights := make([]float64, rows*target.classes), make([]float64, rows)
	for j, r := range l.records {
		for _, class := range r.Cells[target.field].Ints {
			has[j*target.classes+int(class)] = 1
		}
		weights[j] = 1
	}
	mask := t.classMask(d, target)
	return append([]Array{
		{Name: target.name + "/classes", Shape: []int{rows, target.classes}, Floats: has,
			PerExample: true},
		{Name: target.name + "/class_mask", Shape: []int{len(mask)}, Floats: mask},
	}, weightArrays(target.name, []int{rows}, weights)...)
}

// label is the class of a record, by its position in the episode or in the field;
// -1 if it has none.
func (target boundTarget) label(d Draw, r task.Record) (int, error) {
	ints := r.Cells[target.field].Ints
	if len(ints) == 0 {
		return -1, nil
	}
	if !target.local {
		return int(ints[0]), nil
	}
	label := slices.Index(d.Classes, int(ints[0]))
	if label < 0 {
		return 0, fmt.Errorf("record %d is of class %d, which is not one of the episode's %v", r.ID,
			ints[0], d.Classes)
	}
	return label, nil
}

// classMask is 1 for the classes that can be the answer: those of the episode,
// those of the split where classes are divided, else all. Its length is the
// way, padded to a bucket where that varies, or the number of classes.
func (t *Task) classMask(d Draw, target boundTarget) []float64 {
	if !target.local {
		mask := make([]float64, target.classes)
		m := t.pool.splits[d.Split]
		divided := t.config.Division.ofClasses() && target.field == t.pool.classField && m != nil
		for class := range mask {
			if !divided || m.present[class] {
				mask[class] = 1
			}
		}
		return mask
	}
	_, most := t.config.Ways() // given records may be of fewer classes
	mask := make([]float64, most)
	for label := range d.Classes {
		mask[label] = 1
	}
	return mask
}

func weightArrays(name string, shape []int, weights []float64) []Array {
	var sum, inverse float64
	for _, w := range weights {
		sum += w
	}
	if sum > 0 {
		inverse = 1 / sum
	}
	return []Array{
		{Name: name + "/weight", Shape: shape, Floats: weights, PerExample: true},
		{Name: name + "/inverse_weight", Floats: []float64{inverse}},
	}
}

// stride is the number of elements of one example.
func stride(shape []int) int {
	n := 1
	for _, axis := range shape[1:] {
		n *= axis
	}
	return n
}
