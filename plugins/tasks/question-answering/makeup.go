package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The words of passages that are made up, as many as Facts may be, and then some.
var (
	people = []string{"mary", "john", "anna", "paul", "rosa", "tom", "lucy", "max", "ines", "karl",
		"vera", "hugo"}
	things = []string{"ball", "book", "key", "lamp", "coat", "cup", "drum", "flag", "ring", "rope",
		"vase", "bell"}
	places = []string{"kitchen", "garden", "cellar", "attic", "office", "garage", "library",
		"bathroom", "hallway", "stable", "tower", "chapel"}
)

// makeUp returns passages with a place for every person and a person for every thing, each in
// a sentence of its own, in any order. A question asks where a thing is: the place stands in a
// sentence with a person, and that the person has the thing in another. Weston et al. 2015,
// https://arxiv.org/abs/1502.05698, task 2, without the passing of time. A record says also what
// leads to the answer in the two, as theirs name the sentences that support it. Where a person is,
// one sentence says; theirs is task 1.
func makeUp(c config) []example {
	const stream = 0x51a // another than of anything else that is drawn from the seed
	rng := rand.New(rand.NewPCG(uint64(c.Seed), stream))
	all := make([]example, c.Passages)
	for i := range all {
		all[i] = c.passage(rng)
	}
	return all
}

func (c config) passage(rng *rand.Rand) example {
	who, what, where := rng.Perm(c.Names), rng.Perm(c.Names), rng.Perm(c.Names)
	var sentences []string
	for k := range c.Facts {
		sentences = append(sentences,
			fmt.Sprintf("in the %s is %s.", places[where[k]], people[who[k]]),
			fmt.Sprintf("the %s is with %s.", things[what[k]], people[who[k]]))
	}
	rng.Shuffle(len(sentences), func(a, b int) {
		sentences[a], sentences[b] = sentences[b], sentences[a]
	})
	e := example{passage: strings.Join(sentences, " "), class: "answered"}
	asked := rng.IntN(c.Facts)
	missing := rng.Float64() < c.Unanswerable
	if missing {
		asked = c.Facts
		e.class = "unanswerable"
	}
	person, place := people[who[asked]], places[where[asked]]
	about := "the " + things[what[asked]]
	if c.Sentences == 1 {
		about = person
	}
	e.question = fmt.Sprintf("where is %s?", about)
	if missing {
		return e
	}
	e.start = strings.Index(e.passage, place) // of bytes, which are characters here
	e.end = e.start + len(place)
	after := func(words, name string) [2]int {
		start := strings.Index(e.passage, words+name) + len(words)
		return [2]int{start, start + len(name)}
	}
	e.person = after(place+" is ", person)
	if c.Sentences == 2 {
		e.holder = after(" is with ", person)
		e.thing = after("the ", things[what[asked]])
	}
	return e
}
