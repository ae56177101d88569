package main

import (
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	headtest.Run(t, tokenClassification, func(c *config) { c.Dropout = 0.3 }, headtest.Use{
		Target: head.Target{Kind: head.TagsTarget, Classes: 3}, Golden: "testdata/tags.txt",
	})
}

// TestSet: the tags of the second input set are those of its words.
func TestSet(t *testing.T) {
	headtest.Run[config](t, tokenClassification, nil, headtest.Use{
		Target: head.Target{Kind: head.TagsTarget, Classes: 4, Set: "words"},
		Sets:   []string{"text", "words"},
	})
}
