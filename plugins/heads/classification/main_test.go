package main

import (
	"testing"

	"quickstudy/framework/head"
)

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
				t.Errorf("variable way %v: leaf %q is episodic: %v", variable, leaf.Address, leaf.Episodic)
			}
		}
	}
}
