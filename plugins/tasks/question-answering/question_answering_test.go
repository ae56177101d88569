package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	small = `{"version": "v2.0", "data": [{"title": "Été", "paragraphs": [
{"context": "L'été est là. Ça va.",
 "qas": [{"id": "1", "question": "Quand?", "is_impossible": false, "answers": [
   {"text": "été", "answer_start": 2}, {"text": "L'été", "answer_start": 0}]},
  {"id": "2", "question": "Qui?", "is_impossible": true, "answers": [],
   "plausible_answers": [{"text": "va", "answer_start": 17}]}]}]},
 {"title": "Two", "paragraphs": [{"context": "One and two.",
  "qas": [{"id": "3", "question": "What?", "answers": [{"text": "two", "answer_start": 8}]}]}]}]}`
	utterances = `[{"userInput": {"text": "13"}, "context": {"requestedSlots": ["time"]},
  "labels": [{"slot": "time", "valueSpan": {"endIndex": 2}}]},
 {"userInput": {"text": "13"}, "context": {"requestedSlots": ["people"]},
  "labels": [{"slot": "people", "valueSpan": {"startIndex": 0, "endIndex": 2}}]},
 {"userInput": {"text": "six or seven at 8"}, "labels": [
  {"slot": "people", "valueSpan": {"endIndex": 3}},
  {"slot": "people", "valueSpan": {"startIndex": 7, "endIndex": 12}},
  {"slot": "time", "valueSpan": {"startIndex": 16, "endIndex": 17}}]},
 {"userInput": {"text": "hello"}}]`
)

// told returns the records as lines: question, passage, answer, class.
func told(t *testing.T, c config) (lines []string, d task.Description) {
	t.Helper()
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = data.Describe(); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for id := range d.Records() {
		ids = append(ids, id)
	}
	records, err := data.Source.Get(ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := r.Verify(d); err != nil {
			t.Fatal(err)
		}
		answer := "-"
		for ends := range slices.Chunk(r.Cells[2].Ints, 2) {
			one := string([]rune(r.Cells[1].Text)[ends[0]:ends[1]])
			answer = strings.TrimPrefix(answer+"/"+one, "-/")
		}
		lines = append(lines, strings.Join([]string{r.Cells[0].Text, r.Cells[1].Text, answer,
			d.Fields[3].Classes[r.Cells[3].Ints[0]].Name}, "|"))
	}
	return lines, d
}

func TestRead(t *testing.T) {
	for _, row := range []struct{ format, content, want, doc string }{
		{"squad", small, `Quand?|L'été est là. Ça va.|été/L'été|Été
Qui?|L'été est là. Ça va.|-|Été
What?|One and two.|two|Two`, "in characters of the passage"},
		{"restaurants8k", utterances, `people|13|-|people
time requested|13|13|time
people requested|13|13|people
time|13|-|time
people|six or seven at 8|six|people
time|six or seven at 8|8|time
people|hello|-|people
time|hello|-|time`, "the first of several in 1 records"},
	} {
		c := defaults
		c.Format, c.Path = row.format, write(t, row.content)
		c.Test = c.Path
		lines, d := told(t, c)
		if got := strings.Join(lines[:len(lines)/2], "\n"); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.format, got, row.want)
		}
		if doc := d.Fields[2].Doc; !strings.Contains(doc, strings.Replace(row.doc, "1", "2", 1)) {
			t.Errorf("%s: %q", row.format, doc)
		}
		if len(d.Splits) != 2 || d.Splits[1].Name != "test" || d.Splits[0].Records != len(lines)/2 {
			t.Errorf("%s: %+v", row.format, d.Splits)
		}
		// What no record of a SQuAD file repeats, each of its splits has: the same twice is
		// two files.
		c.Test = ""
		if one, d := told(t, c); len(one) != len(lines)/2 || d.Splits[0].Name != "all" {
			t.Errorf("%s alone: %d records, %+v", row.format, len(one), d.Splits)
		}
	}
}

func TestRefuses(t *testing.T) {
	squadOf := func(from, to string) string {
		if !strings.Contains(small, from) {
			t.Fatal(from)
		}
		return strings.Replace(small, from, to, 1)
	}
	said := func(from, to string) string {
		if !strings.Contains(utterances, from) {
			t.Fatal(from)
		}
		return strings.Replace(utterances, from, to, 1)
	}
	for _, row := range []struct{ format, content, want string }{
		{"squad", "", "line 1: the JSON ends early"},
		{"squad", "{\n\n\"data\": [x]}", "line 3: invalid character 'x'"},
		{"squad", small[:200], "ends early"},
		{"squad", small + "\n{}", "something follows the JSON value"},
		{"squad", "\xff", "not valid UTF-8"},
		{"squad", "[]", "is a JSON array, want an object"},
		{"squad", "{}", `there is no list "data"`},
		{"squad", `{"data": []}`, `the file of the split "all" holds no question`},
		{"squad", squadOf(`"Two"`, `""`), "article 2 has no title"},
		{"squad", squadOf(`"context": "One and two."`, `"text": ""`),
			`article 2, "Two", paragraph 1: there ` +
				`is no text "context"`},
		{"squad", squadOf(`"id": "3"`, `"id": ""`), `question "": it has no id`},
		{"squad", squadOf(`"id": "3"`, `"id": "2"`), `question "2": another question has the same id`},
		{"squad", squadOf(`"What?"`, `" "`), `question "3": there is no text "question"`},
		{"squad", squadOf(`"answer_start": 8`, `"answer_start": 7`),
			`question "3", answer 1: characters 7 to ` +
				`10 are " tw", and the answer is "two"`},
		{"squad", squadOf(`"answer_start": 8`, `"answer_start": 10`),
			"are outside the 12 of the passage"},
		{"squad", squadOf(`"answer_start": 8`, `"answer_start": -1`), "characters -1 to 2 are outside"},
		{"squad", squadOf(`"answer_start": 8`, `"start": 8`), "it has no text or no answer_start"},
		{"squad", squadOf(`"answer_start": 8`, `"answer_start": 9223372036854775807`),
			"are outside the 12"},
		{"squad", squadOf(`"answer_start": 8`, `"answer_start": "8"`),
			`is a JSON string, want a whole number`},
		{"squad", squadOf(`"is_impossible": true, "answers": []`, `"answers": []`),
			"it has no answer, and is " +
				"not impossible"},
		{"squad", squadOf(`"is_impossible": false`, `"is_impossible": true`),
			"it is impossible, and has 2"},
		{"restaurants8k", "{}", "is a JSON object, want a list"},
		{"restaurants8k", "[]", "holds no question"},
		{"restaurants8k", `[{"userInput": {"text": "a"}}]`, "holds no question"},
		{"restaurants8k", said(`"text": "hello"`, `"text": " "`),
			`record 4: there is no text "userInput"`},
		{"restaurants8k", said(`"endIndex": 3`, `"endIndex": 30`),
			`record 3: label 1, "people": characters 0 ` +
				"to 30 are none of the 17"},
		{"restaurants8k", said(`"startIndex": 16, "endIndex": 17`, `"startIndex": 16`),
			"characters 16 to 0"},
		{"restaurants8k", said(`{"slot": "time"`, `{"slot": ""`), "record 1: label 1 has no slot"},
		{"restaurants8k", said(`["time"]`, `[""]`), "record 1: a requested slot has no name"},
	} {
		c := defaults
		c.Format, c.Path = row.format, write(t, row.content)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), row.want) ||
			!strings.Contains(err.Error(), "data.json") && !strings.Contains(err.Error(), "split") {
			t.Errorf("%.60s: %v, want %q", row.content, err, row.want)
		}
	}
	for want, change := range map[string]func(*config){
		"path: no file is named": func(c *config) {},
		"there is no file nowhere.json\n    it should hold questions (all) as squad": func(c *config) {
			c.Path = "nowhere.json"
		},
		"passages that are made up have no files": func(c *config) { c.Format, c.Path = "made_up", "x" },
		"names: there are 4 people to choose from, and a passage of 5 facts has as many, want at least " +
			"5": func(c *config) { c.Format, c.Facts, c.Names = "made_up", 5, 4 },
		"unanswerable: a passage of 4 facts has all 4 names": func(c *config) {
			c.Format, c.Facts, c.Names, c.Unanswerable = "made_up", 4, 4, 0.5
		},
	} {
		c := defaults
		change(&c)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestConformance(t *testing.T) {
	for format, content := range map[string]string{"squad": small, "restaurants8k": utterances,
		"made_up": ""} {
		tasktest.Run(t, questionAnswering, func(c *config) {
			c.Format, c.Passages = format, 30
			if content != "" {
				c.Path = write(t, content)
			}
		})
	}
}

// TestPublished reads the data as published: every answer is what the file says that it is.
func TestPublished(t *testing.T) {
	for _, row := range []struct {
		format, path, test string
		records, answered  int
	}{
		{"squad", "squad/dev-v2.0-excerpt.json", "", 1407, 705},
		{"restaurants8k", "restaurant8k/train_3.json", "restaurant8k/test.json", 5 * (1024 + 3731), 0},
	} {
		c := defaults
		c.Format, c.Path = row.format, tasktest.Data(t, row.path)
		if row.test != "" {
			c.Test = tasktest.Data(t, row.test)
		}
		lines, _ := told(t, c)
		answered := 0
		for _, line := range lines {
			if !strings.Contains(line, "|-|") {
				answered++
			}
		}
		if len(lines) != row.records || row.answered > 0 && answered != row.answered {
			t.Errorf("%s: %d records, %d with an answer; want %d and %d", row.path, len(lines), answered,
				row.records, row.answered)
		}
	}
}

func FuzzSQuAD(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"data": [{"title": "a", "paragraphs": [{"context": "b", "qas": [{}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "squad", data) })
}

func FuzzRestaurants(f *testing.F) {
	f.Add([]byte(utterances))
	f.Add([]byte(`[{"userInput": {"text": "a"}, "labels": [{}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "restaurants8k", data) })
}

// fuzz: a file is refused, or gives records that are what they claim to be.
func fuzz(t *testing.T, format string, data []byte) {
	c := defaults
	c.Format, c.Path = format, filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(c.Path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(c); err == nil {
		told(t, c)
	}
}
