package evaluation

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/sampling"
)

// uneven are classes of different texts of one to four letters.
func uneven(classes int) []example {
	var all []example
	for class := range classes {
		for _, rest := range []string{"", "x", "xy", "xyz", "y", "yz"} {
			all = append(all, example{fmt.Sprintf("%c%s", 'a'+class, rest), class})
		}
	}
	return all
}

// Of every layer and head, before and after adaptation: what a query sees adds up to 1,
// padded keys have weight 0, and adaptation moves the weights.
func TestAttention(t *testing.T) {
	data := newTask(t, texts(9, uneven(9)), letters(t))
	model := newModel(t, descent(3, 0.5), programTask("letters", data, objectiveOf("letter", 3, bare)))
	r := Request{Model: model, State: initial(t, model), Set: freeze(t, data, sampling.Test, 2),
		Steps: []int{0, 3}}
	got, err := AttentionOf(context.Background(), r, 1)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := data.Encode(r.Set.Frozen.Draws[1])
	if err != nil {
		t.Fatal(err)
	}
	mask := episode.Query.Array("input/mask")
	length, padded, moved := mask.Shape[1], 0, false
	var names []string
	for _, a := range got {
		names = append(names, fmt.Sprint(a.Step, "/", a.Side, "/", a.Set, "/", a.Stack, "/", a.Layer))
		if a.Shape[0] != len(a.IDs) || a.Shape[3] != length {
			t.Fatalf("shape %v of %d examples and %d keys", a.Shape, len(a.IDs), length)
		}
		for example := range a.Shape[0] {
			for head := range a.Shape[1] {
				for query := range a.Shape[2] {
					sum := 0.0
					for key, w := range a.Row(example, head, query) {
						sum += w
						if mask.Floats[example*length+key] == 0 {
							if padded++; w != 0 {
								t.Errorf("%s: example %d: padded key %d has the weight %v", names[0], example, key, w)
							}
						}
					}
					if math.Abs(sum-1) > 1e-6 {
						t.Errorf("example %d, query %d: weights add up to %v", example, query, sum)
					}
				}
			}
		}
		moved = moved || a.Step == 3 && !slices.Equal(a.Weights, got[0].Weights)
	}
	if padded == 0 || !moved {
		t.Errorf("%d padded keys, moved by adaptation: %v; want some, and true", padded, moved)
	}
	if want := "0/query/input/encoder/0 3/query/input/encoder/0"; strings.Join(names, " ") != want {
		t.Errorf("got %v, want %s", names, want)
	}
	if _, err := AttentionOf(context.Background(), r, 2); err == nil ||
		!strings.Contains(err.Error(), "draw 2, want one of 2") {
		t.Errorf("got error %v", err)
	}
}
