package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/backbone"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/experiment"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin"
	"quickstudy/framework/sampling"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
)

// transformer makes the backbone for the vocabularies that were trained.
func (s *Session) transformer(tokenizers map[string]*text.Tokenizer) (*backbone.Transformer,
	hcl.Diagnostics) {
	b := s.Experiment.Backbone
	c := backbone.Config{Kind: b.Kind, Layers: b.Layers, Width: b.Width, Heads: b.Heads, MLP: b.MLP,
		Dropout: b.Dropout, Activation: b.Activation, Norm: b.Norm, NormOrder: b.NormOrder,
		Positions: b.Positions, Pooling: b.Pooling}
	for _, a := range b.Adapters {
		c.Adapters = append(c.Adapters, backbone.Adapter{Kind: a.Kind, On: a.On, Rank: a.Rank,
			Scale: a.Scale, PerTask: a.Per == experiment.PerTask})
	}
	if e := b.Experts; e != nil {
		c.Experts = &backbone.Experts{Count: e.Count, PerTask: e.Per == experiment.PerTask}
	}
	for _, in := range b.Inputs {
		switch in.Name {
		case experiment.InputTokens:
			c.Tokens = &backbone.Tokens{Vocabulary: tokenizers[in.Tokenizer].Size(),
				MaxLength: in.MaxLength}
			if n := segments(s.Experiment); n > 1 {
				c.Tokens.Segments = n
				c.Tokens.Separator, _ = tokenizers[in.Tokenizer].SeparatorID()
			}
		case experiment.InputNumeric:
			c.Numeric = &backbone.Numeric{Features: in.Features, MaxLength: in.MaxLength}
		case experiment.InputImage:
			c.Image = &backbone.Image{Height: in.Image.Height, Width: in.Image.Width,
				Channels: in.Image.Channels, Patch: in.Image.Patch}
		}
	}
	t, err := backbone.New(c)
	if err != nil {
		return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeConflict, "Unsuitable backbone",
			sentence(err), b.Range)}
	}
	return t, nil
}

// segments is the largest number of texts that an input of a task reads as one.
func segments(exp *experiment.Experiment) int {
	most := 1
	for _, t := range exp.Tasks {
		for _, set := range t.Inputs {
			for _, f := range set.Fields {
				most = max(most, len(f.Fields))
			}
		}
	}
	return most
}

// Program returns the configuration of the experiment's programs for the tasks
// named, or for all. ctx bounds the tracing of heads.
func (d *Data) Program(ctx context.Context, tasks ...string) program.Config {
	exp := d.session.Experiment
	c := program.Config{Transformer: d.Transformer, Learner: d.session.learner, Freeze: exp.Freeze,
		Precision: reference.Single, Passes: d.session.options.Passes,
		Compiler: &d.compiler, Limit: d.Limit}
	if a := exp.Learner.Adaptation; a != nil && a.Recompute {
		c.Passes.With = append(slices.Clone(c.Passes.With), "recompute")
	}
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
	c.Episodes = d.Plan(tasks...).Draws()
	c.Steps = exp.Train.Steps
	return c
}

// Plan says which of the tasks named, or of all, a step is made of.
func (d *Data) Plan(tasks ...string) sampling.Plan {
	exp := d.session.Experiment
	p := sampling.Plan{Seed: exp.Seed, Mix: sampling.Mix(exp.Sampling.Rule),
		PerStep: exp.Train.MetaBatch, Temperature: exp.Sampling.Temperature, Cap: exp.Sampling.Cap,
		Steps: exp.Train.Steps}
	for _, t := range d.Tasks {
		if len(tasks) > 0 && !slices.Contains(tasks, t.Block.Name) {
			continue
		}
		p.Sizes = append(p.Sizes, len(t.Pool().Records(sampling.Train)))
		p.Weights = append(p.Weights, exp.Sampling.Weights[t.Block.Name])
	}
	if len(tasks) == 1 {
		p.Mix = sampling.Every // alone it has all steps, whatever its share
	}
	return p
}

func (d *Data) objectives(ctx context.Context, t *Task) []link.Objective {
	var objectives []link.Objective
	for _, p := range t.Block.Predicts {
		client := d.session.heads[p.Head]
		objectives = append(objectives, link.Objective{
			Name: p.Name, Head: p.Head, Weight: p.Weight,
			Target: t.headTarget(p.Name),
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
	config := d.Program(ctx)
	m, err := program.New(ctx, config)
	var failure *plugin.Error
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, nil, err
	case errors.As(err, &failure):
		if missing := lackOfOptimizer(ctx, exp, config, failure); missing != nil {
			return nil, hcl.Diagnostics{missing}, nil
		}
		return nil, nil, err
	default:
		return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeData, "Unsuitable experiment",
			sentence(err), exp.Range)}, nil
	}
	diags := append(unusedOptimizer(exp, m), unusedAdaptation(exp, m)...)
	for _, pattern := range exp.Freeze {
		matches := func(l nn.Leaf) bool { return nn.Match(pattern, l.Address) }
		if !slices.ContainsFunc(m.Leaves(), matches) {
			diags = append(diags, experiment.Diagnostic(experiment.CodeReference, "Pattern without a leaf",
				fmt.Sprintf("No parameter's address matches %q in freeze.", pattern), exp.Range))
		}
	}
	return m, diags, nil
}
