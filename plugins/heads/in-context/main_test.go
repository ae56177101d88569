package main

import (
	"strings"
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	for golden, target := range map[string]head.Target{
		"testdata/class.txt":          {Kind: head.ClassTarget, Classes: 3},
		"testdata/class_variable.txt": {Kind: head.ClassTarget, Classes: 3, VariableWay: true},
		"testdata/value.txt":          {Kind: head.ValueTarget},
	} {
		t.Run(golden, func(t *testing.T) {
			headtest.Run(t, inContext, func(c *config) { c.Layers, c.Heads = 1, 2 },
				headtest.Use{Target: target, Support: true, Golden: golden})
		})
	}
}

func TestRefuses(t *testing.T) {
	spec := head.Spec{Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3}}
	_, err := inContext.Trace(inContext.New(), spec)
	if err == nil || !strings.Contains(err.Error(), "there is no support; give the task episodes") {
		t.Errorf("got error %v", err)
	}
}
