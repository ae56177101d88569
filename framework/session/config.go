package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/backbone"
	"quickstudy/framework/exec"
	"quickstudy/framework/experiment"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
)

// transformer makes the backbone for the vocabularies that were trained.
func (s *Session) transformer(tokenizers map[string]*text.Tokenizer) (*backbone.Transformer,
	hcl.Diagnostics) {
	b := s.Experiment.Backbone
	if len(b.Inputs) > 1 {
		return nil, hcl.Diagnostics{refuse(experiment.CodeConflict, "Several inputs", fmt.Sprintf(
			"The backbone reads one kind of input, and has %q and %q.", b.Inputs[0].Name,
			b.Inputs[1].Name), b.Inputs[1].Range)}
	}
	c := backbone.Config{Kind: b.Kind, Layers: b.Layers, Width: b.Width, Heads: b.Heads, MLP: b.MLP,
		Dropout: b.Dropout, Activation: b.Activation, Positions: b.Positions, Pooling: b.Pooling}
	switch in := b.Inputs[0]; in.Name {
	case experiment.InputTokens:
		c.Tokens = &backbone.Tokens{Vocabulary: tokenizers[in.Tokenizer].Size(),
			MaxLength: in.MaxLength}
	case experiment.InputNumeric:
		c.Numeric = &backbone.Numeric{Features: in.Features, MaxLength: in.MaxLength}
	}
	t, err := backbone.New(c)
	if err != nil {
		return nil, hcl.Diagnostics{refuse(experiment.CodeConflict, "Unsuitable backbone",
			sentence(err), b.Range)}
	}
	return t, nil
}

// Program returns the configuration of the experiment's programs for the tasks
// named, or for all. ctx bounds the tracing of heads.
func (d *Data) Program(ctx context.Context, tasks ...string) program.Config {
	exp := d.session.Experiment
	c := program.Config{Transformer: d.Transformer, Learner: d.session.learner, Freeze: exp.Freeze,
		Steps: exp.Train.Steps, Precision: exec.Single}
	if o := exp.Learner.Optimizer; o != nil {
		c.Optimizer = &optim.Config{Kind: o.Kind, Momentum: o.Momentum, Beta1: o.Beta1,
			Beta2: o.Beta2, Epsilon: o.Epsilon, WeightDecay: o.WeightDecay,
			ClipNorm: exp.Train.ClipNorm}
	}
	for _, t := range d.Tasks {
		if len(tasks) > 0 && !slices.Contains(tasks, t.Block.Name) {
			continue
		}
		one := program.Task{Name: t.Block.Name, Draw: t.Draw, Encode: t.Encode,
			Objectives: d.objectives(ctx, t)}
		if t.Config.Batches != nil {
			one.MicroBatch = t.MicroBatch()
		}
		c.Tasks = append(c.Tasks, one)
	}
	c.Episodes = exp.Train.MetaBatch * len(c.Tasks)
	c.Steps = exp.Train.Steps
	return c
}

func (d *Data) objectives(ctx context.Context, t *Task) []link.Objective {
	var objectives []link.Objective
	for i, p := range t.Block.Predicts {
		client := d.session.heads[p.Head]
		objectives = append(objectives, link.Objective{
			Name: p.Name, Head: p.Head, Weight: p.Weight,
			Target: target(t.Config, t.Description, t.Config.Predicts[i], t.pool.ClassField()),
			Trace: func(spec head.Spec) (*head.Traced, error) {
				return client.Trace(ctx, spec)
			},
		})
	}
	return objectives
}

// Model traces heads and learner on the first episodes and makes the programs.
func (d *Data) Model(ctx context.Context) (*program.Model, hcl.Diagnostics, error) {
	exp := d.session.Experiment
	m, err := program.New(ctx, d.Program(ctx))
	var failure *plugin.Error
	switch {
	case err == nil:
	case errors.As(err, &failure) && d.lacksOptimizer(ctx):
		return nil, hcl.Diagnostics{refuse(experiment.CodeMissing, "Missing optimizer",
			fmt.Sprintf("The meta-learner %q takes steps of the experiment's optimizer. Add a block "+
				"such as optimizer \"adam\" { learning_rate = 0.001 }.", exp.Learner.Plugin),
			exp.Learner.Range)}, nil
	case errors.As(err, &failure) || ctx.Err() != nil:
		return nil, nil, err
	default:
		return nil, hcl.Diagnostics{refuse(experiment.CodeData, "Unsuitable experiment",
			sentence(err), exp.Range)}, nil
	}
	diags := unused(exp, m)
	for _, pattern := range exp.Freeze {
		matches := func(l nn.Leaf) bool { return nn.Match(pattern, l.Address) }
		if !slices.ContainsFunc(m.Leaves(), matches) {
			diags = append(diags, refuse(experiment.CodeReference, "Pattern without a leaf",
				fmt.Sprintf("No parameter's address matches %q in freeze.", pattern), exp.Range))
		}
	}
	return m, diags, nil
}

// lacksOptimizer reports whether the learner can be traced with an optimizer, and not
// without the one that the experiment does not have.
func (d *Data) lacksOptimizer(ctx context.Context) bool {
	config := d.Program(ctx)
	if config.Optimizer != nil {
		return false
	}
	config.Optimizer = &optim.Config{Kind: "sgd"}
	m, err := program.New(ctx, config)
	return err == nil && m.Optimizes()
}

// unused warns of what only an optimizer step would read, where the learner updates
// without one.
func unused(exp *experiment.Experiment, m *program.Model) hcl.Diagnostics {
	if m.Optimizes() {
		return nil
	}
	var diags hcl.Diagnostics
	warn := func(summary, what string, at hcl.Range) {
		d := refuse(experiment.CodeUnused, summary, fmt.Sprintf("The meta-learner %q updates "+
			"parameters by a rule of its own, so %s has no effect.", exp.Learner.Plugin, what), at)
		d.Severity = hcl.DiagWarning
		diags = append(diags, d)
	}
	if o := exp.Learner.Optimizer; o != nil {
		warn("Unused optimizer", "the optimizer block", o.Range)
	}
	if exp.Train.ClipNorm > 0 {
		warn("Unused clip_norm", "clip_norm, which limits the gradient of an optimizer step,",
			exp.Train.Range)
	}
	return diags
}
