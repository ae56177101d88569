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
// https://arxiv.org/abs/1502.05698, task 2, without the passing of time. A record says also where
// the passage has the person, as theirs name the sentences that support an answer.
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
	who, what, where := rng.Perm(len(people)), rng.Perm(len(things)), rng.Perm(len(places))
	var sentences []string
	for k := range c.Facts {
		sentences = append(sentences,
			fmt.Sprintf("%s is in the %s.", people[who[k]], places[where[k]]),
			fmt.Sprintf("the %s is with %s.", things[what[k]], people[who[k]]))
	}
	rng.Shuffle(len(sentences), func(a, b int) {
		sentences[a], sentences[b] = sentences[b], sentences[a]
	})
	e := example{passage: strings.Join(sentences, " "), class: "answered"}
	asked := rng.IntN(c.Facts)
	if missing := rng.Float64() < c.Unanswerable && c.Facts < len(things); missing {
		e.question = fmt.Sprintf("where is the %s?", things[what[c.Facts]])
		e.class = "unanswerable"
		return e
	}
	place := places[where[asked]]
	e.question = fmt.Sprintf("where is the %s?", things[what[asked]])
	person := people[who[asked]]
	e.person[0] = strings.Index(e.passage, "is with "+person) + len("is with ")
	e.person[1] = e.person[0] + len(person)
	e.start = strings.Index(e.passage, place) // of bytes, which are characters here
	e.end = e.start + len(place)
	return e
}
