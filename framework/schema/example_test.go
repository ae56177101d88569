package schema_test

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

type inner struct {
	Rate  schema.Schedule `config:"inner_lr" doc:"rate of the inner step" min:">0"`
	Steps int             `config:"inner_steps" doc:"inner steps" min:"1"`
}

func Example() {
	defaults := inner{Rate: schema.Constant(0.1), Steps: 5}
	s, err := schema.Of(defaults)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range s.Attributes {
		fmt.Printf("%s: %s, %s\n", a.Name, a.Doc, a.Range())
	}

	given := cty.ObjectVal(map[string]cty.Value{"inner_lr": cty.NumberFloatVal(0.5)})
	value, _ := s.Complete(given)
	var c inner
	schema.Decode(value, &c)
	fmt.Println(c.Rate, c.Steps)

	_, problems := s.Complete(cty.ObjectVal(map[string]cty.Value{"inner_step": cty.NumberIntVal(3)}))
	fmt.Println(problems[0].Path, problems[0].Detail)
	// Output:
	// inner_lr: rate of the inner step, above 0
	// inner_steps: inner steps, at least 1
	// 0.5 5
	// .inner_step There is no attribute "inner_step" here. Did you mean "inner_steps"?
}

func ExampleSchedule() {
	s := schema.Cosine(1, 0).WithWarmup(2)
	for step := range 6 {
		fmt.Printf("%.2f ", s.At(step, 6))
	}
	fmt.Println(s)
	// Output: 0.50 1.00 1.00 0.85 0.50 0.15 warmup(2, cosine(1, 0))
}
