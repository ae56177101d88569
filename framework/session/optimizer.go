package session

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/graph"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin"
	"quickstudy/framework/train/program"
)

// lackOfOptimizer finds out whether a learner cannot be traced because the experiment
// has no optimizer, which is the experiment's mistake: with any optimizer it can. nil:
// that is not why.
func lackOfOptimizer(ctx context.Context, exp *experiment.Experiment, config program.Config,
	failure *plugin.Error) *hcl.Diagnostic {
	if config.Optimizer != nil || failure.Kind != plugin.KindMetaLearner {
		return nil
	}
	config.Optimizer = &optim.Config{Kind: "sgd"}
	if _, err := program.New(ctx, config); err != nil {
		return nil
	}
	return experiment.Diagnostic(experiment.CodeMissing, "Missing optimizer",
		fmt.Sprintf("The meta-learner %q updates by steps of an optimizer, and there is none. Add "+
			"one to this block, such as:\n\n  optimizer \"adam\" { learning_rate = 0.001 }",
			exp.Learner.Plugin),
		exp.Learner.Range)
}

// unusedOptimizer warns of settings of an optimizer whose steps the learner never takes.
func unusedOptimizer(exp *experiment.Experiment, m *program.Model) hcl.Diagnostics {
	steps := slices.ContainsFunc(m.Update().Params(),
		func(v graph.Value) bool { return v.Name == "rate" })
	if steps {
		return nil
	}
	warn := func(what string, at hcl.Range) *hcl.Diagnostic {
		return experiment.Warning(experiment.CodeUnused, "Never used",
			fmt.Sprintf("The meta-learner %q updates without an optimizer, so %s has no effect. Remove "+
				"it.", exp.Learner.Plugin, what), at)
	}
	var diags hcl.Diagnostics
	if o := exp.Learner.Optimizer; o != nil {
		diags = append(diags, warn(fmt.Sprintf("the optimizer %q", o.Kind), o.Range))
	}
	if exp.Train.ClipNorm > 0 {
		diags = append(diags, warn("clip_norm", exp.Train.Range))
	}
	return diags
}

// unusedAdaptation warns of settings of an inner loop that the learner does not have.
func unusedAdaptation(exp *experiment.Experiment, m *program.Model) hcl.Diagnostics {
	a := exp.Learner.Adaptation
	if a == nil || m.Programs().Adapt != nil && m.Programs().Adapt.Step != nil {
		return nil
	}
	return hcl.Diagnostics{experiment.Warning(experiment.CodeUnused, "Never used",
		fmt.Sprintf("The meta-learner %q has no inner steps, so the block adaptation has no effect. "+
			"Remove it.", exp.Learner.Plugin), a.Range)}
}
