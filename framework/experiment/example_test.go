package experiment_test

import (
	"fmt"
	"os"

	"quickstudy/framework/experiment"
)

func Example() {
	file, diags := experiment.Load("testdata/valid/mixed_regression.hcl", experiment.Options{})
	if diags.HasErrors() {
		if err := experiment.Render(os.Stderr, diags, file.Sources(), false); err != nil {
			fmt.Println(err)
		}
		return
	}
	for _, p := range file.Plugins() {
		fmt.Println(p.ID, p.Lookup)
	}
	// Output:
	// task "sinusoid" true
	// head "regression" false
	// metalearner "reptile" false
}
