package main

import (
	"slices"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

func TestConformance(t *testing.T) { tasktest.Run[config](t, names, nil) }

func TestNames(t *testing.T) {
	description, records := build(config{MinNames: 100})
	languages := description.Fields[1].Classes
	index := func(code string) int {
		for i, l := range languages {
			if l.Name == code {
				return i
			}
		}
		return -1
	}
	for _, want := range []struct{ code, script, name string }{
		{"el", "Grek", "Γαλλία"}, {"ja", "Jpan", "フランス"}, {"hu", "Latn", "Franciaország"},
		{"uk", "Cyrl", "Франція"},
	} {
		i := index(want.code)
		if i < 0 || languages[i].Super != want.script || languages[i].Count < 100 {
			t.Errorf("language %q is %d of %v, want script %s and at least 100 names", want.code, i,
				languages, want.script)
			continue
		}
		found := false
		for _, r := range records {
			found = found || r.Cells[0].Text == want.name && r.Cells[1].Ints[0] == int64(i)
		}
		if !found {
			t.Errorf("%q is not among the names of %q", want.name, want.code)
		}
	}
	if len(languages) < 50 {
		t.Errorf("%d languages, want at least 50 for training, validation and test", len(languages))
	}
	seen := make(map[string]bool)
	for _, r := range records {
		if seen[r.Cells[0].Text] {
			t.Errorf("%q occurs twice", r.Cells[0].Text)
		}
		seen[r.Cells[0].Text] = true
	}
	t.Logf("%d names in %d languages", len(records), len(languages))
}

func TestMaxNames(t *testing.T) {
	all, _ := build(config{MinNames: 100})
	few, records := build(config{MinNames: 100, MaxNames: 120})
	if len(few.Fields[1].Classes) != len(all.Fields[1].Classes) {
		t.Errorf("max_names changes the number of languages from %d to %d",
			len(all.Fields[1].Classes), len(few.Fields[1].Classes))
	}
	if slices.ContainsFunc(few.Fields[1].Classes,
		func(c task.Class) bool { return c.Count > 120 }) {
		t.Error("a language has more than 120 names")
	}
	if len(records) == 0 || few.Digest == all.Digest {
		t.Error("no records, or the digest does not tell the selection")
	}
	if _, err := open(config{MinNames: 100, MaxNames: 50}); err == nil {
		t.Error("max_names below min_names is accepted")
	}
	if _, err := open(config{MinNames: 100000}); err == nil {
		t.Error("a data set without records is opened")
	}
}
