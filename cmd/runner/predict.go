package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"quickstudy/framework/predict"
	"quickstudy/framework/trial"
)

// predictFlags are those of predict.
type predictFlags struct {
	experimentFlags
	root, support string
	options       predict.Options
	steps         string
}

func (p *predictFlags) register(f *flag.FlagSet) {
	runsFlag(f, &p.root)
	p.registerFolders(f)
	f.StringVar(&p.options.Task, "task", "", "`NAME` of the task; may be left out if there is one")
	f.StringVar(&p.support, "support", "", "records with answers, to adapt to: JSON Lines in `FILE`")
	f.StringVar(&p.steps, "steps", "", "adapt by `N` steps (default as many as in training)")
	f.IntVar(&p.options.Writes.Beam, "beam", 1,
		"follow `N` texts at once where texts are written; 1: greedy")
	f.Float64Var(&p.options.Writes.LengthPenalty, "length-penalty", 0,
		"rank texts by log-probability / ((5+n)/6)^`A`")
	f.BoolVar(&p.options.Attention, "attention", false, "print attention weights, too")
}

func (p *predictFlags) verify() error {
	if p.steps != "" {
		n, err := strconv.Atoi(p.steps)
		if err != nil || n < 0 {
			return usageError{fmt.Sprintf("-steps %q: want a number of steps, at least 0", p.steps)}
		}
		p.options.Steps = &n
	}
	if w := p.options.Writes; w.Beam < 1 || !(w.LengthPenalty >= 0) {
		return usageError{fmt.Sprintf("-beam %d and -length-penalty %v: want at least 1 and 0", w.Beam,
			w.LengthPenalty)}
	}
	return nil
}

func predictRecords() *command {
	var p predictFlags
	return &command{
		name: "predict", args: "RUN [FILE]", min: 1, max: 2,
		summary: "predict, by what a run has learned, from records that it has not seen",
		help: `FILE, or standard input if it is left out or -, holds a record in every line, as a
JSON object with the fields that the task's inputs read; what else is there is not
read. For each a line of JSON is printed: the number of its line, the steps of
adaptation, and what every objective predicts, such as

    {"line":1,"steps":5,"predictions":{"intent":{"class":"greeting","scores":[...]}}}

An image is the path of a PNG, JPEG or GIF, which begins at FILE's folder, or its numbers.

A few-shot run needs -support, a file of the same kind with the answers, too: the model
adapts to it as in an episode, and then predicts. Its classes may be new ones, as many
as in the run's episodes or fewer.

A text that is written goes on from what the line has of it, if anything. The state is
the one that the run was evaluated with: the best on validation, or else the last. The
plugins and the data must be those that the run began with. Where the run truncates its
inputs, "lost" counts the positions that were cut off.

-attention adds the weights of every layer and head, by query and key position, before
and after adaptation.`,
		examples: []string{
			"runner predict runs/quickstart/2026-11-24T00-25-10Z-7f3a90 queries.jsonl -support shots.jsonl",
			"runner predict 2026-11-24T00 -attention",
		},
		flags: p.register,
		run: func(ctx context.Context, c *console, args []string) error {
			if err := p.verify(); err != nil {
				return err
			}
			return p.predict(ctx, c, args)
		},
	}
}

// predict opens the run, and what is read, first what can go wrong first.
func (p *predictFlags) predict(ctx context.Context, c *console, args []string) error {
	run, err := openRun(p.root, args[0])
	if err != nil {
		return err
	}
	name, in := "standard input", c.stdin
	if len(args) > 1 && args[1] != "-" {
		file, err := os.Open(args[1])
		if err != nil {
			return err
		}
		defer file.Close()
		name, in = args[1], file
	}
	if p.support != "" {
		file, err := os.Open(p.support)
		if err != nil {
			return fmt.Errorf("-support: %w", err)
		}
		defer file.Close()
		p.options.Support, p.options.SupportName = file, p.support
	}
	s, err := p.experiment(ctx, c, run.ResolvedPath())
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := trial.Open(ctx, trial.Config{Session: s, Watch: newMeter(c).watch, Logger: c.logger})
	if err != nil {
		return err
	}
	defer c.closing(t.Close)
	state, err := t.Restore(ctx, run)
	if err != nil {
		return err
	}
	predictor, err := predict.New(ctx, t, state, p.options)
	switch {
	case errors.Is(err, predict.ErrUnknownTask):
		return usageError{"-task: " + err.Error()}
	case err != nil:
		return err
	}
	return printPredictions(ctx, c.stdout, predictor, predictor.Lines(name, in))
}

// printPredictions prints those of every line, as many lines at a time as are predicted at
// once; those before a line with a mistake, too.
func printPredictions(ctx context.Context, w io.Writer, p *predict.Predictor,
	lines *predict.Lines) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		records, mistake := lines.Next(p.Most())
		if len(records) > 0 {
			predictions, err := p.Predict(ctx, records)
			if err != nil {
				return errors.Join(err, out.Flush())
			}
			for _, one := range predictions {
				if err := encoder.Encode(one); err != nil {
					return err
				}
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(mistake, io.EOF):
			return nil
		case mistake != nil:
			return mistake
		}
	}
}
