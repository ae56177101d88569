package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"quickstudy/framework/train/record"
)

// What is kept of a run: these files as they are but for the folders in paths, the machine,
// and the scores of every episode by which the results are checked.
var keptFiles = []string{"run.json", "resolved.hcl", "plugins.json", "data.json", "results.json"}

const (
	machineFile = "machine.txt"
	scoresFile  = "scores.json.gz"
)

// absolute is a path with at least two folders, of which the last says enough.
var absolute = regexp.MustCompile(`"(?:/[^"/\n]*)+/([^"/\n]+/[^"/\n]+)"`)

// named is what records may be kept under.
var named = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// add keeps a finished run below a folder, and returns where. Runs of one file that differ
// in a variable are told apart by the name they are kept as; "" is their experiment's.
func add(dir, root, as string) (string, error) {
	run, err := record.Open(dir)
	if err != nil {
		return "", err
	}
	info := run.Info()
	if info.Status != record.Done {
		return "", fmt.Errorf("the run is %s, want one that is done", info.Status)
	}
	if as == "" {
		as = info.Experiment
	} else if !named.MatchString(as) {
		return "", fmt.Errorf("the name %q, want small letters and digits with - between", as)
	}
	to := filepath.Join(root, as, fmt.Sprintf("seed-%d", info.Seed))
	if _, err := os.Stat(to); err == nil {
		return "", fmt.Errorf("%s is there already; remove it to keep another run", to)
	}
	scores, err := scoresOf(run)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", err
	}
	files := map[string][]byte{machineFile: []byte(machine()), scoresFile: scores}
	for _, name := range keptFiles {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		files[name] = absolute.ReplaceAll(content, []byte(`".../$1"`))
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			return "", err
		}
	}
	if _, err := load(to); err != nil {
		return "", errors.Join(err, os.RemoveAll(to))
	}
	return to, nil
}

// scoresOf are the scores of the episodes by the metrics that the tables show.
func scoresOf(run *record.Run) ([]byte, error) {
	episodes, err := run.Episodes()
	if err != nil {
		return nil, err
	}
	tables, err := run.Results()
	if err != nil {
		return nil, err
	}
	for i, set := range episodes.Sets {
		episodes.Sets[i].Series = slices.DeleteFunc(set.Series, func(s record.Series) bool {
			return !slices.ContainsFunc(tables, func(t record.Table) bool {
				return strings.HasPrefix(t.Title, set.Name+",") &&
					slices.Contains(strings.Split(t.Metric, ", "), s.Metric)
			})
		})
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(w).Encode(episodes); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// machine describes this one, as far as times depend on it.
func machine() string {
	name := runtime.GOARCH
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(content); m != nil {
			name = string(m[1])
		}
	}
	return fmt.Sprintf("%d processors, %s, %s\n", runtime.NumCPU(), name, runtime.GOOS)
}

// kept is a run as it was kept.
type kept struct {
	*record.Run
	machine string
	tables  []record.Table
	scores  record.Episodes
}

// load reads a kept run and checks that its tables follow from its scores.
func load(dir string) (*kept, error) {
	run, err := record.Open(dir)
	if err != nil {
		return nil, err
	}
	k := &kept{Run: run}
	machine, err := os.ReadFile(filepath.Join(dir, machineFile))
	if err != nil {
		return nil, err
	}
	k.machine = strings.TrimSpace(string(machine))
	if k.tables, err = run.Results(); err != nil {
		return nil, err
	}
	packed, err := os.Open(filepath.Join(dir, scoresFile))
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	content, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packed.Name(), err)
	}
	const most = 64 << 20
	if err := json.NewDecoder(io.LimitReader(content, most)).Decode(&k.scores); err != nil {
		return nil, fmt.Errorf("%s: %w", packed.Name(), err)
	}
	return k, k.check()
}

// check compares the cells of the tables of scores with the scores of episodes.
func (k *kept) check() error {
	checked := 0
	for _, set := range k.scores.Sets {
		for _, s := range set.Series {
			cell, ok := k.cell(set, s)
			if !ok {
				continue
			}
			want, err := s.Mean()
			if err != nil {
				return err
			}
			if math.Abs(float64(cell.Mean)-want) > 1e-9*math.Max(1, math.Abs(want)) {
				return fmt.Errorf("%s, %s, row %q, column %q: the table has %v, that of %d scores is %v",
					k.Dir(), set.Name, s.Row, s.Column, cell.Mean, max(len(s.Scores), len(s.Groups)), want)
			}
			checked++
		}
	}
	if checked == 0 {
		return errors.New("no cell of the tables could be checked by scores")
	}
	return nil
}

// cell finds what a table shows of a series; of several columns that of a series without one
// is in all of them.
func (k *kept) cell(set record.EpisodeSet, s record.Series) (record.Cell, bool) {
	for _, t := range k.tables {
		if !strings.HasPrefix(t.Title, set.Name+",") || t.RowHeader != "method" {
			continue
		}
		column := slices.IndexFunc(t.Columns, func(c string) bool {
			return c == s.Column || s.Column == "" && (c == s.Metric || t.Metric == s.Metric)
		})
		row := slices.IndexFunc(t.Rows, func(r record.Row) bool { return r.Name == s.Row })
		if column >= 0 && row >= 0 && slices.Contains(strings.Split(t.Metric, ", "), s.Metric) {
			return t.Rows[row].Cells[column], true
		}
	}
	return record.Cell{}, false
}
