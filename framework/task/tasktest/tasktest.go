// Package tasktest is the conformance suite of task plugins: it checks that
// records are what the description says, and that nothing but the arguments
// decides what is returned.
//
//	func TestConformance(t *testing.T) {
//		tasktest.Run(t, plugin, func(c *config) { c.Path = "testdata/small.jsonl" })
//	}
package tasktest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"quickstudy/framework/task"
)

// Run opens a plugin with its defaults, as changed by configure (which may be
// nil), and checks the data set; it opens it a second time to see that both
// agree. C is the plugin's configuration.
func Run[C any](t *testing.T, plugin task.Plugin, configure func(*C)) {
	t.Helper()
	open := func() task.Dataset {
		t.Helper()
		config, ok := plugin.New().(*C)
		if !ok {
			t.Fatalf("the configuration of %q is a %T, not a %T", plugin.Name, plugin.New(), config)
		}
		if configure != nil {
			configure(config)
		}
		data, err := plugin.Open(config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if data.Close != nil {
				if err := data.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		})
		return data
	}
	first, second := open(), open()
	description, err := first.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := second.Describe(); err != nil || !reflect.DeepEqual(description, again) {
		t.Fatalf("opened again, the description differs (%v)", err)
	}
	if first.Source != nil {
		t.Run("source",
			func(t *testing.T) { checkSource(t, first.Source, second.Source, description) })
	} else {
		t.Run("generator", func(t *testing.T) {
			checkGenerator(t, first.Generator, second.Generator, description)
		})
	}
}

// checkSource checks every record, that any way of asking for a record gives
// the same one, that ids outside the range are refused, and that the records
// can be divided.
func checkSource(t *testing.T, first, second *task.Source, d task.Description) {
	total := d.Records()
	all := make([]int64, total)
	for i := range all {
		all[i] = int64(i)
	}
	records, err := first.Get(all)
	if err != nil || int64(len(records)) != total {
		t.Fatalf("Get of all %d ids: %d records, %v", total, len(records), err)
	}
	counts := make(map[string]int)
	for i, r := range records {
		if r.ID != int64(i) {
			t.Fatalf("Get returned record %d for id %d", r.ID, i)
		}
		if err := r.Verify(d); err != nil {
			t.Fatal(err)
		}
		for j, f := range d.Fields {
			if f.Kind == task.ClassOf && len(r.Cells[j].Ints) == 1 {
				counts[f.Name+"\x00"+f.Classes[r.Cells[j].Ints[0]].Name]++
			}
		}
	}
	for _, f := range d.Fields {
		for _, c := range f.Classes {
			if got := counts[f.Name+"\x00"+c.Name]; f.Kind == task.ClassOf && got != c.Count {
				t.Errorf("field %q: class %q has %d records, described as %d", f.Name, c.Name, got,
					c.Count)
			}
		}
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	again, err := second.Get(backwards)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(again)
	if !reflect.DeepEqual(records, again) {
		t.Error("opened again and asked backwards, the records differ")
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for id := range min(total, 50) {
				one, err := first.Get([]int64{id, id})
				if err != nil || !reflect.DeepEqual(one, []task.Record{records[id], records[id]}) {
					t.Errorf("record %d asked for twice, by several goroutines: %v, %v", id, one,
						err)
				}
			}
		})
	}
	workers.Wait()
	for _, id := range []int64{-1, total, total + 1<<40} {
		get := func() error { _, err := first.Get([]int64{id}); return err }
		if err := refuses(get); err != nil {
			t.Errorf("Get of id %d: %v", id, err)
		}
	}
	if total >= 20 {
		checkDivisions(t, first, d)
	}
}

// refuses reports a call that neither fails nor panics, or that panics.
func refuses(call func() error) (problem error) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Errorf("it panics: %v", r)
		}
	}()
	if call() == nil {
		return fmt.Errorf("it succeeds, want an error")
	}
	return nil
}

// checkGenerator checks episodes of every split, and that they depend on
// (seed, split, index) and on nothing else.
func checkGenerator(t *testing.T, first, second *task.Generator, d task.Description) {
	type key struct {
		seed  uint64
		split string
		index int64
	}
	var keys []key
	for _, split := range d.Splits {
		for _, seed := range []uint64{0, 1, 1 << 63} {
			for _, index := range []int64{0, 1, 2, 1 << 40} {
				keys = append(keys, key{seed, split.Name, index})
			}
		}
	}
	episodes := make(map[key]task.Episode)
	seen := make(map[string]key)
	for _, k := range keys {
		episode, err := first.Sample(k.seed, k.split, k.index)
		if err != nil {
			t.Fatalf("%+v: %v", k, err)
		}
		if err := episode.Verify(d); err != nil {
			t.Fatalf("%+v: %v", k, err)
		}
		contents := digestOf(episode)
		if other, same := seen[contents]; same {
			t.Errorf("%+v and %+v give the same episode", k, other)
		}
		seen[contents] = k
		episodes[k] = episode
	}
	var workers sync.WaitGroup
	for worker := range 3 {
		workers.Go(func() {
			for i := range keys {
				k := keys[(len(keys)-1-i+7*worker)%len(keys)]
				again, err := second.Sample(k.seed, k.split, k.index)
				if err != nil || !reflect.DeepEqual(again, episodes[k]) {
					t.Errorf("%+v drawn again, in another order: the episode differs (%v)", k, err)
				}
			}
		})
	}
	workers.Wait()
}

// digestOf is equal for episodes whose records are equal, ids aside.
func digestOf(e task.Episode) string {
	var contents []byte
	for _, part := range [][]task.Record{e.Support, e.Query} {
		for _, r := range part {
			digest := r.Digest()
			contents = append(contents, digest[:]...)
		}
		contents = append(contents, '|')
	}
	return string(contents)
}
