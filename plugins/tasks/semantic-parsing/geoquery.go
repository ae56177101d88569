package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"quickstudy/framework/task/datafile"
)

// query is a logical form of the file with the questions that ask for it: those of one differ
// in their words, and in the names that stand for its variables.
type query struct {
	Logic     []string   `json:"logic"`
	Split     string     `json:"query-split"`
	Sentences []question `json:"sentences"`
}

type question struct {
	Split     string            `json:"question-split"`
	Text      string            `json:"text"`
	Variables map[string]string `json:"variables"`
}

// The names of splits in the file, and ours.
var geoSplits = []struct{ published, split string }{{"train", "train"}, {"dev", "validation"},
	{"test", "test"}}

// readGeoQuery divides questions as the file says for each question or, by division "query", for
// each logical form, so that no form is in two splits. The first of several forms is taken, as
// Finegan-Dollak et al. 2018 do. An error names the line of the form.
func readGeoQuery(file datafile.File, division string) ([]part, error) {
	text, err := file.Text()
	if err != nil {
		return nil, err
	}
	parts := make([]part, len(geoSplits))
	for i, s := range geoSplits {
		parts[i].split = s.split
	}
	err = eachQuery([]byte(text), func(q query) error {
		if len(q.Logic) == 0 {
			return errors.New("there is no list \"logic\"")
		}
		if len(q.Sentences) == 0 {
			return errors.New("there is no list \"sentences\"")
		}
		for n, s := range q.Sentences {
			published, named := s.Split, "question-split"
			if division == "query" {
				published, named = q.Split, "query-split"
			}
			at := slices.IndexFunc(parts, func(p part) bool { return p.split == splitOf(published) })
			if at < 0 {
				return fmt.Errorf("sentence %d: %q is %q, want train, dev or test", n+1, named, published)
			}
			one, err := s.filled(q.Logic[0])
			if err != nil {
				return fmt.Errorf("sentence %d: %w", n+1, err)
			}
			parts[at].pairs = append(parts[at].pairs, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Path, err)
	}
	return parts, nil
}

func splitOf(published string) string {
	for _, s := range geoSplits {
		if s.published == published {
			return s.split
		}
	}
	return ""
}

// eachQuery shows the elements of a list one after the other. What is wrong with one is told with
// the line on which it ends or, of JSON that is none, where that is.
func eachQuery(data []byte, show func(q query) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	at := func(offset int64, err error) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			offset, err = int64(len(data)), errors.New("the JSON ends early")
		}
		offset = min(max(offset, 0), int64(len(data)))
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
	}
	token, err := d.Token()
	if err == nil && token != json.Delim('[') {
		err = errors.New("want a list of logical forms: is it GeoQuery's JSON?")
	}
	if err != nil {
		return at(d.InputOffset(), err)
	}
	for n := 1; d.More(); n++ {
		var q query
		err := d.Decode(&q)
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &syntax):
			return at(syntax.Offset, err)
		case err == nil:
			err = show(q)
		default:
			var kind *json.UnmarshalTypeError
			if errors.As(err, &kind) {
				err = fmt.Errorf("member %q is a JSON %s", kind.Field, kind.Value)
			}
		}
		if err != nil {
			return at(d.InputOffset(), fmt.Errorf("logical form %d, which ends here: %w", n, err))
		}
	}
	if _, err := d.Token(); err != nil {
		return at(d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return at(d.InputOffset(), errors.New("something follows the list"))
	}
	return nil
}

var variable = regexp.MustCompile(`\bvar\d+\b`)

// filled puts names in the places of variables, in the question and in its logical form.
func (s question) filled(logic string) (pair, error) {
	var missing error
	fill := func(text string) string {
		return variable.ReplaceAllStringFunc(text, func(name string) string {
			value := strings.TrimSpace(s.Variables[name])
			if value == "" {
				missing = fmt.Errorf("nothing stands for %q in %q", name, clip(text))
			}
			return value
		})
	}
	one, err := filled(pair{input: fill(s.Text), output: fill(logic)})
	if missing != nil {
		return pair{}, missing
	}
	return one, err
}
