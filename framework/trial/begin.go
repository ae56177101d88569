package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/plugin"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// Create begins a new run in a folder below root.
func (t *Trial) Create(ctx context.Context, root string) error {
	if err := t.Prepare(ctx); err != nil {
		return err
	}
	build := plugin.ThisBuild()
	var err error
	t.run, err = record.Create(root, record.Info{Experiment: t.experiment().Name,
		Seed: t.experiment().Seed, Go: build.Go, Arithmetic: t.model.Arithmetic(),
		Runner: strings.TrimSpace(plugin.BuildVersion() + " " + build.Revision)},
		t.resolved(), t.config.Session.Plugins)
	if err != nil {
		return err
	}
	if err := t.keepInitial(); err != nil {
		return err
	}
	if err := t.run.WriteData(t.learnedFrom(), t.data.Tokenizers); err != nil {
		return err
	}
	t.tell(Created{Dir: t.run.Dir()})
	return nil
}

// Resume goes on with a run, which is locked and is closed with the trial. Its plugins
// and data must be those that it began with.
func (t *Trial) Resume(ctx context.Context, run *record.Run) error {
	t.run = run
	if err := t.samePlugins("resume"); err != nil {
		return err
	}
	if err := t.sameData(); err != nil {
		return err
	}
	if err := t.Prepare(ctx); err != nil {
		return err
	}
	var err error
	if t.from, err = t.latest(run.Checkpoints()); err != nil {
		return err
	}
	if err := t.keepInitial(); err != nil { // it was killed before it did so
		return err
	}
	resumed := Resumed{Dir: run.Dir(), Saved: t.from != nil}
	if t.from != nil {
		resumed.Step = int(t.from.Step)
	}
	t.tell(resumed)
	return nil
}

// ErrArithmetic is wrapped when a run cannot go on to the same bits.
var ErrArithmetic = errors.New("going on would give other bits than the run began with")

// latest returns the checkpoint in a folder that a training goes on from; nil: none. One of
// another arithmetic is refused, or taken for one of this if the configuration allows it.
func (t *Trial) latest(folder string) (*checkpoint.Checkpoint, error) {
	found, err := checkpoint.Latest(folder)
	if errors.Is(err, checkpoint.ErrNone) {
		if errors.Is(err, checkpoint.ErrDamaged) {
			t.config.Logger.Warn().Err(err).Msg("all checkpoints are passed over")
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, err := range found.Skipped {
		t.config.Logger.Warn().Err(err).Msg("a later checkpoint is passed over")
	}
	then, now := found.Arithmetic, t.model.Arithmetic()
	if then == now {
		return found.Checkpoint, nil
	}
	if !t.config.OtherArithmetic {
		return nil, fmt.Errorf("%s was computed by %q, and this program computes by %q: %w",
			found.Path, then, now, ErrArithmetic)
	}
	t.config.Logger.Warn().Str("path", found.Path).Str("then", then).Str("now", now).
		Msg("it was computed by another arithmetic")
	found.Arithmetic = now
	whole := t.run.Info().Arithmetic
	if strings.HasSuffix(whole, ", then "+now) {
		return found.Checkpoint, nil
	}
	return found.Checkpoint, t.run.SetArithmetic(whole + ", then " + now)
}

// samePlugins refuses to do something (call) with other plugins than those of the run, since
// what they compute may differ.
func (t *Trial) samePlugins(call string) error {
	before, err := t.run.Plugins()
	if err != nil {
		return err
	}
	for _, now := range t.config.Session.Plugins {
		i := slices.IndexFunc(before, func(then record.Plugin) bool {
			return then.Kind == now.Kind && then.Name == now.Name
		})
		reason := "it took no part when the run began"
		if i >= 0 {
			if before[i].Digest == now.Digest {
				continue
			}
			reason = fmt.Sprintf("it has changed since the run began: its digest was %.15s and is %.15s",
				before[i].Digest, now.Digest)
		}
		return &plugin.Error{Kind: now.Kind, Name: now.Name, Version: now.Version, Path: now.Source,
			Call: call, Reason: reason,
			Advice: "restore what the run began with, plugin and Go version, or start a new run"}
	}
	return nil
}
