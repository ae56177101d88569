package train

import (
	"fmt"
	"maps"
	"slices"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/train/program"
)

// tree sums values in the order they come, pairwise: a binary counter whose digit
// k holds the sum of 2^k consecutive ones. The order of additions follows from
// their number alone, rounding errors grow with its logarithm, and so does memory.
// A name that is missing from some of the values contributes nothing there.
type tree struct{ digits []program.Values }

// add adds values, which the tree may overwrite.
func (t *tree) add(v program.Values) error {
	for k := range t.digits {
		if t.digits[k] == nil {
			t.digits[k] = v
			return nil
		}
		if err := addAll(t.digits[k], v); err != nil {
			return err
		}
		t.digits[k], v = nil, t.digits[k]
	}
	t.digits = append(t.digits, v)
	return nil
}

// sum returns the sum of all values and leaves the tree empty.
func (t *tree) sum() (program.Values, error) {
	sum := program.Values{}
	for _, digit := range t.digits { // the later values are in the lower digits
		if digit == nil {
			continue
		}
		if err := addAll(digit, sum); err != nil {
			return nil, err
		}
		sum = digit
	}
	t.digits = nil
	return sum, nil
}

// addAll adds b to a, name by name.
func addAll(a, b program.Values) error {
	for name, x := range b {
		if a[name] == nil {
			a[name] = x
			continue
		}
		if !a[name].Shape().Eq(x.Shape()) || a[name].Dtype() != x.Dtype() {
			return fmt.Errorf("%s is %v %v in one episode and %v %v in another", name,
				a[name].Dtype(), a[name].Shape(), x.Dtype(), x.Shape())
		}
		switch x.Dtype() {
		case tensor.Float32:
			add(a[name].Float32s(), x.Float32s())
		case tensor.Float64:
			add(a[name].Float64s(), x.Float64s())
		default:
			return fmt.Errorf("%s has elements of type %v, which have no sum", name, x.Dtype())
		}
	}
	return nil
}

func add[T float32 | float64](a, b []T) {
	for i, x := range b {
		a[i] += x
	}
}

// divide divides a sum by a count.
func divide(x *tensor.Dense, count int) {
	if x.Dtype() == tensor.Float32 {
		divideBy(x.Float32s(), float32(count))
	} else {
		divideBy(x.Float64s(), float64(count))
	}
}

func divideBy[T float32 | float64](x []T, by T) {
	for i := range x {
		x[i] /= by
	}
}

// reduction combines the contributions of one step's elements, which come in
// order. Elements of one pick are summed before anything else is made of them.
type reduction struct {
	kinds  map[string]meta.Reduced
	counts []int  // picks of each task
	total  tree   // of what is summed or averaged
	tasks  []tree // of what is stacked over tasks, and scalars for the metrics
	picks  []tree // of what is stacked over episodes
}

func newReduction(reduced []meta.Reduced, counts []int) *reduction {
	r := &reduction{kinds: map[string]meta.Reduced{}, counts: counts, tasks: make([]tree, len(counts))}
	for _, one := range reduced {
		r.kinds[one.Name] = one
	}
	picks := 0
	for _, n := range counts {
		picks += n
	}
	r.picks = make([]tree, picks)
	return r
}

// add takes over the contribution of the next element.
func (r *reduction) add(pick, task int, contribution program.Values) error {
	total, byTask, byPick := program.Values{}, program.Values{}, program.Values{}
	for _, name := range slices.Sorted(maps.Keys(contribution)) {
		v := contribution[name]
		one, ok := r.kinds[name]
		if !ok {
			return fmt.Errorf("%s is contributed, and not to be reduced", name)
		}
		switch one.Reduction {
		case meta.Stack:
			byPick[name] = v
		case meta.Task:
			byTask[name] = v
		default:
			total[name] = v
			if len(one.Shape) == 0 {
				byTask[name] = v.Clone().(*tensor.Dense)
			}
		}
	}
	if err := r.total.add(total); err != nil {
		return err
	}
	if err := r.tasks[task].add(byTask); err != nil {
		return err
	}
	return r.picks[pick].add(byPick)
}

// reduced is a step's contributions, combined.
type reduced struct {
	values program.Values   // contribution/<path>, as the update takes them
	tasks  []program.Values // scalars of each task alone, but for those that are stacked
}

// finish combines what was added. What no episode contributed is zero.
func (r *reduction) finish(precision reference.Precision) (*reduced, error) {
	total, err := r.total.sum()
	if err != nil {
		return nil, err
	}
	tasks, err := sums(r.tasks)
	if err != nil {
		return nil, err
	}
	picks, err := sums(r.picks)
	if err != nil {
		return nil, err
	}
	out := &reduced{values: program.Values{}, tasks: make([]program.Values, len(tasks))}
	for i := range tasks {
		out.tasks[i] = program.Values{}
	}
	for name, one := range r.kinds {
		switch one.Reduction {
		case meta.Stack:
			out.values[name], err = stack(one.Value, picks, precision)
		case meta.Task:
			for i, sum := range tasks {
				if sum[name] != nil {
					divide(sum[name], r.counts[i])
					if len(one.Shape) == 0 {
						out.tasks[i][name] = sum[name]
					}
				}
			}
			out.values[name], err = stack(one.Value, tasks, precision)
		default:
			out.values[name] = combine(one, total, len(r.picks), precision)
			for i, sum := range tasks {
				if sum[name] != nil {
					out.tasks[i][name] = combine(one, sum, r.counts[i], precision)
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// combine returns a sum, or the mean over a number of picks.
func combine(one meta.Reduced, sum program.Values, picks int,
	precision reference.Precision) *tensor.Dense {
	x := sum[one.Name]
	if x == nil {
		return program.Dense(one.Value, make([]float64, one.Shape.Size()), precision)
	}
	if one.Reduction == meta.Mean {
		divide(x, picks)
	}
	return x
}

func sums(trees []tree) ([]program.Values, error) {
	out := make([]program.Values, len(trees))
	for i := range trees {
		var err error
		if out[i], err = trees[i].sum(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stack puts what each part has of a value along a leading axis; zeros where it
// has none.
func stack(v graph.Value, parts []program.Values, precision reference.Precision) (
	*tensor.Dense, error) {
	size := v.Shape.Size()
	stacked := graph.Value{DType: v.DType, Shape: append(graph.Shape{len(parts)}, v.Shape...)}
	out := program.Dense(stacked, make([]float64, len(parts)*size), precision)
	for i, part := range parts {
		x := part[v.Name]
		if x == nil {
			continue
		}
		ok := false
		if x.Dtype() == tensor.Float32 {
			ok = place(out.Float32s(), x.Float32s(), i, size)
		} else {
			ok = place(out.Float64s(), x.Float64s(), i, size)
		}
		if !ok {
			return nil, fmt.Errorf("%s has shape %v in an episode, want %v", v.Name, x.Shape(), v.Shape)
		}
	}
	return out, nil
}

// place copies row i of a stack, and reports whether it has a row's size.
func place[T any](out, row []T, i, size int) bool {
	return len(row) == size && copy(out[i*size:], row) == size
}
