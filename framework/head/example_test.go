package head_test

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

// A head is a configuration, whose tags declare the attributes of its block, and a traced
// function. plugin.Serve makes a program of it.
func ExampleDefine() {
	type config struct {
		Dropout float64 `config:"dropout" min:"0" max:"<1" doc:"share that is dropped"`
	}
	regression := head.Define("regression", "A line.", config{Dropout: 0.1},
		func(c config, t *head.Tracer) head.Outputs {
			x, y := t.Encode(head.Input).Pooled, t.Values().Values // [B, D], [B]
			if t.Train() {
				x = nn.Dropout(x, c.Dropout, t.Key())
			}
			w := t.Param("w", graph.Shape{t.Width(), 1}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
			return head.Outputs{Loss: nn.SquaredError(graph.Reshape(graph.Dot(x, w), -1), y)}
		})

	traced, err := regression.Trace(regression.New(), head.Spec{
		Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
		Target: head.Target{Kind: head.ValueTarget},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range traced.Func.Signature().Params {
		fmt.Println(p)
	}
	fmt.Println("gives", traced.Func.Signature().Results)
	// Output:
	// data/value: f32[4]
	// data/weight: f32[4]
	// param/w: f32[8,1]
	// key: i32[2]
	// gives [loss: f32[4]]
}
