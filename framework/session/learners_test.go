package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/head"
	"quickstudy/framework/plugin"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/traintest"
)

// TestLearnersAgainstPyTorch replays what tools/fixtures/adaptation.py makes of the papers'
// equations, with the bundled learners and heads, each in its process: every loss and the
// parameters after 20 steps are those of PyTorch.
func TestLearnersAgainstPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/learners.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases map[string]struct {
			Plugin, Head string
			Attributes   map[string]any
		}
	}
	// A case's losses and parameters take the place of those of the run that all share.
	var runs struct{ Cases map[string]json.RawMessage }
	for _, into := range []any{&all, &runs} {
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	heads := map[string]*plugin.Process{}
	for _, one := range all.Cases {
		if heads[one.Head] == nil {
			heads[one.Head] = launch(t, "head", one.Head)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all.Cases)) {
		one := all.Cases[name]
		given := map[string]cty.Value{}
		for attribute, x := range one.Attributes {
			given[attribute] = value(t, x)
		}
		learner := launch(t, "metalearner", one.Plugin)
		parts := traintest.Parts{
			Learner: func(*traintest.Run) program.Learner {
				c := learner.Learner()
				configure(t, learner, c.Configure, given)
				return program.Learner{Name: one.Plugin, Trace: c.Trace}
			},
			Trace: func(traintest.Objective) func(head.Spec) (*head.Traced, error) {
				c := heads[one.Head].Head()
				configure(t, heads[one.Head], c.Configure, nil)
				return func(spec head.Spec) (*head.Traced, error) { return c.Trace(t.Context(), spec) }
			},
		}
		for _, p := range traintest.Precisions {
			t.Run(name+"/"+p.Name, func(t *testing.T) {
				run := &traintest.Run{}
				for _, part := range [][]byte{content, runs.Cases[name]} {
					if err := json.Unmarshal(part, run); err != nil {
						t.Fatal(err)
					}
				}
				after := run.After[fmt.Sprint(run.Steps)]
				for address := range run.Initial {
					if _, there := after[address]; !there { // the case's head has no leaves
						delete(run.Initial, address)
					}
				}
				traintest.Replay(t, run, parts, p.Precision, p.Tolerance)
			})
		}
	}
}

// value is an attribute's of JSON.
func value(t *testing.T, x any) cty.Value {
	t.Helper()
	switch x := x.(type) {
	case float64:
		return cty.NumberFloatVal(x)
	case string:
		return cty.StringVal(x)
	case []any:
		var list []cty.Value
		for _, one := range x {
			list = append(list, cty.StringVal(fmt.Sprint(one)))
		}
		return cty.ListVal(list)
	}
	t.Fatalf("an attribute of type %T", x)
	return cty.NilVal
}
