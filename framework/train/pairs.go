package train

import (
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/meta"
	"quickstudy/framework/train/program"
)

// pairFields finds the fields that hold a gradient, or the like, of every task: those that are
// kept apart by task and parallel to the leaves. Their parts are those of leaves that all
// tasks train.
func pairFields(model *program.Model, trained []taskLeaves) []normField {
	if len(trained) < 2 {
		return nil
	}
	var fields []normField
	for _, r := range model.Reduced() {
		for _, l := range model.Leaves() {
			field, ok := strings.CutSuffix(r.Name, "/"+l.Address)
			if !ok || r.Reduction != meta.Task ||
				slices.ContainsFunc(trained, func(t taskLeaves) bool { return !t[l.Address] }) {
				continue
			}
			name := strings.TrimPrefix(field, "contribution/")
			i := slices.IndexFunc(fields, func(f normField) bool { return f.name == name })
			if i < 0 {
				i = len(fields)
				fields = append(fields, normField{name: name})
			}
			fields[i].parts = append(fields[i].parts, r.Name)
		}
	}
	return fields
}

// pairs adds the norms of what tasks contribute to a field, norm/<field>/<task>, and the
// cosines between them, cosine/<field>/<task>/<task>. Absent tasks, and cosines with what is
// zero, are left out.
func (l *Loop) pairs(measured map[string]float64, counts []int, contributions *reduced) {
	tasks := l.config.Model.Tasks()
	for _, f := range l.compared {
		gram := make([][]float64, len(tasks))
		for i := range gram {
			gram[i] = make([]float64, i+1)
		}
		for _, part := range f.parts {
			addGram(gram, contributions.values[part])
		}
		for i, row := range gram {
			if counts[i] == 0 {
				continue
			}
			measured["norm/"+f.name+"/"+tasks[i].Name] = math.Sqrt(row[i])
			for j := range i {
				if norms := math.Sqrt(row[i]) * math.Sqrt(gram[j][j]); norms > 0 {
					measured["cosine/"+f.name+"/"+tasks[j].Name+"/"+tasks[i].Name] = row[j] / norms
				}
			}
		}
	}
}

// addGram adds the inner products of the rows of x, whose leading axis is over tasks.
func addGram(gram [][]float64, x *tensor.Dense) {
	if x.Dtype() == tensor.Float32 {
		addGramOf(gram, x.Float32s())
	} else {
		addGramOf(gram, x.Float64s())
	}
}

func addGramOf[T float32 | float64](gram [][]float64, x []T) {
	size := len(x) / len(gram)
	for i, row := range gram {
		a := x[i*size : (i+1)*size]
		for j := range row {
			b := x[j*size : (j+1)*size : (j+1)*size]
			var sum [4]float64
			k := 0
			for ; k+4 <= len(a); k += 4 {
				for n := range sum {
					sum[n] += float64(float64(a[k+n]) * float64(b[k+n]))
				}
			}
			for ; k < len(a); k++ {
				sum[0] += float64(float64(a[k]) * float64(b[k]))
			}
			row[j] += sum[0] + sum[1] + sum[2] + sum[3]
		}
	}
}
