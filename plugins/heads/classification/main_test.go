package main

import (
	"testing"

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
