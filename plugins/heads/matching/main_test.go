package main

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	for _, variable := range []bool{false, true} {
		golden := "testdata/matching" + map[bool]string{true: "_variable"}[variable] + ".txt"
		t.Run(golden, func(t *testing.T) {
			headtest.Run[config](t, matching, nil, headtest.Use{
				Target:  head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: variable},
				Support: true, Golden: golden,
			})
		})
	}
}

// TestByHand: of three examples the last is padding; the cosines are 1 and 0.
func TestByHand(t *testing.T) {
	f, err := graph.Trace("attend", func() *graph.Func {
		x, y := graph.Param("x", graph.Float32, graph.Shape{1, 2}),
			graph.Param("y", graph.Float32, graph.Shape{3, 2})
		class, weight := graph.Param("class", graph.Int32, graph.Shape{3}),
			graph.Param("weight", graph.Float32, graph.Shape{3})
		p := config{Scale: 2}.attend(x, y, class, weight, 3)
		return &graph.Func{Name: "attend", Params: []*graph.Node{x, y, class, weight},
			Results: []graph.Result{{Name: "p", Node: p}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	got := exectest.Compile(t, f, reference.Double).Run(t, exectest.Values{"x": {3, 0},
		"y": {0.5, 0, 0, 2, 1, 1}, "class": {1, 0, 0}, "weight": {1, 1, 0}})["p"]
	e := math.Exp(2)
	exectest.Near(t, "p", got, []float64{1 / (1 + e), e / (1 + e), 0}, 1e-9)
}

func TestNoSupport(t *testing.T) {
	_, err := matching.Trace(matching.New(), head.Spec{
		Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3},
	})
	if err == nil || !strings.Contains(err.Error(), "there is no support; give the task episodes") {
		t.Errorf("got error %v", err)
	}
}
