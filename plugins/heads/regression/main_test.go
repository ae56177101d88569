package main

import (
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	for golden, perPosition := range map[string]bool{
		"testdata/example.txt": false, "testdata/position.txt": true,
	} {
		t.Run(golden, func(t *testing.T) {
			headtest.Run(t, regression, func(c *config) { c.Dropout = 0.3 }, headtest.Use{
				Target: head.Target{Kind: head.ValueTarget, PerPosition: perPosition},
				Golden: golden,
			})
		})
	}
}
