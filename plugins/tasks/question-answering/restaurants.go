package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// utterance is a record of RESTAURANTS-8K as it is published. What is zero is left out there.
type utterance struct {
	UserInput *struct {
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

// said is what was said, with the slots that it has or that were asked for before.
type said struct {
	text  string
	slots []example
}

// find returns the example of a slot, which it adds if it is not there.
func (s *said) find(slot string, requested []string) *example {
	for i := range s.slots {
		if s.slots[i].class == slot {
			return &s.slots[i]
		}
	}
	s.slots = append(s.slots, example{question: question(slot, requested), passage: s.text,
		class: slot})
	return &s.slots[len(s.slots)-1]
}

func decodeRestaurants(data []byte) ([]said, error) {
	var file []utterance
	if err := decodeJSON(data, &file); err != nil {
		return nil, err
	}
	var all []said
	for i, u := range file {
		at := func(format string, args ...any) error {
			return fmt.Errorf("record %d: %w", i+1, fmt.Errorf(format, args...))
		}
		if u.UserInput == nil || empty(u.UserInput.Text) {
			return nil, at("there is no text \"userInput\"")
		}
		one := said{text: u.UserInput.Text}
		requested, length := u.Context.RequestedSlots, len([]rune(one.text))
		for k, label := range u.Labels {
			start, end := label.Span.Start, label.Span.End
			switch {
			case label.Slot == "":
				return nil, at("label %d has no slot", k+1)
			case start < 0 || start >= end || end > length:
				return nil, at("label %d, %q: characters %d to %d are none of the %d of the text", k+1,
					label.Slot, start, end, length)
			}
			if e := one.find(label.Slot, requested); e.end == 0 {
				e.start, e.end = start, end
			} else {
				e.more++
			}
		}
		for _, slot := range requested {
			if slot == "" {
				return nil, at("a requested slot has no name")
			}
			one.find(slot, requested)
		}
		all = append(all, one)
	}
	return all, nil
}

// question asks for a slot, and says whether it was requested.
func question(slot string, requested []string) string {
	words := strings.ReplaceAll(slot, "_", " ")
	if slices.Contains(requested, slot) {
		return words + " requested"
	}
	return words
}

// asked asks every utterance of the splits for every slot that occurs in one of them, and
// returns the examples by split.
func asked(splits [][]said) [][]example {
	slots := map[string]bool{}
	for _, split := range splits {
		for _, one := range split {
			for _, e := range one.slots {
				slots[e.class] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(slots))
	out := make([][]example, len(splits))
	for i, split := range splits {
		for _, one := range split {
			for _, slot := range names {
				out[i] = append(out[i], *one.find(slot, nil))
			}
		}
	}
	return out
}
