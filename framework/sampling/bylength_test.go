package sampling

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// unequal is n records with texts of 1 to 40 characters that all differ.
func unequal(n int) []labelled {
	var records []labelled
	for i := range n {
		records = append(records, labelled{fmt.Sprintf("%d", i) + strings.Repeat("x", i*7%37), i % 2, 0})
	}
	return records
}

func lengthwise(t *testing.T, records, size int, byLength bool) *Task {
	t.Helper()
	c := intents(t)
	c.Division = Division{By: ByRecord, Train: 1}
	c.Batches = &Batches{Size: size, ByLength: byLength}
	return newTask(t, dataset(2, []string{"all"}, unequal(records)), c)
}

// TestByLength: the batches of a window hold what they would hold without, and so an epoch has
// every record once; they are of about one length, in random order; and a batch depends on its
// number alone.
func TestByLength(t *testing.T) {
	const size = 4
	for _, records := range []int{size, 30, 480, 1000} {
		sampled, plain := lengthwise(t, records, size, true), lengthwise(t, records, size, false)
		window := min(sortedBatches, records/size)
		for n := range 3 {
			var ids, other []int64
			for index := n * window; index < (n+1)*window; index++ {
				for into, from := range map[*[]int64]*Task{&ids: sampled, &other: plain} {
					d, err := from.Draw(Train, int64(index))
					if err != nil {
						t.Fatal(err)
					}
					*into = append(*into, d.Query...)
				}
			}
			slices.Sort(ids)
			slices.Sort(other)
			if !slices.Equal(ids, other) {
				t.Errorf("%d records, window %d: it holds others than batches without", records, n)
			}
		}
	}
	padding := func(sampled *Task) (share float64, lengths []int) {
		padded, positions := 0, 0
		for index := range int64(100) {
			d, err := sampled.Draw(Train, index)
			if err != nil {
				t.Fatal(err)
			}
			b := encode(t, sampled, d).Query
			padded, positions = padded+b.Padding, positions+b.Positions
			lengths = append(lengths, b.Array("input/tokens").Shape[1])
		}
		return float64(padded) / float64(positions), lengths
	}
	sampled := lengthwise(t, 2000, 8, true)
	with, lengths := padding(sampled)
	without, _ := padding(lengthwise(t, 2000, 8, false))
	if with > 0.35 || without < 0.5 {
		t.Errorf("%.2f is padding, and %.2f without; want less than 0.35, and more than 0.5", with,
			without)
	}
	if slices.IsSorted(lengths) || len(slices.Compact(slices.Sorted(slices.Values(lengths)))) < 3 {
		t.Errorf("batches of the lengths %v, want several in random order", lengths)
	}
	want, err := sampled.Draw(Train, 123)
	if err != nil {
		t.Fatal(err)
	}
	again := lengthwise(t, 2000, 8, true)
	if got, err := again.Draw(Train, 123); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("drawn alone, batch 123 is %v, want %v (%v)", got, want, err)
	}
}

// TestPassByLength: it visits every record once, the shortest first.
func TestPassByLength(t *testing.T) {
	sampled := lengthwise(t, 203, 8, true)
	draws, err := sampled.Pass(Train)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, d := range draws {
		ids = append(ids, d.Query...)
	}
	longer := func(a, b int64) int { return int(sampled.lengths[a]) - int(sampled.lengths[b]) }
	if !slices.IsSortedFunc(ids, longer) {
		t.Errorf("not in order of length: %v", ids)
	}
	slices.Sort(ids)
	if !slices.Equal(ids, sampled.Pool().Records(Train)) {
		t.Errorf("%d records are visited, want each of 203 once", len(ids))
	}
}

// TestLengthsOverInputs: the length of a record is over all inputs, as far as they are read.
func TestLengthsOverInputs(t *testing.T) {
	c := intents(t)
	c.Inputs = append(c.Inputs, Input{Set: "number", Kind: Numeric, Fields: []string{"score"},
		Features: 1, MaxLength: 1})
	c.Inputs[0].MaxLength, c.Truncate = 10, true
	c.Division = Division{By: ByRecord, Train: 1}
	c.Batches = &Batches{Size: 2, ByLength: true}
	sampled := newTask(t, dataset(2, []string{"all"}, []labelled{{"abc", 0, 1},
		{strings.Repeat("y", 30), 1, 1}}), c)
	if want := map[int64]int32{0: 4, 1: 11}; !reflect.DeepEqual(sampled.lengths, want) {
		t.Errorf("lengths %v, want %v", sampled.lengths, want)
	}
}
