package train

import (
	"fmt"

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

// add adds values, which the tree takes over. What it needs no more becomes spare.
func (t *tree) add(v program.Values, spare *program.Spare) error {
	for k := range t.digits {
		if t.digits[k] == nil {
			t.digits[k] = v
			return nil
		}
		if err := addAll(t.digits[k], v); err != nil {
			return err
		}
		spare.PutAll(v)
		t.digits[k], v = nil, t.digits[k]
	}
	t.digits = append(t.digits, v)
	return nil
}

// sum returns the sum of all values and leaves the tree empty.
func (t *tree) sum(spare *program.Spare) (program.Values, error) {
	sum := spare.Set()
	for _, digit := range t.digits { // the later values are in the lower digits
		if digit == nil {
			continue
		}
		if err := addAll(digit, sum); err != nil {
			return nil, err
		}
		spare.PutAll(sum)
		sum = digit
	}
	t.digits = nil
	return sum, nil
}

// addAll adds b to a, name by name. What a lacks is moved there.
func addAll(a, b program.Values) error {
	for name, x := range b {
		if a[name] == nil {
			a[name] = x
			delete(b, name)
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
	kinds     kinds
	precision reference.Precision
	spare     *program.Spare
	counts    []int  // picks of each task
	total     tree   // of what is summed or averaged
	tasks     []tree // of what is stacked over tasks, and scalars for the metrics
	picks     []tree // of what is stacked over episodes
}

// kinds says how the contribution of a name is reduced.
type kinds map[string]meta.Reduced

func kindsOf(reduced []meta.Reduced) kinds {
	k := kinds{}
	for _, one := range reduced {
		k[one.Name] = one
	}
	return k
}

func newReduction(k kinds, counts []int, precision reference.Precision,
	spare *program.Spare) *reduction {
	r := &reduction{kinds: k, precision: precision, spare: spare, counts: counts,
		tasks: make([]tree, len(counts))}
	picks := 0
	for _, n := range counts {
		picks += n
	}
	r.picks = make([]tree, picks)
	return r
}

// add takes over the contribution of the next element.
func (r *reduction) add(pick, task int, contribution program.Values) error {
	byTask, byPick := r.spare.Set(), r.spare.Set()
	for name, v := range contribution {
		one, ok := r.kinds[name]
		if !ok {
			return fmt.Errorf("%s is contributed, and not to be reduced", name)
		}
		switch one.Reduction {
		case meta.Stack:
			byPick[name] = v
			delete(contribution, name)
		case meta.Task:
			byTask[name] = v
			delete(contribution, name)
		default:
			if len(one.Shape) == 0 {
				byTask[name] = r.clone(one.Value, v)
			}
		}
	}
	if err := r.total.add(contribution, r.spare); err != nil {
		return err
	}
	if err := r.tasks[task].add(byTask, r.spare); err != nil {
		return err
	}
	return r.picks[pick].add(byPick, r.spare)
}

// clone copies a contribution.
func (r *reduction) clone(v graph.Value, x *tensor.Dense) *tensor.Dense {
	out := r.spare.Get(v, r.precision)
	program.Copy(out, x)
	return out
}

// reduced is a step's contributions, combined.
type reduced struct {
	values program.Values   // contribution/<path>, as the update takes them
	tasks  []program.Values // scalars of each task alone, but for those that are stacked
	// elements is how many were combined.
	elements int
}

// finish combines what was added. What no episode contributed is zero.
func (r *reduction) finish() (*reduced, error) {
	total, err := r.total.sum(r.spare)
	if err != nil {
		return nil, err
	}
	tasks, err := r.sums(r.tasks)
	if err != nil {
		return nil, err
	}
	picks, err := r.sums(r.picks)
	if err != nil {
		return nil, err
	}
	out := &reduced{values: total, tasks: make([]program.Values, len(tasks))}
	for i := range tasks {
		out.tasks[i] = program.Values{}
	}
	for name, one := range r.kinds {
		switch one.Reduction {
		case meta.Stack:
			total[name], err = r.stack(one.Value, picks)
		case meta.Task:
			for i, sum := range tasks {
				if sum[name] != nil {
					divide(sum[name], r.counts[i])
					if len(one.Shape) == 0 {
						out.tasks[i][name] = r.clone(one.Value, sum[name])
					}
				}
			}
			total[name], err = r.stack(one.Value, tasks)
		default:
			total[name] = r.combine(one, total[name], len(r.picks))
			for i, sum := range tasks {
				if sum[name] != nil {
					out.tasks[i][name] = r.combine(one, sum[name], r.counts[i])
					delete(sum, name)
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	for _, parts := range [][]program.Values{tasks, picks} {
		for _, sum := range parts {
			r.spare.PutAll(sum)
		}
	}
	return out, nil
}

// combine makes of a sum what it is reduced to over a number of picks; nil is zero.
func (r *reduction) combine(one meta.Reduced, sum *tensor.Dense, picks int) *tensor.Dense {
	if sum == nil {
		return r.spare.Zeros(one.Value, r.precision)
	}
	if one.Reduction == meta.Mean {
		divide(sum, picks)
	}
	return sum
}

func (r *reduction) sums(trees []tree) ([]program.Values, error) {
	out := make([]program.Values, len(trees))
	for i := range trees {
		var err error
		if out[i], err = trees[i].sum(r.spare); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stack puts what each part has of a value along a leading axis; zeros where it
// has none.
func (r *reduction) stack(v graph.Value, parts []program.Values) (*tensor.Dense, error) {
	size := v.Shape.Size()
	stacked := graph.Value{Name: v.Name, DType: v.DType,
		Shape: append(graph.Shape{len(parts)}, v.Shape...)}
	out := r.spare.Zeros(stacked, r.precision)
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
