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
			headtest.Run(t, multiLabel, dropout, headtest.Use{
				Target: head.Target{Kind: head.ClassesTarget, Classes: 3, VariableWay: variable},
				Golden: golden,
			})
		})
	}
	t.Run("one class", func(t *testing.T) {
		headtest.Run(t, multiLabel, dropout, headtest.Use{
			Target: head.Target{Kind: head.ClassesTarget, Classes: 1}})
	})
}
