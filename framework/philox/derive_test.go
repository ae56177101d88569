package philox

import "testing"

// What one argument ends with never passes for the beginning of the next.
func TestDeriveSeparates(t *testing.T) {
	base := Derive(1, "ab", "c", 2, 3)
	if base != Derive(1, "ab", "c", 2, 3) {
		t.Error("equal arguments give different seeds")
	}
	for name, other := range map[string]Derived{
		"seed":    Derive(2, "ab", "c", 2, 3),
		"domain":  Derive(1, "ax", "c", 2, 3),
		"name":    Derive(1, "ab", "d", 2, 3),
		"number":  Derive(1, "ab", "c", 2, 4),
		"order":   Derive(1, "ab", "c", 3, 2),
		"fewer":   Derive(1, "ab", "c", 2),
		"border":  Derive(1, "a", "bc", 2, 3),
		"no name": Derive(1, "abc", "", 2, 3),
	} {
		if other == base {
			t.Errorf("%s: the same seed", name)
		}
	}
}

// The bits are part of what a run is resumed with.
func TestDeriveBits(t *testing.T) {
	d := Derive(7, "episode/intents", "train", 3)
	if got := d.Uint64(0); got != 0x5c8f22cec84bd4a6 {
		t.Errorf("word 0 is %#x, want 0x5c8f22cec84bd4a6", got)
	}
	if got := d.Key(1); got != [2]uint32{uint32(d.Uint64(1)), uint32(d.Uint64(1) >> 32)} {
		t.Errorf("key 1 is %x", got)
	}
}
