package headtest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// degenerate checks that every value and derivative is a number on batches that occur.
func (s *suite) degenerate() error {
	for _, train := range []bool{false, true} {
		p, err := s.link(s.usual(train))
		if err != nil {
			return err
		}
		for _, b := range p.degenerated() {
			out, err := p.run(b.args)
			if err == nil {
				err = finite(out)
			}
			if total := out["total"]; err == nil && b.args["inverse_weight"][0] == 0 && total[0] != 0 {
				err = fmt.Errorf("the weighted loss is %v, want 0", total[0])
			}
			if err != nil {
				return fmt.Errorf("%s, training %v: %w", b.name, train, err)
			}
		}
	}
	return nil
}

// named are arguments with a name for messages.
type named struct {
	name string
	args values
}

func (p *program) degenerated() []named {
	usual := p.values()
	zero := func(string, int, float64) float64 { return 0 }
	first := func(_ string, i int, _ float64) float64 { return truth(i == 0) }
	stride := func(name string) int { return len(usual[name]) / p.shape(name)[0] }
	is := func(names ...string) func(string) bool {
		return func(name string) bool { return slices.Contains(names, name) }
	}
	under := func(folders ...string) func(string) bool {
		return func(name string) bool {
			folder, _, _ := strings.Cut(name, "/")
			return slices.Contains(folders, folder)
		}
	}
	firstClass := func(_ string, i int, x float64) float64 {
		return x * truth(i%p.spec.Target.Classes == 0)
	}
	oneClass := with(usual, first, is("data/class_mask"))
	oneClass = with(oneClass, zero, is("data/class", "support/class"))
	padding := with(usual, zero, under("features", "mask"))
	return []named{
		{"a row of padding", with(usual, func(name string, i int, x float64) float64 {
			return x * truth(i >= stride(name))
		}, ofBatch)},
		{"padding alone", with(padding, zero, is("data/weight", "inverse_weight"))},
		{"zero features", with(usual, zero, under("features"))},
		{"zero parameters", with(usual, zero, under("param", "w", "table"))},
		{"one class", with(oneClass, firstClass, is("data/classes", "support/classes"))},
		{"equal examples", with(usual, func(name string, i int, _ float64) float64 {
			return usual[name][i%stride(name)]
		}, under("features"))},
		{"large features", with(usual, func(_ string, _ int, x float64) float64 { return 1e4 * x },
			under("features"))},
	}
}

func finite(out values) error {
	for _, name := range slices.Sorted(maps.Keys(out)) {
		for i, x := range out[name] {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s: element %d is %v", name, i, x)
			}
		}
	}
	return nil
}
