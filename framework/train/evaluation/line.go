package evaluation

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/baseline"
	"quickstudy/framework/train/metric"
)

// Rows that are read against a learner's. They learn from the support alone, or for
// ordinary batches from the training split.
const (
	RowTrained   = "trained" // by whatever learner, so that runs of several can be compared
	RowInitial   = "initial" // before training, of a run that starts from another
	RowUntrained = "untrained"
	RowCentroid  = "centroid" // of TF-IDF vectors of the texts
	RowNearest   = "nearest"  // the class of the nearest of the support, by its numbers or pixels
	RowMajority  = "majority" // the most frequent class; of values RowMean
	RowMean      = "mean"     // the mean of the values
	RowChance    = "chance"
)

// line is what one method scored for one objective.
type line struct {
	row      string
	scores   []Score
	constant bool // the scores do not depend on adaptation steps
}

// find returns the score by a metric after a number of steps, or nil.
func (l line) find(metric string, step int) *Score {
	for i, s := range l.scores {
		if s.Metric == metric && (l.constant || s.Step == step) {
			return &l.scores[i]
		}
	}
	return nil
}

// of returns a model's scores of one objective.
func (s *Scores) of(objective, row string) line {
	l := line{row: row}
	for _, score := range s.All {
		if score.Objective == objective {
			l.scores = append(l.scores, score)
		}
	}
	return l
}

// lesson is what a method that is no model learns from and is judged by.
type lesson struct{ support, query sampling.Raw }

// lessons are the episodes of a set, or of ordinary batches one: all of the training
// split, and all of the set.
func (s Set) lessons(objective string) ([]lesson, error) {
	var all []lesson
	for _, d := range s.Frozen.Draws {
		support, query, err := s.Data.Raw(d, objective)
		if err != nil {
			return nil, err
		}
		all = append(all, lesson{support, query})
	}
	if !s.Data.Batched() {
		return all, nil
	}
	draws, err := s.Data.Pass(sampling.Train)
	if err != nil {
		return nil, err
	}
	var one lesson
	for _, l := range all {
		one.query = joined(one.query, l.query)
	}
	for _, d := range draws {
		_, train, err := s.Data.Raw(d, objective)
		if err != nil {
			return nil, err
		}
		one.support = joined(one.support, train)
	}
	return []lesson{one}, nil
}

func joined(a, b sampling.Raw) sampling.Raw {
	return sampling.Raw{Texts: append(a.Texts, b.Texts...),
		Numbers: append(a.Numbers, b.Numbers...), Labels: append(a.Labels, b.Labels...),
		Values: append(a.Values, b.Values...), Answers: append(a.Answers, b.Answers...),
		Classes: b.Classes, Other: b.Other}
}

// labelled leaves out the records without a target.
func labelled(raw sampling.Raw) sampling.Raw {
	out := sampling.Raw{Classes: raw.Classes, Answers: raw.Answers, Other: raw.Other}
	for i, label := range raw.Labels {
		if label >= 0 {
			out.Labels = append(out.Labels, label)
			if raw.Texts != nil {
				out.Texts = append(out.Texts, raw.Texts[i])
			}
			if raw.Numbers != nil {
				out.Numbers = append(out.Numbers, raw.Numbers[i])
			}
		}
	}
	for _, values := range raw.Values {
		if len(values) > 0 {
			out.Values = append(out.Values, values)
		}
	}
	return out
}

// constantLine returns the line of a row that learns from lessons alone; with a reason
// instead where there is nothing that the method could learn from.
func (s Set) constantLine(row, objective string, lessons []lesson, features baseline.Features) (
	l line, why string, err error) {
	if row == RowMajority && lessons[0].query.Values != nil {
		row = RowMean
	}
	o := objectiveOfRow(row, objective, lessons[0].query.Answers != nil)
	var outcomes []outcome
	for _, one := range lessons {
		t, why, err := answer(row, labelled(one.support), labelled(one.query), features)
		if why != "" || err != nil {
			return line{}, why, err
		}
		out := outcome{records: t.records}
		for _, m := range o.measures {
			out.sums, out.each = append(out.sums, t.sums(m)), append(out.each, t.each[m.name])
		}
		outcomes = append(outcomes, out)
	}
	l = line{row: row, constant: true}
	for i := range o.measures {
		score, err := o.finish(i, outcomes, s.Data.Batched())
		if err != nil {
			return line{}, "", err
		}
		l.scores = append(l.scores, score)
	}
	return l, "", nil
}

// objectiveOfRow says by what a baseline is scored.
func objectiveOfRow(row, name string, spans bool) objective {
	o := objective{name: name}
	switch {
	case spans:
		o.derive(exactMatchName, answerF1Name, spanF1Name)
	case row == RowMean:
		o.derive(mseName)
	case row == RowChance:
		o.derive(accuracyName)
	default:
		o.derive(accuracyName, macroF1Name)
	}
	return o
}

// answer predicts the query from the support and counts.
func answer(row string, support, query sampling.Raw, features baseline.Features) (t tally,
	why string, err error) {
	known := len(support.Labels) + len(support.Values) + len(support.Answers)
	switch {
	case query.Other != "":
		return tally{}, fmt.Sprintf("it predicts a class or a value, and the target is of kind %s",
			query.Other), nil
	case row != RowMean && query.Values != nil:
		return tally{}, "it predicts classes, and the target is a value", nil
	case row != RowMajority && query.Answers != nil:
		return tally{}, "it predicts classes, and the target is a span", nil
	case row != RowChance && known == 0:
		return tally{}, "there is no support to learn from", nil
	}
	switch row {
	case RowChance:
		chance, err := baseline.Chance(query.Classes)
		for range query.Labels {
			t.count(accuracyName, parts(chance, 1)...)
			t.records = append(t.records, chance)
		}
		return t, "", err
	case RowMajority:
		if query.Answers != nil {
			var first []string
			for _, answers := range support.Answers {
				first = append(first, append(slices.Clip(answers), "")[0])
			}
			most, err := baseline.Majority(first)
			return tallyAnswers(query.Answers, slices.Repeat([]string{most}, len(query.Answers))), "", err
		}
		class, err := baseline.Majority(support.Labels)
		predicted := make([]int, len(query.Labels))
		for i := range predicted {
			predicted[i] = class
		}
		return tallyClasses(query.Labels, predicted), "", err
	case RowCentroid:
		if support.Texts == nil {
			return tally{}, "the task has no text", nil
		}
		v := baseline.FitTFIDF(support.Texts, features)
		predicted, err := v.NearestCentroid(support.Texts, support.Labels, query.Texts)
		if err != nil {
			return tally{}, "", err
		}
		return tallyClasses(query.Labels, predicted), "", nil
	case RowNearest:
		if support.Numbers == nil {
			return tally{}, "the task has no input of numbers or images", nil
		}
		predicted, err := baseline.Nearest(support.Numbers, support.Labels, query.Numbers)
		if err != nil {
			return tally{}, "", err
		}
		return tallyClasses(query.Labels, predicted), "", nil
	case RowMean:
		var all []float64
		for _, values := range support.Values {
			all = append(all, values...)
		}
		mean, err := baseline.MeanTarget(all)
		predicted := make([][]float64, len(query.Values))
		for i, values := range query.Values {
			for range values {
				predicted[i] = append(predicted[i], mean)
			}
		}
		return tallyValues(query.Values, predicted), "", err
	}
	return tally{}, "", fmt.Errorf("evaluation: row %q, want %q, %q, %q or %q", row, RowCentroid,
		RowNearest, RowMajority, RowChance)
}

// finite counts the scores that are numbers.
func finite(scores []float64) int {
	n := 0
	for _, x := range scores {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			n++
		}
	}
	return n
}

// units are the scores that are paired and averaged: of episodes, or of records.
func (s *Score) units() []float64 {
	if s.batched {
		return s.Records
	}
	return s.Draws
}

// paired reports whether a score has something to be paired by.
func (s *Score) paired() bool { return len(s.units()) > 0 || s.groups != nil }

// difference returns the paired difference of two scores; none where one has no
// units, or ones that are no numbers.
func difference(a, b *Score) (metric.Interval, bool) {
	if a == nil || b == nil {
		return metric.Interval{}, false
	}
	if a.groups != nil && b.groups != nil {
		d, err := metric.BootstrapDifference(a.finish, a.groups.sums(1), b.groups.sums(1))
		return d, err == nil && !math.IsNaN(d.HalfWidth)
	}
	d, err := metric.PairedDifference(a.units(), b.units())
	return d, err == nil
}
