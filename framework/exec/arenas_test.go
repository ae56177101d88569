package exec

import "testing"

// TestArenas: what is put is taken again, the smallest that is large enough, and there are
// never more arenas than were in use at a time.
func TestArenas(t *testing.T) {
	var a Arenas
	first, second := a.take(100), a.take(300)
	a.put(second)
	a.put(first)
	for _, test := range []struct {
		name  string
		words int
		want  []float32 // nil: a new one
		left  int
	}{
		{"smallest", 50, first, 1},
		{"a little more", 310, second, 0},
		{"none", 1, nil, 0},
	} {
		got := a.take(test.words)
		if len(got) < test.words {
			t.Errorf("%s: %d words, want %d", test.name, len(got), test.words)
		}
		if test.want != nil && &got[0] != &test.want[0] || len(a.free) != test.left {
			t.Errorf("%s: another arena than expected, or %d left, want %d", test.name, len(a.free),
				test.left)
		}
	}
	a.put(first)
	a.put(second)
	if large := a.take(1000); len(large) < 1000 || len(a.free) != 1 || &a.free[0][0] != &first[0] {
		t.Errorf("the largest did not make place: %d words, %d left", len(large), len(a.free))
	}
}
