package main

import (
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
)

// TestPerPosition: a value for every position costs a loss for every position.
func TestPerPosition(t *testing.T) {
	for want, perPosition := range map[string]bool{"[4]": false, "[4,6]": true} {
		traced, err := regression.Trace(&config{}, head.Spec{
			Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
			Target: head.Target{Kind: head.ValueTarget, PerPosition: perPosition},
		})
		if err != nil {
			t.Fatal(err)
		}
		if loss := traced.Func.Result("loss"); loss.DType() != graph.Float32 || loss.Shape().String() != want {
			t.Errorf("per position %v: loss of shape %v, want %v", perPosition, loss.Shape(), want)
		}
	}
}
