package record

import (
	"fmt"

	"quickstudy/framework/head"
	"quickstudy/framework/train/metric"
)

// Episodes is what episodes.json holds: every evaluation episode's score, by
// which two runs that were evaluated on the same episodes are compared.
type Episodes struct {
	Format int          `json:"format"`
	Sets   []EpisodeSet `json:"sets"`
}

// An EpisodeSet is a list of frozen episodes and what was scored on them.
type EpisodeSet struct {
	Name   string   `json:"name"` // of the task and split: "intents/test"
	Hash   string   `json:"hash"` // of the episodes' records, in their order
	Count  int      `json:"count"`
	Series []Series `json:"series"`
}

// A Series is a score for each episode of a set, in their order. Of a metric that is no mean
// over the records of a set, such as BLEU, it is sums instead: see metric.Bootstrap.
type Series struct {
	Row          string   `json:"row"`    // as in the tables: "maml", "untrained", "centroid"
	Column       string   `json:"column"` // such as the number of inner steps; may be ""
	Metric       string   `json:"metric"`
	HigherBetter bool     `json:"higher_better"`
	Scores       []Number `json:"scores,omitempty"`

	Finish head.Finish `json:"finish,omitempty"` // how a score follows from sums
	Groups [][]Number  `json:"groups,omitempty"` // the sums of every group of records
}

// Interval returns the score of a series with its 95 % interval.
func (s Series) Interval() (metric.Interval, error) {
	if s.Finish == "" {
		return metric.Mean(floats(s.Scores)), nil
	}
	return metric.Bootstrap(s.Finish, sums(s.Groups))
}

// Mean returns the score without its interval.
func (s Series) Mean() (float64, error) {
	if s.Finish == "" {
		return metric.Mean(floats(s.Scores)).Mean, nil
	}
	total, err := metric.Total(s.Finish, sums(s.Groups))
	if err != nil {
		return 0, err
	}
	return metric.Finish(s.Finish, total)
}

func sums(groups [][]Number) [][]float64 {
	all := make([][]float64, len(groups))
	for i, g := range groups {
		all[i] = floats(g)
	}
	return all
}

func (s Series) label() string {
	if s.Column == "" {
		return fmt.Sprintf("row %q, metric %q", s.Row, s.Metric)
	}
	return fmt.Sprintf("row %q, column %q, metric %q", s.Row, s.Column, s.Metric)
}

// same reports whether two series are of the same method and metric.
func (s Series) same(other Series) bool {
	return s.Row == other.Row && s.Column == other.Column && s.Metric == other.Metric
}

func (e *Episodes) check() error {
	names := map[string]bool{}
	for _, set := range e.Sets {
		if names[set.Name] {
			return fmt.Errorf("episode set %q occurs twice", set.Name)
		}
		names[set.Name] = true
		if err := set.check(); err != nil {
			return fmt.Errorf("episode set %q: %w", set.Name, err)
		}
	}
	return nil
}

func (s *EpisodeSet) check() error {
	if s.Hash == "" {
		return fmt.Errorf("the hash is missing")
	}
	labels := map[string]bool{}
	for _, series := range s.Series {
		label := series.label()
		if labels[label] {
			return fmt.Errorf("%s occurs twice", label)
		}
		labels[label] = true
		if series.Finish != "" {
			if len(series.Scores) > 0 {
				return fmt.Errorf("%s: both scores and sums", label)
			}
			if _, err := metric.Total(series.Finish, sums(series.Groups)); err != nil {
				return fmt.Errorf("%s: %w", label, err)
			}
			continue
		}
		if len(series.Scores) != s.Count {
			return fmt.Errorf("%s: %d scores for %d episodes", label, len(series.Scores), s.Count)
		}
	}
	return nil
}

// WriteEpisodes replaces the episodes' scores.
func (r *Run) WriteEpisodes(sets []EpisodeSet) error {
	if err := r.mustBeLocked("write episodes"); err != nil {
		return err
	}
	return writeJSON(r.path(episodesFile), maxEpisodes, &Episodes{Format: FormatVersion, Sets: sets})
}

// Episodes returns the episodes' scores, or ErrNotYet.
func (r *Run) Episodes() (*Episodes, error) {
	var episodes Episodes
	if err := readJSON(r.path(episodesFile), maxEpisodes, &episodes); err != nil {
		return nil, r.notYet("scores of the episodes", err)
	}
	return &episodes, nil
}
