package sampling

import (
	"fmt"
	"strings"
	"testing"

	"quickstudy/framework/task"
)

// Texts and labels are those that the encoding of the same draw has.
func TestRawAgreesWithEncoding(t *testing.T) {
	c := intents(t)
	c.Division = Division{By: ByClass, Train: 1. / 3, Validation: 1. / 3, Test: 1. / 3}
	c.Episodes = &Episodes{Way: 3, Shot: 2, Query: 4}
	sampled := newTask(t, dataset(9, []string{"all"}, grid(9, 10)), c)
	draw := draws(t, sampled, Test, 1)[0]
	episode := encode(t, sampled, draw)
	support, query, err := sampled.Raw(draw, "intent")
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []struct {
		raw   Raw
		batch *Batch
		n     int
	}{{support, episode.Support, 6}, {query, episode.Query, 12}} {
		if len(side.raw.Texts) != side.n || len(side.raw.Labels) != side.n || side.raw.Classes != 3 {
			t.Fatalf("got %+v, want %d texts and labels of 3 classes", side.raw, side.n)
		}
		for i, label := range side.raw.Labels {
			if got := int(side.batch.Array("intent/class").Ints[i]); got != label {
				t.Errorf("record %d: encoded as class %d, raw %d", i, got, label)
			}
			want := fmt.Sprintf("c%d ", draw.Classes[label])
			if !strings.HasPrefix(side.raw.Texts[i], want) {
				t.Errorf("record %d: %q is not of class %d", i, side.raw.Texts[i], draw.Classes[label])
			}
		}
	}
	if _, _, err := sampled.Raw(draw, "domain"); err == nil ||
		!strings.Contains(err.Error(), `no predict "domain"`) {
		t.Errorf("unknown predict: got %v", err)
	}
}

func TestRawOfBatches(t *testing.T) {
	records := []labelled{{"a", 0, 1}, {"b", -1, 2}, {"c", 1, 3}}
	sampled := newTask(t, dataset(2, []string{"train"}, records), Config{
		Name:   "scores",
		Inputs: []Input{{Kind: Tokens, Fields: []string{"text"}, Tokenizer: bytewise(t), MaxLength: 8}},
		Predicts: []Predict{
			{Name: "intent", Target: "intent", Kind: task.ClassOf},
			{Name: "score", Target: "score", Kind: task.Value},
		},
		Division: Division{By: ByRecord, Train: 1},
		Batches:  &Batches{Size: 4},
	})
	if !sampled.Batched() {
		t.Error("a task with batches says that it has none")
	}
	pass, err := sampled.Pass(Train)
	if err != nil {
		t.Fatal(err)
	}
	support, query, err := sampled.Raw(pass[0], "intent")
	if err != nil || support.Texts != nil || fmt.Sprint(query) != "{[a b c] [] [0 -1 1] 2 [] [] }" {
		t.Errorf("got support %v and query %v, %v", support, query, err)
	}
	_, query, err = sampled.Raw(pass[0], "score")
	if err != nil || fmt.Sprint(query.Values) != "[[1] [2] [3]]" || query.Labels != nil {
		t.Errorf("got query %v, %v", query, err)
	}
}
