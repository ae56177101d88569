package main

import (
	"math"
	"slices"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	dropout := func(c *config) { c.Dropout = 0.3 }
	for _, variable := range []bool{false, true} {
		golden := map[bool]string{false: "testdata/fixed.txt", true: "testdata/variable.txt"}[variable]
		t.Run(golden, func(t *testing.T) {
			headtest.Run(t, classification, dropout, headtest.Use{
				Target: head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: variable},
				Golden: golden,
			})
		})
	}
}

// TestVariableWay: parameters whose shape follows the number of classes are those
// of an episode, unless that number is fixed.
func TestVariableWay(t *testing.T) {
	for _, variable := range []bool{false, true} {
		traced, err := classification.Trace(&config{}, head.Spec{
			Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
			Target: head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: variable},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range traced.Leaves {
			if leaf.Episodic != variable {
				t.Errorf("variable way %v: leaf %q is episodic: %v", variable, leaf.Address,
					leaf.Episodic)
			}
		}
	}
}

// TestCalibration counts by hand, at the edges of bins, too.
func TestCalibration(t *testing.T) {
	scores := [][]float64{{0.9, 0.1}, {0.6, 0.4}, {0.5, 0.5}, {1, 0}, {0.95, 0.05}, {0.2, 0.8}}
	ids := []float64{0, 1, 0, 1, 0, 1}
	weight := []float64{1, 1, 2, 1, 0, 1}
	f := exectest.Trace(t, func() *graph.Func {
		s := graph.Param("scores", graph.Float32, graph.Shape{len(ids), 2})
		labels := head.Labels{IDs: graph.Param("ids", graph.Int32, graph.Shape{len(ids)}),
			Weight: graph.Param("weight", graph.Float32, graph.Shape{len(ids)})}
		m := calibration(s, graph.ArgMax(s), labels)
		return &graph.Func{Params: []*graph.Node{s, labels.IDs, labels.Weight},
			Results: []graph.Result{{Name: "count", Node: m.Sums[0]},
				{Name: "confidence", Node: m.Sums[1]}, {Name: "right", Node: m.Sums[2]}}}
	})
	want := exectest.Values{}
	for name := range map[string]bool{"count": true, "confidence": true, "right": true} {
		want[name] = make([]float64, bins)
	}
	for i, s := range scores {
		confidence, class := s[0], 0.0
		if s[1] > s[0] {
			confidence, class = s[1], 1
		}
		bin := int(math.Ceil(confidence*bins)) - 1
		want["count"][bin] += weight[i]
		want["confidence"][bin] += weight[i] * confidence
		if class == ids[i] {
			want["right"][bin] += weight[i]
		}
	}
	args := exectest.Values{"scores": slices.Concat(scores...), "ids": ids, "weight": weight}
	got := exectest.Compile(t, f, reference.Double).Run(t, args)
	for name := range want {
		exectest.Near(t, name, got[name], want[name], 1e-12)
	}
}
