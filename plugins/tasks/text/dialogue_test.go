package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task/tasktest"
)

const dialogues = `{"turns":[{"speaker":"user","text":"hello"},` +
	`{"speaker":"bot","text":"hi, who is it?"},{"speaker":"user","text":"me"},` +
	`{"speaker":"bot","text":"oh"}]}` + "\n\n" +
	`{"turns":[{"speaker":"bot","text":"yes?"}],"id":7}` + "\n"

const restaurants = `[{"userInput":{"text":"The 5th, for 2"},
 "context":{"requestedSlots":["date","last_name"]}, "labels":[
  {"slot":"date","valueSpan":{"endIndex":7}},
  {"slot":"first_name","valueSpan":{"startIndex":13,"endIndex":14}}]},
 {"userInput":{"text":"no"}}]`

// TestDialogues: of every dialogue each turn of who answers is a record, of which all that was
// said before is the text.
func TestDialogues(t *testing.T) {
	for _, row := range []struct {
		format, content string
		answers         []string
		want            []string
	}{
		{"dialogue", dialogues, []string{"bot"}, []string{
			"xxuser hello xxbot|hi, who is it?",
			"xxuser hello xxbot hi, who is it? xxuser me xxbot|oh",
			"xxbot|yes?",
		}},
		{"dialogue", dialogues, []string{"user"}, []string{
			"xxuser|hello",
			"xxuser hello xxbot hi, who is it? xxuser|me",
		}},
		{"restaurants8k", restaurants, nil, []string{
			"xxsystem date and last name ? xxuser The 5th, for 2 xxsystem|date The 5th ; first name 2|" +
				"The/B-date 5th/I-date ,/O for/O 2/B-first_name",
			"xxuser no xxsystem|nothing|no/O",
		}},
	} {
		c := defaults
		c.Format, c.Answers, c.Path = row.format, row.answers, write(t, "x.json", row.content)
		data, err := open(c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := data.Source.Describe()
		if err != nil || d.Verify() != nil {
			t.Fatal(err, d.Verify())
		}
		var got []string
		for id := range d.Splits[0].Records {
			records, err := data.Source.Get([]int64{int64(id)})
			if err != nil {
				t.Fatal(err)
			}
			cells := records[0].Cells
			line := cells[0].Text + "|" + cells[1].Text
			if row.format == "restaurants8k" {
				var words []string
				for i, word := range cells[2].Words {
					words = append(words, word+"/"+d.Fields[3].Vocabulary[cells[3].Ints[i]])
				}
				line += "|" + strings.Join(words, " ")
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s, %q answer: -want +got\n%s", row.format, row.answers, diff)
		}
	}
}

func TestDialogueMistakes(t *testing.T) {
	for _, row := range []struct{ format, content, want string }{
		{"dialogue", `{"turns":[]}`, `line 1: there are no "turns"`},
		{"dialogue", "\n" + `{"turns":3}`, "line 2: json: cannot unmarshal"},
		{"dialogue", `{"turns":[{"speaker":"system","text":"a"}]} {}`, "line 1: something follows"},
		{"dialogue", `{"turns":[{"speaker":"the system","text":"a"}]}`,
			`line 1: turn 1: speaker "the system", want a word`},
		{"dialogue", `{"turns":[{"text":"a"}]}`, `turn 1: speaker ""`},
		{"dialogue", `{"turns":[{"speaker":"system","text":" "}]}`, "turn 1: system says nothing"},
		{"dialogue", `{"turns":[{"speaker":"user","text":"a"}]}`, "in no dialogue system answers"},
		{"dialogue", "{\"turns\":\xff}", "line 1: byte 10 of the line, 0xff, is not valid UTF-8"},
		{"restaurants8k", `[{"labels":[]}]`, `record 1: there is no text "userInput"`},
		{"restaurants8k", `{}`, "json: cannot unmarshal"},
		{"restaurants8k",
			`[{"userInput":{"text":"a"},"labels":[{"slot":"x","valueSpan":{"endIndex":2}}]}]`,
			`record 1: label 1, "x": characters 0 to 2 are none of the 1 of the text`},
	} {
		c := defaults
		c.Format, c.Path = row.format, write(t, "x.json", row.content)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want %q", row.content, err, row.want)
		}
	}
}

func TestDialogueConformance(t *testing.T) {
	for format, content := range map[string]string{
		"dialogue": strings.ReplaceAll(dialogues, "bot", "system"), "restaurants8k": restaurants,
	} {
		path := write(t, format, content)
		tasktest.Run(t, text, func(c *config) { c.Format, c.Path = format, path })
	}
}

// TestRestaurants reads the data set as it is published: as many records as it has, with tags for
// all its values.
func TestRestaurants(t *testing.T) {
	c := defaults
	c.Format, c.Path = "restaurants8k", tasktest.Data(t, "restaurant8k/train_3.json")
	c.Test = tasktest.Data(t, "restaurant8k/test.json")
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Source.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if d.Splits[0].Records != 1024 || d.Splits[1].Records != 3731 || len(d.Fields[3].Vocabulary) != 9 {
		t.Errorf("splits %+v, tags %q", d.Splits, d.Fields[3].Vocabulary)
	}
}

// FuzzDialogues: any text is read or refused with an error.
func FuzzDialogues(f *testing.F) {
	f.Add(dialogues)
	f.Add(restaurants)
	f.Fuzz(func(t *testing.T, content string) {
		for _, format := range []string{"dialogue", "restaurants8k"} {
			c := defaults
			c.Format, c.Path = format, write(t, "x.json", content)
			data, err := open(c)
			if err != nil {
				continue
			}
			d, err := data.Source.Describe()
			if err != nil || d.Verify() != nil {
				t.Fatal(err, d.Verify())
			}
		}
	})
}
