package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"

	"quickstudy/framework/task"
)

// config is the attributes of the plugin's block.
type config struct {
	Classes    int `config:"classes" min:"2" max:"65536" doc:"classes, all equally frequent"`
	Vocabulary int `config:"vocabulary" min:"1" max:"1048576" doc:"different words" unit:"words"`
	Length     int `config:"length" min:"1" max:"65536" doc:"most words in a sequence" unit:"words"`
	MinLength  int `config:"min_length" min:"0" max:"65536" doc:"fewest words, all lengths up to the longest being equally frequent; 0: none is shorter" unit:"words"`
	Records    int `config:"records" min:"1" max:"16777216" doc:"sequences to train on" unit:"records"`
	HeldOut    int `config:"held_out" min:"1" max:"16777216" doc:"sequences in each of validation and test" unit:"records"`
	Rule       int `config:"rule" min:"0" doc:"which words tell the class: a rule for each number; 0: none, there is nothing to learn"`
	Seed       int `config:"seed" min:"0" doc:"another seed, other sequences"`
}

var randomTokens = task.Define("random-tokens",
	"random sequences of words, of random classes or of a planted rule",
	config{Classes: 5, Vocabulary: 998, Length: 32, Records: 4000, HeldOut: 400}, open)

func open(c config) (task.Dataset, error) {
	if c.MinLength > c.Length {
		return task.Dataset{}, fmt.Errorf("min_length %d is more than length %d", c.MinLength,
			c.Length)
	}
	if c.Records < c.Classes || c.HeldOut < c.Classes {
		return task.Dataset{}, fmt.Errorf("records %d and held_out %d do not cover %d classes: "+
			"want at least one of each in every split", c.Records, c.HeldOut, c.Classes)
	}
	if c.Rule > 0 && c.Vocabulary < c.Classes {
		return task.Dataset{}, fmt.Errorf("rule %d has no word for some of %d classes: vocabulary is "+
			"%d, want at least as many", c.Rule, c.Classes, c.Vocabulary)
	}
	description, telling := c.describe(), c.telling()
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return description, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			records := make([]task.Record, len(ids))
			for i, id := range ids {
				if id < 0 || id >= description.Records() {
					return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id,
						description.Records()-1)
				}
				records[i] = c.record(id, telling)
			}
			return records, nil
		},
	}}, nil
}

func (c config) describe() task.Description {
	class := task.Field{Name: "class", Kind: task.ClassOf, Doc: "drawn apart from the words"}
	for i := range c.Classes {
		class.Classes = append(class.Classes, task.Class{Name: "c" + strconv.Itoa(i)})
	}
	splits := []task.Split{{Name: "train", Records: c.Records},
		{Name: "validation", Records: c.HeldOut}, {Name: "test", Records: c.HeldOut}}
	for _, split := range splits {
		for i := range class.Classes {
			class.Classes[i].Count += (split.Records + c.Classes - 1 - i) / c.Classes
		}
	}
	// The attributes decide every record, so their digest stands for that of the data.
	digest := sha256.Sum256(fmt.Appendf(nil, "random-tokens 1 %+v", c))
	return task.Description{
		Fields: []task.Field{
			{Name: "tokens", Kind: task.Words, Doc: "words drawn uniformly"},
			class,
		},
		Splits: splits,
		Origin: "generated",
		Digest: hex.EncodeToString(digest[:]),
	}
}

// telling returns which words tell a class, by class: all words, dealt out as the rule's own
// shuffle has them; nil without a rule.
func (c config) telling() [][]int {
	if c.Rule == 0 {
		return nil
	}
	seed := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("rule"), uint64(c.Rule)))
	words := make([][]int, c.Classes)
	for i, word := range rand.New(rand.NewChaCha8(seed)).Perm(c.Vocabulary) {
		words[i%c.Classes] = append(words[i%c.Classes], word)
	}
	return words
}

// record makes a record of its id: the classes take turns within each split, and the
// words come from a generator of random numbers of the record's own. With a rule, about half
// of them are words that tell the class.
func (c config) record(id int64, telling [][]int) task.Record {
	place := id
	for _, before := range []int{c.Records, c.HeldOut} {
		if place < int64(before) {
			break
		}
		place -= int64(before)
	}
	buf := binary.LittleEndian.AppendUint64(nil, uint64(c.Seed))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(id))
	rng := rand.New(rand.NewChaCha8(sha256.Sum256(buf)))
	length := c.Length
	if c.MinLength > 0 {
		length = c.MinLength + rng.IntN(c.Length-c.MinLength+1)
	}
	class := place % int64(c.Classes)
	words := make([]string, length)
	for i := range words {
		word := rng.IntN(c.Vocabulary)
		if telling != nil && rng.IntN(2) == 0 {
			word = telling[class][word%len(telling[class])]
		}
		words[i] = "w" + strconv.Itoa(word)
	}
	return task.Record{ID: id, Cells: []task.Cell{{Words: words}, {Ints: []int64{class}}}}
}
