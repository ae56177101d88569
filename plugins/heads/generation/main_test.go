package main

import (
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	smoothed := func(c *config) { c.LabelSmoothing, c.Dropout = 0.1, 0.2 }
	for _, row := range []struct {
		name   string
		config func(c *config)
		use    headtest.Use
	}{
		{"from a source", smoothed, headtest.Use{
			Target: head.Target{Kind: head.TokensTarget, Classes: 7, Set: "text"},
			Sets:   []string{"source", "text"}, Golden: "testdata/source.txt"}},
		{"alone", nil, headtest.Use{Target: head.Target{Kind: head.TokensTarget, Classes: 7},
			DecoderOnly: true, Golden: "testdata/alone.txt"}},
		{"not tied", func(c *config) { c.Tied = false }, headtest.Use{
			Target: head.Target{Kind: head.TokensTarget, Classes: 5}, DecoderOnly: true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.use.Writes = true
			headtest.Run(t, generation, row.config, row.use)
		})
	}
}
