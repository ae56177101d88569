package sampling

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestFixedEpisodes(t *testing.T) {
	c := intents(t)
	c.Division, c.Episodes = Division{By: ByRecord, Train: 1}, &Episodes{Way: 4, Shot: 3, Query: 5}
	sampled := newTask(t, dataset(10, []string{"all"}, grid(10, 12)), c)
	classes, firstLabel, records := make([]int, 10), make([]int, 10), make([]int, 120)
	const n = 3000
	for _, d := range draws(t, sampled, Train, n) {
		if len(d.Classes) != 4 || len(d.Support) != 12 || len(d.Query) != 20 {
			t.Fatalf("episode %d: %d classes, %d support, %d query, want 4, 12, 20", d.Index,
				len(d.Classes), len(d.Support), len(d.Query))
		}
		shots, queries := make(map[int]int), make(map[int]int)
		seen := make(map[int64]bool)
		for i, id := range append(slices.Clone(d.Support), d.Query...) {
			if seen[id] {
				t.Fatalf("episode %d: record %d occurs twice", d.Index, id)
			}
			seen[id] = true
			records[id]++
			if i < 12 {
				shots[int(id)/12]++
			} else {
				queries[int(id)/12]++
			}
		}
		for _, class := range d.Classes {
			classes[class]++
			if shots[class] != 3 || queries[class] != 5 {
				t.Fatalf("episode %d: class %d has %d shots and %d queries, want 3 and 5", d.Index,
					class, shots[class], queries[class])
			}
		}
		firstLabel[d.Classes[0]]++
	}
	// Drawing several without replacement varies less than χ² says, so its limits are safe.
	for _, test := range []struct {
		name   string
		counts []int
		limit  float64
	}{{"classes", classes, 33.7}, {"class with label 0", firstLabel, 33.7},
		{"records", records, 184}} {
		if got := chiSquare(test.counts); got > test.limit {
			t.Errorf("%s: χ² = %.1f > %.1f for %v", test.name, got, test.limit, test.counts)
		}
	}
}

// Neither the order of calls nor the number of goroutines changes a draw.
func TestDrawIsPure(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"fixed": func(c *Config) { c.Episodes = &Episodes{Way: 3, Shot: 1, Query: 2} },
		"variable way": func(c *Config) {
			c.Episodes = &Episodes{MinWay: 2, MaxWay: 6, Shot: 1, Query: 1}
		},
		"meta_dataset": func(c *Config) { c.MetaDataset = &paper },
		"batches":      func(c *Config) { c.Batches = &Batches{Size: 7} },
	} {
		t.Run(name, func(t *testing.T) {
			c := intents(t)
			change(&c)
			data := dataset(8, []string{"all"}, grid(8, 30))
			want := draws(t, newTask(t, data, c), Train, 40)
			again := newTask(t, data, c)
			var workers sync.WaitGroup
			for worker := range 3 {
				workers.Go(func() {
					for i := range want {
						index := (len(want) - 1 - i + 13*worker) % len(want)
						got, err := again.Draw(Train, int64(index))
						if err != nil || !reflect.DeepEqual(got, want[index]) {
							t.Errorf("draw %d: %+v, %v, want %+v", index, got, err, want[index])
						}
					}
				})
			}
			workers.Wait()
			other := c
			other.Seed++
			if reflect.DeepEqual(draws(t, newTask(t, data, other), Train, 40), want) {
				t.Error("another seed draws the same")
			}
			other = c
			other.Name = "twin"
			if reflect.DeepEqual(draws(t, newTask(t, data, other), Train, 40), want) {
				t.Error("a task of another name draws the same")
			}
		})
	}
}

func TestVariableEpisodes(t *testing.T) {
	c := intents(t)
	c.Division, c.MetaDataset = Division{By: ByRecord, Train: 1}, &MetaDataset{MinWay: 3, MaxWay: 6,
		MaxQuery: 10, MaxSupport: 500, MaxSupportPerClass: 100, MinLogWeight: -1, MaxLogWeight: 1}
	var records []labelled
	for class, n := range []int{4, 9, 20, 33, 60, 12, 7, 50} {
		records = append(records, grid(8, n)[class*n:(class+1)*n]...)
	}
	sampled := newTask(t, dataset(8, []string{"all"}, records), c)
	ways := make([]int, 4)
	var statistics Statistics
	for _, d := range draws(t, sampled, Train, 400) {
		way := len(d.Classes)
		if way < 3 || way > 6 {
			t.Fatalf("episode %d has %d ways, want 3 to 6", d.Index, way)
		}
		ways[way-3]++
		if len(d.Query)%way != 0 || len(d.Query)/way > 10 || len(d.Support) < way ||
			len(d.Support) > 500 {
			t.Fatalf("episode %d: %d ways, %d support, %d query", d.Index, way, len(d.Support),
				len(d.Query))
		}
		e := encode(t, sampled, d)
		statistics.Add(e)
		mask := e.Query.Array("intent/class_mask")
		if len(mask.Floats) != 6 {
			t.Fatalf("episode %d: %d ways have a mask of %d", d.Index, way, len(mask.Floats))
		}
		for label, m := range mask.Floats {
			if (m == 1) != (label < way) {
				t.Fatalf("episode %d: mask %v of %d ways", d.Index, mask.Floats, way)
			}
		}
		if rows := e.Support.Rows; rows != max(bucket(len(d.Support), 0), 32) {
			t.Fatalf("episode %d: %d support records in %d rows", d.Index, len(d.Support), rows)
		}
	}
	if got := chiSquare(ways); got > 21.1 { // 99.99 %, 3 degrees of freedom
		t.Errorf("ways %v, χ² = %.1f", ways, got)
	}
	if n := len(statistics.Shapes); n < 2 || n > 40 {
		t.Errorf("%d signatures of 400 episodes", n)
	}
	if share := statistics.PaddingShare(); share <= 0 || share >= 0.8 {
		t.Errorf("padding is %.2f of the positions", share)
	}
}

func TestFreeze(t *testing.T) {
	c := intents(t)
	c.Episodes = &Episodes{Way: 3, Shot: 1, Query: 1}
	data := dataset(8, []string{"all"}, grid(8, 30))
	frozen, err := newTask(t, data, c).Freeze(Test, 20)
	if err != nil {
		t.Fatal(err)
	}
	again, err := newTask(t, data, c).Freeze(Test, 20)
	if err != nil || !reflect.DeepEqual(frozen, again) || len(frozen.Hash) != 64 {
		t.Errorf("frozen again: %s, %v, was %s", again.Hash, err, frozen.Hash)
	}
	text, err := json.Marshal(frozen.Draws)
	if err != nil {
		t.Fatal(err)
	}
	var read []Draw
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(read, frozen.Draws) {
		t.Errorf("through JSON the draws differ (%v)", err)
	}
	sampled := newTask(t, data, c)
	read[3].Query[0], read[3].Query[1] = read[3].Query[1], read[3].Query[0]
	if hash, err := sampled.Hash(read); err != nil || hash == frozen.Hash {
		t.Errorf("another order of records has the same hash (%v)", err)
	}
}

func TestDrawRefuses(t *testing.T) {
	c := intents(t)
	c.Episodes = &Episodes{Way: 9, Shot: 1, Query: 1}
	sampled := newTask(t, dataset(8, []string{"all"}, grid(8, 30)), c)
	for _, test := range []struct {
		split string
		index int64
		want  string
	}{
		{Train, 0, `task "intents": split "train" has 8 classes, too few for 9 ways`},
		{"dev", 0, `no split "dev"`},
		{Train, -1, "index -1 is negative"},
	} {
		if _, err := sampled.Draw(test.split, test.index); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}
