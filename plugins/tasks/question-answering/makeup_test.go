package main

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// A passage is the sentences that are made up, read again.
type passage struct {
	placeOf, personOf map[string]string // of a person, of a thing
	places            []string          // in the order in which they are named
	at                map[string]int    // the sentence of a place or thing
}

var (
	location   = regexp.MustCompile(`^in the (\w+) is (\w+)$`)
	possession = regexp.MustCompile(`^the (\w+) is with (\w+)$`)
	asking     = regexp.MustCompile(`^where is (?:the )?(\w+)\?$`)
)

// read fails if a sentence says anything else, or something that another says.
func read(t *testing.T, text string) passage {
	t.Helper()
	p := passage{map[string]string{}, map[string]string{}, nil, map[string]int{}}
	for i, sentence := range strings.Split(strings.TrimSuffix(text, "."), ". ") {
		where, who := location.FindStringSubmatch(sentence), possession.FindStringSubmatch(sentence)
		switch {
		case where != nil && p.placeOf[where[2]] == "":
			p.placeOf[where[2]] = where[1]
			p.places = append(p.places, where[1])
			p.at[where[1]] = i
		case who != nil && p.personOf[who[1]] == "":
			p.personOf[who[1]] = who[2]
			p.at[who[1]] = i
		default:
			t.Fatalf("%s: the sentence %q", text, sentence)
		}
	}
	if len(p.at) != len(p.placeOf)+len(p.personOf) {
		t.Errorf("%s: a place is named twice", text)
	}
	return p
}

// TestMadeUp: two sentences lead from a thing to its place, and one from a person to theirs; the
// same seed gives the same passages.
func TestMadeUp(t *testing.T) {
	for _, sentences := range []int{1, 2} {
		c := defaults
		c.Format, c.Passages, c.Facts, c.Unanswerable, c.Seed = "made_up", 400, 4, 0.25, 3
		c.Sentences, c.Names = sentences, 7
		lines, d := told(t, c)
		again, _ := told(t, c)
		c.Seed++
		other, _ := told(t, c)
		if strings.Join(lines, "\n") != strings.Join(again, "\n") || lines[0] == other[0] {
			t.Error("passages do not follow from the seed")
		}
		c.Seed--
		missing, names := 0, map[string]bool{}
		for i, e := range makeUp(c) {
			p := read(t, e.passage)
			if len(p.placeOf) != 4 || len(p.personOf) != 4 {
				t.Errorf("%s: want 4 people and 4 things", e.passage)
			}
			about := asking.FindStringSubmatch(e.question)
			if about == nil {
				t.Fatal(e.question)
			}
			person, want := about[1], "-"
			if sentences == 2 {
				person = p.personOf[about[1]]
			}
			if place := p.placeOf[person]; place != "" {
				want = place
			} else {
				missing++
			}
			class := map[bool]string{true: "answered", false: "unanswerable"}[want != "-"]
			if line := e.question + "|" + e.passage + "|" + want + "|" + class; line != lines[i] {
				t.Errorf("%s: want %s", lines[i], line)
			}
			steps := []struct {
				name  string
				at    [2]int
				up    string // to its end
				there bool
			}{
				{"thing", e.thing, "the " + about[1], want != "-" && sentences == 2},
				{"holder", e.holder, "the " + about[1] + " is with " + person, want != "-" && sentences == 2},
				{"person", e.person, "in the " + want + " is " + person, want != "-"},
			}
			for _, step := range steps {
				if !step.there && step.at == [2]int{} {
					continue
				}
				if !step.there || !strings.HasSuffix(e.passage[:step.at[1]], step.up) ||
					!strings.HasSuffix(step.up, " "+e.passage[step.at[0]:step.at[1]]) {
					t.Errorf("%s: the %s is at %v", lines[i], step.name, step.at)
				}
			}
			names[person] = true
		}
		delete(names, "")
		if missing < 60 || missing > 140 || d.Fields[3].Classes[1].Count != missing || len(names) != 7 {
			t.Errorf("%d of 400 have no answer, want about 100: %+v; %d people, want 7", missing,
				d.Fields[3].Classes, len(names))
		}
	}
}

// TestNoShortcut: who leaves out one of the two sentences, and goes by the order of the others,
// by what is near to what, or by what was the answer to other questions of the same words, is
// right as often as who names one of the places.
func TestNoShortcut(t *testing.T) {
	c := defaults
	c.Format, c.Passages, c.Names, c.Seed = "made_up", 6000, 6, 5
	examples := makeUp(c)
	// Each of these names a place of the passage; asked is the thing.
	guesses := map[string]func(p passage, asked string) string{}
	for k := range c.Facts {
		guesses[fmt.Sprintf("place %d", k+1)] = func(p passage, _ string) string { return p.places[k] }
	}
	nearest := func(sign int) func(p passage, asked string) string {
		return func(p passage, asked string) string {
			best, least := "", math.MaxInt
			for _, place := range p.places {
				away := sign * max(p.at[place]-p.at[asked], p.at[asked]-p.at[place])
				if away < least {
					best, least = place, away
				}
			}
			return best
		}
	}
	guesses["the nearest place"], guesses["the farthest place"] = nearest(1), nearest(-1)
	after := func(step int) func(p passage, asked string) string {
		return func(p passage, asked string) string {
			for _, place := range p.places {
				if p.at[place] == p.at[asked]+step {
					return place
				}
			}
			return p.places[0]
		}
	}
	guesses["the place before"], guesses["the place after"] = after(-1), after(1)
	// What was the answer most often where the words are these, without any other sentence.
	counts, half := map[string]int{}, len(examples)/2
	words := map[string]func(p passage, asked string) string{
		"the thing":  func(_ passage, asked string) string { return asked },
		"the person": func(p passage, asked string) string { return p.personOf[asked] },
		"both":       func(p passage, asked string) string { return asked + " " + p.personOf[asked] },
	}
	for name, of := range words {
		guesses["most often of "+name] = func(p passage, asked string) string {
			best := p.places[0]
			for _, place := range p.places {
				if counts[name+of(p, asked)+place] > counts[name+of(p, asked)+best] {
					best = place
				}
			}
			return best
		}
	}
	right := map[string]int{}
	for i, e := range examples {
		p, asked := read(t, e.passage), asking.FindStringSubmatch(e.question)[1]
		answer := e.passage[e.start:e.end]
		if i < half {
			for name, of := range words {
				counts[name+of(p, asked)+answer]++
			}
			continue
		}
		for name, guess := range guesses {
			if guess(p, asked) == answer {
				right[name]++
			}
		}
	}
	n, chance := float64(len(examples)-half), 1/float64(c.Facts)
	bound := 4 * math.Sqrt(chance*(1-chance)/n) // four standard deviations
	for name := range guesses {
		if share := float64(right[name]) / n; math.Abs(share-chance) > bound {
			t.Errorf("%s is the answer in %.3f, want %.3f ± %.3f", name, share, chance, bound)
		}
	}
}
