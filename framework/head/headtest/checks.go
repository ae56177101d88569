package headtest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/graph/graphtest"
	"quickstudy/framework/head"
)

// exact is the relative error allowed where only the order of a sum differs.
const exact = 1e-12

// step balances truncation against rounding: about the cube root of 2⁻⁵².
const step = 1e-5

// usualRun links the usual use without dropout and runs it.
func (s *suite) usualRun() (p *program, args, out values, err error) {
	if p, err = s.link(s.usual(false)); err != nil {
		return nil, nil, nil, err
	}
	args = p.values()
	out, err = p.run(args)
	return p, args, out, err
}

// gradients compares the first and second derivative of the weighted loss along a
// random direction in all parameters, the backbone's included, with central
// differences, without and with dropout at a fixed key.
func (s *suite) gradients() error {
	for _, train := range []bool{false, true} {
		p, err := s.link(s.usual(train))
		if err != nil {
			return err
		}
		at := func(h float64) (values, error) {
			args := p.values()
			for _, x := range p.xs {
				for i, v := range args["along/"+x] {
					args[x][i] += h * v
				}
			}
			return p.run(args)
		}
		var got [3]values
		for i, h := range []float64{0, step, -step} {
			if got[i], err = at(h); err != nil {
				return err
			}
		}
		for i, name := range []string{"first", "second"} {
			of := []string{"total", "first"}[i]
			want := (got[1][of][0] - got[2][of][0]) / (2 * step)
			limit := graphtest.Tolerance * math.Max(1, math.Abs(want))
			if !(math.Abs(got[0][name][0]-want) <= limit) {
				return fmt.Errorf("training %v: the derivative of order %d is %v, want %v", train, i+1,
					got[0][name][0], want)
			}
		}
	}
	return nil
}

// paddingRows adds examples of weight 0 to the batch, and to the support.
func (s *suite) paddingRows() error {
	large := s.spec(batch+3, positions, false)
	if large.Support != nil {
		large.Support.Batch += 2
	}
	return s.padding(large)
}

// paddingPositions adds positions that are masked in all input sets.
func (s *suite) paddingPositions() error { return s.padding(s.spec(batch, positions+3, false)) }

// padding compares the usual use with a larger one that holds the same examples: what
// is computed of them is the same to the bit.
func (s *suite) padding(large head.Spec) error {
	small, args, want, err := s.usualRun()
	if err != nil {
		return err
	}
	padded, err := s.link(large)
	if err != nil {
		return err
	}
	got, err := padded.run(padded.padded(small, args))
	if err != nil {
		return err
	}
	for _, r := range small.f.Results {
		name := r.Name
		a, b := small.shape(name), padded.shape(name)
		if len(a) != len(b) {
			return fmt.Errorf("%s has the shape %v, with padding %v", name, a, b)
		}
		var differ error
		corner(a, b, func(i, j int) {
			if differ == nil && want[name][i] != got[name][j] {
				differ = fmt.Errorf("%s: element %d is %v, with padding %v", name, i, want[name][i],
					got[name][j])
			}
		})
		if differ != nil {
			return differ
		}
	}
	return nil
}

// cuts compares a batch with its halves. A head whose loss is coupled is never cut.
func (s *suite) cuts() error {
	whole, args, want, err := s.usualRun()
	if err != nil {
		return err
	}
	if whole.traced.Coupled {
		return nil
	}
	half, err := s.link(s.spec(batch/2, positions, false))
	if err != nil {
		return err
	}
	got := values{}
	for lo := 0; lo < batch; lo += batch / 2 {
		out, err := half.run(whole.cut(args, lo, lo+batch/2))
		if err != nil {
			return err
		}
		for name, x := range out {
			if name == "loss" || name == "cache" || strings.HasPrefix(name, "prediction/") {
				got[name] = append(got[name], x...)
				continue
			}
			if got[name] == nil {
				got[name] = make([]float64, len(x))
			}
			for i := range x {
				got[name][i] += x[i]
			}
		}
	}
	return near(got, want, "in two cuts")
}

// near compares results by name.
func near(got, want values, how string) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if len(got[name]) != len(want[name]) {
			return fmt.Errorf("%s has %d elements, %s %d", name, len(want[name]), how, len(got[name]))
		}
		scale := 1.0
		for _, x := range want[name] {
			scale = math.Max(scale, math.Abs(x))
		}
		for i, x := range want[name] {
			if !(math.Abs(got[name][i]-x) <= exact*scale) {
				return fmt.Errorf("%s: element %d is %v, %s %v", name, i, x, how, got[name][i])
			}
		}
	}
	return nil
}

// weights doubles the weights of the batch's answers: the host multiplies losses by
// them, the head only its metric sums. Without weight there is nothing to count.
func (s *suite) weights() error {
	p, args, usual, err := s.usualRun()
	if err != nil {
		return err
	}
	for _, factor := range []float64{2, 0} {
		got, err := p.run(with(args, func(_ string, _ int, x float64) float64 { return factor * x },
			func(name string) bool { return name == "data/weight" }))
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(usual)) {
			by := factor
			switch {
			case name == "loss" && (p.traced.Coupled || factor == 0):
				continue
			case name == "loss":
				by = 1
			case !strings.HasPrefix(name, "metric/"):
				continue
			}
			for i, x := range usual[name] {
				if want := by * x; !(math.Abs(got[name][i]-want) <= exact*math.Max(1, math.Abs(want))) {
					return fmt.Errorf("with weights times %v, element %d of %s is %v, want %v", factor, i, name,
						got[name][i], want)
				}
			}
		}
	}
	return nil
}

// predictions checks that answers are ones that can be given.
func (s *suite) predictions() error {
	p, _, out, err := s.usualRun()
	if err != nil {
		return err
	}
	for _, prediction := range p.traced.Predictions {
		data := out["prediction/"+prediction.Name]
		limit := p.available()
		switch prediction.Kind {
		case head.PredictedClass:
		case head.PredictedTags, head.PredictedTokens:
			limit = p.spec.Target.Classes
		case head.PredictedSpan:
			if err := p.spans(data); err != nil {
				return fmt.Errorf("prediction %q: %w", prediction.Name, err)
			}
			continue
		case head.PredictedClasses:
			for i, x := range data {
				if c := i % p.spec.Target.Classes; x != 0 && c >= limit {
					return fmt.Errorf("prediction %q: example %d has class %d, which the mask hides",
						prediction.Name, i/p.spec.Target.Classes, c)
				}
			}
			continue
		default:
			continue
		}
		for i, x := range data {
			if !(x >= 0 && x < float64(limit)) {
				return fmt.Errorf("prediction %q: element %d is %v, want one of %d that can be the answer",
					prediction.Name, i, x, limit)
			}
		}
	}
	return nil
}

// spans checks that spans end where they begin or later, within what is real, or are none.
func (p *program) spans(data []float64) error {
	for i := range batch {
		start, end := data[2*i], data[2*i+1]
		if start == -1 && end == -1 {
			continue
		}
		if !(0 <= start && start <= end && int(end) < real(i, p.length())) {
			return fmt.Errorf("example %d: from %v to %v, of %d real positions", i, start, end,
				real(i, p.length()))
		}
	}
	return nil
}

// absent moves the places of spans that are not there: nothing changes.
func (s *suite) absent() error {
	if s.use.Target.Kind != head.SpanTarget {
		return nil
	}
	p, args, want, err := s.usualRun()
	if err != nil {
		return err
	}
	got, err := p.run(with(args, func(_ string, i int, x float64) float64 {
		if present := args["data/present"]; present == nil || present[i] == 0 {
			return float64(real(i, p.length())) - 1 - x
		}
		return x
	}, func(name string) bool { return name == "data/start" || name == "data/end" }))
	if err != nil {
		return err
	}
	return near(got, want, "with other ends where there is no span,")
}

// unseen changes the answers of the batch, not those of the support: predictions stay.
func (s *suite) unseen() error {
	p, args, first, err := s.usualRun()
	if err != nil {
		return err
	}
	second, err := p.run(with(args, func(name string, i int, _ float64) float64 {
		return args[name][len(args[name])-1-i]
	}, func(name string) bool {
		return strings.HasPrefix(name, "data/") && ofBatch(name) && name != "data/weight" &&
			name != "data/allowed" // it follows from the input
	}))
	if err != nil {
		return err
	}
	for _, prediction := range p.traced.Predictions {
		if name := "prediction/" + prediction.Name; !slices.Equal(first[name], second[name]) {
			return fmt.Errorf("%s changes with the answers", name)
		}
	}
	return nil
}

// evaluation checks that without dropout nothing depends on the key.
func (s *suite) evaluation() error {
	p, args, first, err := s.usualRun()
	if err != nil {
		return err
	}
	args["key"] = []float64{8, 13}
	second, err := p.run(args)
	if err != nil {
		return err
	}
	for _, r := range p.f.Results {
		if !slices.Equal(first[r.Name], second[r.Name]) {
			return fmt.Errorf("%s depends on the random key in evaluation", r.Name)
		}
	}
	return nil
}

// writes gives a head the tokens of a text one by one, as a search does: the best next
// token must be the one it predicts at that position of the whole text.
func (s *suite) writes() error {
	if !s.use.Writes {
		return nil
	}
	whole, text, wants, err := s.usualRun()
	if err != nil {
		return err
	}
	next := s.usual(false)
	next.Next, next.Support = true, nil
	one, err := s.link(next)
	if err != nil {
		return err
	}
	var scores, tokens string
	for _, p := range one.traced.Predictions {
		if one.shape("prediction/" + p.Name).Equal(graph.Shape{batch, s.use.Target.Classes}) {
			scores = "prediction/" + p.Name
		}
	}
	for _, p := range whole.traced.Predictions {
		if p.Kind == head.PredictedTokens {
			tokens = "prediction/" + p.Name
		}
	}
	if tokens == "" {
		return fmt.Errorf("a head that writes predicts tokens, and this one does not")
	}
	state := make([]float64, batch*cache)
	if start, ok := wants["cache"]; ok {
		state = start
	}
	written := text["tokens/data/"+setOf(next)]
	for t := range whole.length() {
		args := maps.Clone(text)
		args["data/cache"] = state
		args["data/token"], args["data/position"] = make([]float64, batch), make([]float64, batch)
		for i := range batch {
			args["data/token"][i] = written[i*whole.length()+t]
			args["data/position"][i] = float64(t)
		}
		out, err := one.run(args)
		if err != nil {
			return err
		}
		state = out["cache"]
		for i := range batch {
			row := out[scores][i*s.use.Target.Classes:][:s.use.Target.Classes]
			got, want := slices.Index(row, slices.Max(row)), wants[tokens][i*whole.length()+t]
			if float64(got) != want {
				return fmt.Errorf("example %d, position %d: token by token the next is %v, "+
					"of the whole text %v", i, t, got, want)
			}
		}
	}
	return nil
}

// setOf is the input set whose positions the target means.
func setOf(spec head.Spec) string {
	if spec.Target.Set != "" {
		return spec.Target.Set
	}
	return spec.Sets[0].Set
}
