package main

import (
	"strings"
	"testing"

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

func TestNoSupport(t *testing.T) {
	_, err := matching.Trace(matching.New(), head.Spec{
		Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3},
	})
	if err == nil || !strings.Contains(err.Error(), "there is no support; give the task episodes") {
		t.Errorf("got error %v", err)
	}
}
