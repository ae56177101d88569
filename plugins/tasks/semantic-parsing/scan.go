package main

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
)

const scanSource = "SCAN, Lake & Baroni 2018, https://arxiv.org/abs/1711.00350"

// primitives are the commands that name an action, U of the grammar.
var primitives = []pair{{input: "walk", output: "I_WALK"}, {input: "look", output: "I_LOOK"},
	{input: "run", output: "I_RUN"}, {input: "jump", output: "I_JUMP"}}

// commands returns every command of SCAN with its actions, in the order of the grammar:
//
//	C → S | S and S | S after S
//	S → V | V twice | V thrice
//	V → U | D | U (left|right) | (U|turn) opposite (left|right) | (U|turn) around (left|right)
//	D → turn (left|right)
//	U → walk | look | run | jump
//
// The supplementary material of Lake & Baroni 2018 has the grammar and what it means.
func commands() []pair {
	sentences := repetitions(verbs())
	all := slices.Clone(sentences)
	for _, x := range sentences {
		for _, y := range sentences {
			all = append(all,
				pair{input: x.input + " and " + y.input, output: x.output + " " + y.output},
				pair{input: x.input + " after " + y.input, output: y.output + " " + x.output})
		}
	}
	return all
}

// verbs are V of the grammar.
func verbs() []pair {
	all := slices.Clone(primitives)
	for _, side := range []string{"left", "right"} {
		turn := "I_TURN_" + strings.ToUpper(side)
		all = append(all, pair{input: "turn " + side, output: turn})
		for _, u := range primitives {
			all = append(all, pair{input: u.input + " " + side, output: turn + " " + u.output})
		}
		for _, u := range append([]pair{{input: "turn"}}, primitives...) {
			once := strings.TrimSpace(turn + " " + u.output)
			all = append(all,
				pair{input: u.input + " opposite " + side, output: turn + " " + once},
				pair{input: u.input + " around " + side, output: times(4, once)})
		}
	}
	return all
}

// repetitions are S of the grammar.
func repetitions(verbs []pair) []pair {
	all := slices.Clone(verbs)
	for _, v := range verbs {
		all = append(all, pair{input: v.input + " twice", output: times(2, v.output)},
			pair{input: v.input + " thrice", output: times(3, v.output)})
	}
	return all
}

func times(n int, actions string) string {
	return strings.TrimSuffix(strings.Repeat(actions+" ", n), " ")
}

// A division says which commands are trained and which are tested on.
type division struct {
	name        string
	train, test func(command pair) bool
	// again is a command that is trained on more often than once, a number of times.
	again      string
	repeatedly int
}

// divisions are those that are published beside SCAN and follow from a rule: Lake & Baroni 2018,
// sections 3 to 5, and Loula et al. 2018, https://arxiv.org/abs/1807.07545. The published division
// simple is random; here the commands whose SHA-256 is least are tested, as many as there.
var divisions = []division{
	{name: "simple"},
	{name: "length",
		train: func(c pair) bool { return actions(c) <= mostTrained },
		test:  func(c pair) bool { return actions(c) > mostTrained }},
	{name: "addprim_jump", again: "jump", repeatedly: 1467,
		train: func(c pair) bool { return c.input == "jump" || !has(c, "jump") },
		test:  func(c pair) bool { return c.input != "jump" && has(c, "jump") }},
	{name: "addprim_turn_left", again: "turn left", repeatedly: 2189,
		train: func(c pair) bool { return c.input == "turn left" || !has(c, "turn left") },
		test:  func(c pair) bool { return c.input != "turn left" && has(c, "turn left") }},
	template("template_around_right", "around right", "turn around right"),
	template("template_opposite_right", "opposite right", "turn opposite right"),
	{name: "template_right",
		train: func(c pair) bool { return !right(c) && !has(c, "turn right") },
		test:  func(c pair) bool { return right(c) && !has(c, "turn right") }},
	filler("template_jump_around_right", "walk", "look", "run"),
	filler("filler_num0"),
	filler("filler_num1", "look"),
	filler("filler_num2", "look", "walk"),
	filler("filler_num3", "look", "walk", "run"),
}

const (
	mostTrained  = 22   // actions of a command that the division length trains on
	simpleTested = 4182 // commands that the division simple tests on
)

func divisionNames() []string {
	var names []string
	for _, d := range divisions {
		names = append(names, d.name)
	}
	return names
}

// template tests on a phrase that is not trained on, and on none with a turn in it.
func template(name, phrase, not string) division {
	return division{name: name,
		train: func(c pair) bool { return !has(c, phrase) },
		test:  func(c pair) bool { return has(c, phrase) && !has(c, not) }}
}

// filler tests on "jump around right", and of its likes trains on those with the verbs alone.
func filler(name string, verbs ...string) division {
	return division{name: name,
		train: func(c pair) bool {
			for _, verb := range []string{"turn", "walk", "look", "run", "jump"} {
				if !slices.Contains(verbs, verb) && has(c, verb+" around right") {
					return false
				}
			}
			return true
		},
		test: func(c pair) bool {
			return has(c, "jump around right") && !has(c, "turn around right")
		}}
}

// has reports whether a command has words in a row.
func has(c pair, words string) bool {
	return strings.Contains(" "+c.input+" ", " "+words+" ")
}

// right reports whether a command has a primitive with nothing but right behind.
func right(c pair) bool {
	return slices.ContainsFunc(primitives, func(u pair) bool { return has(c, u.input+" right") })
}

func actions(c pair) int { return 1 + strings.Count(c.output, " ") }

// scan returns what a division trains and tests on; "" is simple.
func scan(name string) []part {
	train, test := part{split: "train"}, part{split: "test"}
	all := commands()
	named := func(d division) bool { return d.name == name }
	d := divisions[max(slices.IndexFunc(divisions, named), 0)]
	if d.train == nil {
		ranked := slices.SortedFunc(slices.Values(all), func(a, b pair) int {
			x, y := sha256.Sum256([]byte(a.input)), sha256.Sum256([]byte(b.input))
			return slices.Compare(x[:], y[:])
		})
		tested := map[pair]bool{}
		for _, c := range ranked[:simpleTested] {
			tested[c] = true
		}
		d.train = func(c pair) bool { return !tested[c] }
		d.test = func(c pair) bool { return tested[c] }
	}
	for _, c := range all {
		if d.train(c) {
			train.pairs = append(train.pairs, c)
		}
		if d.test(c) {
			test.pairs = append(test.pairs, c)
		}
		if c.input == cmp.Or(d.again, "-") {
			train.pairs = append(train.pairs, slices.Repeat([]pair{c}, d.repeatedly-1)...)
		}
	}
	return []part{train, test}
}
