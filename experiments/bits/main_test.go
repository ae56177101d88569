package bits_test

import (
	"fmt"
	"os"
	"testing"

	"quickstudy/cmd/runner/runnertest"
	"quickstudy/experiments/experimentstest"
)

func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil { // where the experiments are
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	runnertest.Main(m, &experimentstest.Runner)
}
