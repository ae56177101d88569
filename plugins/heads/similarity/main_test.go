package main

import (
	"strings"
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

var (
	pairs = []string{"left", "right"}
	yesNo = head.Target{Kind: head.ClassTarget, Classes: 2}
	value = head.Target{Kind: head.ValueTarget}
)

func TestConformance(t *testing.T) {
	for _, row := range []struct {
		golden string
		config func(c *config)
		target head.Target
	}{
		{"testdata/class.txt", nil, yesNo},
		{"testdata/value.txt", func(c *config) { c.Scale = 5 }, value},
		{"testdata/contrastive_class.txt", func(c *config) { c.Contrastive, c.Temperature = true, 0.5 },
			yesNo},
		{"testdata/contrastive_value.txt", func(c *config) { c.Contrastive, c.Temperature = true, 0.5 },
			value},
	} {
		t.Run(row.golden, func(t *testing.T) {
			headtest.Run(t, similarity, row.config,
				headtest.Use{Target: row.target, Sets: pairs, Golden: row.golden})
		})
	}
}

// TestClassesByTexts: with a support the classes are its texts'.
func TestClassesByTexts(t *testing.T) {
	for _, variable := range []bool{false, true} {
		golden := "testdata/texts" + map[bool]string{true: "_variable"}[variable] + ".txt"
		t.Run(golden, func(t *testing.T) {
			headtest.Run(t, similarity, func(c *config) { c.Temperature = 0.5 }, headtest.Use{
				Target:  head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: variable},
				Support: true, Golden: golden,
			})
		})
	}
}

func TestMistakes(t *testing.T) {
	for _, row := range []struct {
		target head.Target
		want   string
	}{
		{head.Target{Kind: head.ClassTarget, Classes: 3}, "a target of 3 classes, want two"},
		{head.Target{Kind: head.SpanTarget}, "the target is a span, want a class of two or a value"},
	} {
		_, err := similarity.Trace(similarity.New(), head.Spec{Width: 8, Batch: 4, Target: row.target,
			Sets: []head.Length{{Set: "left", Positions: 6}, {Set: "right", Positions: 5}}})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got error %v, want %q", err, row.want)
		}
	}
}
