// Package experiments_test holds the experiments to what their headers and the README
// say, and runs each to its end in a reduced form.
package experiments_test

import (
	"testing"

	"quickstudy/cmd/runner/runnertest"
	"quickstudy/experiments/experimentstest"
)

func TestMain(m *testing.M) { runnertest.Main(m, &experimentstest.Runner) }
