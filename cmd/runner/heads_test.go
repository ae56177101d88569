package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/train/record"
)

// sentences writes records whose answers follow from their words, as JSON Lines.
func sentences(t *testing.T, path string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(2, 3))
	fillers := []string{"the", "sees", "with", "near"}
	kinds := map[string][]string{"animal": {"cat", "dog", "owl"}, "place": {"rome", "oslo"}}
	var b strings.Builder
	for i := range 120 {
		var words, tags, said []string
		topics := []string{}
		var answer any
		for range 2 + rng.IntN(4) {
			kind := []string{"", "animal", "place"}[rng.IntN(3)]
			if kind == "" {
				words, tags = append(words, fillers[rng.IntN(4)]), append(tags, "O")
				said = append(said, "and")
				continue
			}
			name := kinds[kind][rng.IntN(len(kinds[kind]))]
			if kind == "place" && answer == nil {
				start := len(strings.Join(append(slices.Clone(words), ""), " "))
				answer = []int{start, start + len("old "+name)}
			}
			words, tags = append(words, "old", name), append(tags, "B-"+kind, "I-"+kind)
			said = append(said, kind)
			if !slices.Contains(topics, kind) {
				topics = append(topics, kind)
			}
		}
		other, alike := slices.Clone(words), "yes"
		if i%2 == 0 {
			other, alike = []string{"nothing", "else"}, "no"
		}
		line, err := json.Marshal(map[string]any{"text": strings.Join(words, " "), "words": words,
			"tags": tags, "topics": topics, "answer": answer, "length": len(words),
			"other": strings.Join(other, " "), "alike": alike, "said": strings.Join(said, " ")})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", line)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mainScores runs an experiment on the sentences and returns the run, the sentences' file,
// and the trained row of every table of the test, by objective and column. An objective
// that is its task's only one is called test.
func mainScores(t *testing.T, file string, changes ...string) (run, data string,
	scores map[string]float64) {
	t.Helper()
	path := edited(t, file, changes...)
	data = filepath.Join(filepath.Dir(path), "sentences.jsonl")
	sentences(t, data)
	run, tables, _ := trained(t, path, t.TempDir())
	scores = map[string]float64{}
	for title, table := range tables {
		objective, rest, _ := strings.Cut(title, ",")
		objective = objective[strings.LastIndex(objective, "/")+1:]
		if strings.Contains(rest, "paired") {
			continue
		}
		for i, column := range table.Columns {
			row := slices.IndexFunc(table.Rows, func(r record.Row) bool { return r.Name == "trained" })
			scores[objective+" "+column] = float64(table.Rows[row].Cells[i].Mean)
		}
	}
	return run, data, scores
}

// TestRunHeads trains a head for every kind of answer on one encoder: each is encoded from
// the records, learns, and is scored by the measure of its field.
func TestRunHeads(t *testing.T) {
	run, data, scores := mainScores(t, "heads.hcl")
	for name, atLeast := range map[string]float64{
		"entities entity_f1": 0.9, "entities accuracy": 0.9, "topics micro_f1": 0.9,
		"answer exact_match": 0.6, "answer answer_f1": 0.6, "test accuracy": 0.8,
	} {
		if got, ok := scores[name]; !ok || got < atLeast {
			t.Errorf("%s is %v, want at least %v: %v", name, got, atLeast, scores)
		}
	}
	if mse, ok := scores["length mse"]; !ok || mse > 4 {
		t.Errorf("length mse is %v, want below the variance: %v", mse, scores)
	}
	predictSentences(t, run, data)
	predictPairs(t, run, data)
}

// TestRunWrites trains a decoder with a memory and one alone to write texts.
func TestRunWrites(t *testing.T) {
	for _, row := range []struct {
		kind    string
		changes []string
		atLeast float64 // accuracy of tokens
	}{
		{"encoder_decoder", nil, 0.6},
		{"decoder", []string{`kind   = "encoder_decoder"`,
			"kind = \"decoder\"\n    positions = \"rotary\"",
			`inputs "source" { tokens = "text" }`, "", `inputs "written" { tokens = "said" }`,
			`inputs "written" { tokens = "text" }`, `target = "said"`, `target = "text"`}, 0.35},
	} {
		run, data, scores := mainScores(t, "writes.hcl", row.changes...)
		if got, ok := scores["test accuracy"]; !ok || got < row.atLeast {
			t.Errorf("%s: accuracy %v, want at least %v: %v", row.kind, got, row.atLeast, scores)
		}
		for _, name := range []string{"test bleu", "test chrf"} {
			if got, ok := scores[name]; !ok || !(got > 0 && got <= 100) {
				t.Errorf("%s: %s is %v: %v", row.kind, name, got, scores)
			}
		}
		predictTexts(t, row.kind, run, data)
	}
}

// TestRunPrototypes: episodes are answered by a head without parameters, better than by
// chance, and a learner that would adapt it is told why it cannot.
func TestRunPrototypes(t *testing.T) {
	head := []string{"heads/classification", "heads/prototypical", `head "classification"`,
		`head "prototypical"`, `head "classification" "language" {}`,
		`head "prototypical" "language" {}`}
	run, _, scores := mainScores(t, "names.hcl", append(slices.Clone(head),
		"metalearners/maml", "metalearners/mtl", `metalearner "maml"`, `metalearner "mtl"`,
		"metalearner \"maml\" {\n    inner_steps = 2\n    inner_lr    = var.rate\n",
		"metalearner \"mtl\" {\n", "steps      = 2", "steps      = 30", "episodes = 4",
		"episodes = 20")...)
	if got := scores["test 0"]; got < 0.4 {
		t.Errorf("accuracy %v of three classes, want above chance: %v", got, scores)
	}
	predictPrototypes(t, run)
	path := edited(t, "names.hcl", head...)
	out, errs, status := execute(t, "runner run "+path+" -runs "+t.TempDir())
	if status == 0 || !strings.Contains(errs, "choose a learner that does not adapt") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}
