package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"quickstudy/framework/task/datafile"
)

// replyColumn is the field of what answers a dialogue.
const replyColumn = "reply"

// turn is what one speaker says.
type turn struct {
	Speaker string `json:"speaker"`
	Text    string `json:"text"`
}

// marker is the word that stands before what a speaker says: the token of the speaker. Texts do
// not split into one by accident.
func marker(speaker string) string { return "xx" + speaker }

// readDialogues reads dialogues, a JSON object of every line with its "turns". Each turn of a
// speaker who answers is a record: its text is all that was said before, every turn after its
// speaker's marker, and the marker of who answers; its reply is what is answered.
func readDialogues(c config) (*corpus, error) {
	return c.conversations(func(file datafile.File) ([]row, error) {
		lines, err := file.Lines()
		if err != nil {
			return nil, err
		}
		var rows []row
		for i, line := range lines {
			if strings.TrimSpace(line) == "" {
				continue
			}
			some, err := c.dialogue(line)
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", file.Path, i+1, err)
			}
			rows = append(rows, some...)
		}
		return rows, nil
	})
}

// conversations reads the files of the splits, whose rows have a reply.
func (c config) conversations(read func(datafile.File) ([]row, error)) (*corpus, error) {
	c.Texts, c.Values, c.LabelSets, c.Spans = []string{replyColumn}, nil, nil, nil
	var parts []part
	var files []datafile.File
	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
	for _, f := range c.named() {
		holds := fmt.Sprintf("dialogues (%s) as %s", f.split, c.Format)
		file, err := from.Read(f.attribute, f.path, holds)
		if err != nil {
			return nil, err
		}
		rows, err := read(file)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("%s: in no dialogue %s answers", f.path, strings.Join(c.Answers, " or "))
		}
		parts, files = append(parts, part{f.split, rows}), append(files, file)
	}
	corpus := newCorpus(parts, nil, nil)
	corpus.extend(c, parts)
	corpus.description.Licence, corpus.description.Origin = c.Licence, c.Origin
	corpus.description.Digest = datafile.Digest(files...)
	return corpus, nil
}

// dialogue returns the records of one.
func (c config) dialogue(line string) ([]row, error) {
	var object struct {
		Turns []turn `json:"turns"`
	}
	decoder := json.NewDecoder(strings.NewReader(line))
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, fmt.Errorf("something follows the JSON object")
	}
	if len(object.Turns) == 0 {
		return nil, fmt.Errorf("there are no \"turns\": want a list of objects with speaker and text")
	}
	for i, t := range object.Turns {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("turn %d: %w", i+1, err)
		}
	}
	return c.replies(object.Turns), nil
}

// check says what is wrong with a turn, or nil.
func (t turn) check() error {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	switch {
	case t.Speaker == "" || strings.IndexFunc(t.Speaker, func(r rune) bool { return !word(r) }) >= 0:
		return fmt.Errorf("speaker %q, want a word of letters and digits, which gives one token",
			t.Speaker)
	case strings.TrimSpace(t.Text) == "":
		return fmt.Errorf("%s says nothing", t.Speaker)
	}
	return nil
}

// replies returns a record for every turn of a speaker who answers.
func (c config) replies(turns []turn) []row {
	var rows []row
	var said []string
	for _, t := range turns {
		said = append(said, marker(t.Speaker))
		if slices.Contains(c.Answers, t.Speaker) {
			rows = append(rows, row{text: strings.Join(said, " "), texts: []string{t.Text}})
		}
		said = append(said, t.Text)
	}
	return rows
}

// restaurantsRecord is an utterance of RESTAURANTS-8K as it is published, by Coope et al. 2020,
// https://arxiv.org/abs/2005.08866. What is zero is left out there.
type restaurantsRecord struct {
	UserInput struct {
		Text string `json:"text"`
	} `json:"userInput"`
	Context struct {
		RequestedSlots []string `json:"requestedSlots"`
	} `json:"context"`
	Labels []struct {
		Slot string `json:"slot"`
		Span struct {
			Start int `json:"startIndex"`
			End   int `json:"endIndex"`
		} `json:"valueSpan"`
	} `json:"labels"`
}

// readRestaurants reads utterances of guests as dialogues of a system that asks for slots, if it
// did, the user's utterance, and what a system notes down of it, slot by slot; and as words with
// tags of the scheme BIO.
func readRestaurants(c config) (*corpus, error) {
	c.Words, c.Tags, c.Answers = "words", "tags", []string{"system"}
	return c.conversations(func(file datafile.File) ([]row, error) {
		text, err := file.Text()
		if err != nil {
			return nil, err
		}
		var records []restaurantsRecord
		if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&records); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Path, err)
		}
		var rows []row
		for i, record := range records {
			r, err := record.row(c)
			if err != nil {
				return nil, fmt.Errorf("%s: record %d: %w", file.Path, i+1, err)
			}
			rows = append(rows, r)
		}
		return rows, nil
	})
}

func (u restaurantsRecord) row(c config) (row, error) {
	text := []rune(u.UserInput.Text)
	words, starts := wordsOf(text)
	if len(words) == 0 {
		return row{}, fmt.Errorf("there is no text \"userInput\"")
	}
	tags := slices.Repeat([]string{"O"}, len(words))
	var notes []string
	for k, label := range u.Labels {
		start, end := label.Span.Start, label.Span.End
		if label.Slot == "" || start < 0 || start >= end || end > len(text) {
			return row{}, fmt.Errorf("label %d, %q: characters %d to %d are none of the %d of the text", k+1,
				label.Slot, start, end, len(text))
		}
		notes = append(notes, spaced(label.Slot)+" "+string(text[start:end]))
		tag := "B-" + label.Slot
		for i := range words {
			if starts[i] < end && starts[i]+len([]rune(words[i])) > start && tags[i] == "O" {
				tags[i], tag = tag, "I-"+label.Slot
			}
		}
	}
	note := "nothing"
	if len(notes) > 0 {
		note = strings.Join(notes, " ; ")
	}
	turns := []turn{{"user", u.UserInput.Text}, {"system", note}}
	if asked := u.Context.RequestedSlots; len(asked) > 0 {
		question := turn{"system", spaced(strings.Join(asked, " and ")) + " ?"}
		turns = append([]turn{question}, turns...)
	}
	rows := c.replies(turns)
	r := rows[len(rows)-1]
	r.words, r.tags = words, tags
	return r, nil
}

// spaced is the name of a slot as words.
func spaced(slot string) string { return strings.ReplaceAll(slot, "_", " ") }

// wordsOf cuts a text into runs of letters and digits, and what else is no white space one by one.
func wordsOf(text []rune) (words []string, starts []int) {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for at := 0; at < len(text); at++ {
		if unicode.IsSpace(text[at]) {
			continue
		}
		start := at
		for word(text[at]) && at+1 < len(text) && word(text[at+1]) {
			at++
		}
		words, starts = append(words, string(text[start:at+1])), append(starts, start)
	}
	return words, starts
}
