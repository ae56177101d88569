package tasktest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// checkDivisions divides a source by records, as it is published, and by the
// classes of every class field, and checks that splits share no record, no equal text and, by
// class, no class; and that episodes drawn from them share none either.
func checkDivisions(t *testing.T, source *task.Source, d task.Description) {
	bytewise, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []sampling.Input
	for _, f := range d.Fields {
		if f.Kind == task.Text || f.Kind == task.Words {
			inputs = append(inputs, sampling.Input{
				Set: f.Name, Kind: sampling.Tokens, Fields: []string{f.Name},
				Tokenizer: bytewise, MaxLength: task.MaxTextBytes,
			})
		}
	}
	config := sampling.Config{Name: "conformance", Seed: 1, Inputs: inputs}
	byRecord := config
	byRecord.Batches = &sampling.Batches{Size: 1}
	byRecord.Division = sampling.Division{
		By:         sampling.ByRecord,
		Train:      0.6,
		Validation: 0.2,
		Test:       0.2,
	}
	t.Run("by record", func(t *testing.T) { checkDisjoint(t, source, d, byRecord, -1) })
	published := func(name string) bool {
		return slices.ContainsFunc(d.Splits, func(s task.Split) bool { return s.Name == name })
	}
	if published(sampling.Train) && published(sampling.Test) {
		asPublished := byRecord
		asPublished.Division = sampling.Division{By: sampling.BySource}
		t.Run("as published", func(t *testing.T) { checkDisjoint(t, source, d, asPublished, -1) })
	}
	for i, f := range d.Fields {
		if f.Kind != task.ClassOf || len(f.Classes) < 6 {
			continue // too few classes to hold some out
		}
		byClass := config
		byClass.ClassField = f.Name
		byClass.Predicts = []sampling.Predict{{Name: "class", Target: f.Name, Kind: task.ClassOf}}
		byClass.Division = sampling.Division{
			By:         sampling.ByClass,
			Train:      0.4,
			Validation: 0.3,
			Test:       0.3,
		}
		byClass.Episodes = &sampling.Episodes{Way: 2, Shot: 1, Query: 1}
		t.Run(fmt.Sprintf("by the classes of %s", f.Name),
			func(t *testing.T) { checkDisjoint(t, source, d, byClass, i) })
	}
}

func checkDisjoint(t *testing.T, source *task.Source, d task.Description, config sampling.Config,
	classField int) {
	pool, err := sampling.NewPool(task.Dataset{Source: source}, config)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []int
	for _, in := range config.Inputs {
		inputs = append(inputs, d.Field(in.Fields[0]))
	}
	owner := make(map[string]string)
	claim := func(what, split string) {
		if other, taken := owner[what]; taken && other != split {
			t.Errorf("%q is in %s and in %s", what, other, split)
		}
		owner[what] = split
	}
	for _, split := range []string{sampling.Train, sampling.Validation, sampling.Test} {
		ids := pool.Records(split)
		if len(ids) == 0 {
			t.Errorf("split %s is empty", split)
		}
		records, err := source.Get(ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			claim(fmt.Sprintf("record %d", r.ID), split)
			claim(fmt.Sprintf("input %x", r.Digest(inputs...)), split)
			if classField >= 0 {
				claim(fmt.Sprintf("class %d", r.Cells[classField].Ints[0]), split)
			}
		}
	}
	if config.Episodes != nil && len(config.Inputs) > 0 {
		checkEpisodes(t, pool, config)
	}
}

// checkEpisodes draws and encodes episodes of every split whose classes are
// large enough: their records differ, and drawn again they are the same.
func checkEpisodes(t *testing.T, pool *sampling.Pool, config sampling.Config) {
	sampled, err := sampling.NewTask(pool, config)
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{sampling.Train, sampling.Validation, sampling.Test} {
		if len(pool.Classes(split)) < config.Episodes.Way {
			continue
		}
		for index := range int64(10) {
			draw, err := sampled.Draw(split, index)
			if err != nil {
				t.Fatal(err)
			}
			ids := append(slices.Clone(draw.Support), draw.Query...)
			slices.Sort(ids)
			if len(slices.Compact(ids)) != len(draw.Support)+len(draw.Query) {
				t.Errorf("episode %d of %s has a record twice: %+v", index, split, draw)
			}
			first, err := sampled.Encode(draw)
			if err != nil {
				t.Fatal(err)
			}
			if draw, err = sampled.Draw(split, index); err != nil {
				t.Fatal(err)
			}
			if again, err := sampled.Encode(draw); err != nil || !reflect.DeepEqual(first, again) {
				t.Errorf("drawn again, episode %d of %s differs (%v)", index, split, err)
			}
		}
	}
}
