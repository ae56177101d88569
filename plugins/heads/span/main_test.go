package main

import (
	"fmt"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
)

func TestConformance(t *testing.T) {
	headtest.Run(t, span, func(c *config) { c.Dropout = 0.3 }, headtest.Use{
		Target: head.Target{Kind: head.SpanTarget}, Golden: "testdata/span.txt",
	})
	t.Run("short", func(t *testing.T) {
		headtest.Run(t, span, func(c *config) { c.MaxLength = 2 }, headtest.Use{
			Target: head.Target{Kind: head.SpanTarget, Set: "passage"},
			Sets:   []string{"question", "passage"},
		})
	})
}

// TestBest searches every pair of positions beside the head, at random scores.
func TestBest(t *testing.T) {
	const b, n = 40, 6
	for _, c := range []config{{}, {MaxLength: 2}, {Threshold: 0.5}, {MaxLength: 1, Threshold: -2}} {
		f := exectest.Trace(t, func() *graph.Func {
			scores := graph.Param("scores", graph.Float32, graph.Shape{b, n, 2})
			none := graph.Param("none", graph.Float32, graph.Shape{b, 1, 2})
			mask := graph.Param("mask", graph.Float32, graph.Shape{b, n})
			at := best(c, newPoint(scores, none, mask, 0), newPoint(scores, none, mask, 1), mask)
			return &graph.Func{Params: []*graph.Node{scores, none, mask},
				Results: []graph.Result{{Name: "span", Node: at}}}
		})
		args := exectest.Values{"scores": exectest.Random(1, b*n*2), "none": exectest.Random(2, b*2)}
		for i := range b {
			for j := range n {
				args["mask"] = append(args["mask"], map[bool]float64{true: 1}[j <= i%n])
			}
		}
		got := exectest.Compile(t, f, reference.Double).Run(t, args)["span"]
		spans, nones := 0, 0
		for i := range b {
			score := args["none"][2*i] + args["none"][2*i+1] + c.Threshold
			want := fmt.Sprint([]float64{-1, -1})
			for first := range i%n + 1 {
				for last := first; last <= i%n && (c.MaxLength == 0 || last < first+c.MaxLength); last++ {
					one := args["scores"][(i*n+first)*2] + args["scores"][(i*n+last)*2+1]
					if one > score {
						score, want = one, fmt.Sprint([]float64{float64(first), float64(last)})
					}
				}
			}
			if want[1] == '-' {
				nones++
			} else {
				spans++
			}
			if fmt.Sprint(got[2*i:2*i+2]) != want {
				t.Errorf("%+v, example %d: got %v, want %s", c, i, got[2*i:2*i+2], want)
			}
		}
		if spans == 0 || nones == 0 {
			t.Errorf("%+v: %d spans and %d times none, want some of both", c, spans, nones)
		}
	}
}
