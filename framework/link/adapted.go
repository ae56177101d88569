package link

import (
	"fmt"
	"maps"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

// inlined replaces the calls in adapted leaves by the losses' bodies. A head is
// linked with the backbone's functions alone, so leaves with calls in them cannot
// be its arguments. All steps are inlined together, so that what they share stays
// shared.
func (t *Task) inlined(steps []map[string]*graph.Node, failed *error) []map[string]*graph.Node {
	f := &graph.Func{Name: "adapted"}
	for i, leaves := range steps {
		for _, address := range slices.Sorted(maps.Keys(leaves)) {
			f.Results = append(f.Results,
				graph.Result{Name: fmt.Sprintf("%d/%s", i, address), Node: leaves[address]})
		}
	}
	inlined, err := passes.Inline(f, t.losses(false, failed))
	if err != nil {
		if *failed == nil {
			*failed = err
		}
		return nil
	}
	out := make([]map[string]*graph.Node, len(steps))
	results := inlined.Results
	for i, leaves := range steps {
		out[i] = map[string]*graph.Node{}
		for _, address := range slices.Sorted(maps.Keys(leaves)) {
			out[i][address] = results[0].Node
			results = results[1:]
		}
	}
	return out
}
