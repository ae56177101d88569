package philox

import "testing"

// The vectors are Random123's known answers (kat_vectors, philox4x32 10).
func TestBlock(t *testing.T) {
	const all = 0xffffffff
	tests := []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{all, all, all, all}, [2]uint32{all, all},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	}
	for _, test := range tests {
		if got := Block(test.counter, test.key); got != test.want {
			t.Errorf("Block(%x, %x) = %x, want %x", test.counter, test.key, got, test.want)
		}
	}
}

func TestFillAgreesWithUniform(t *testing.T) {
	key := Fold([2]uint32{1, 2}, 3)
	var got [7]float64
	Fill(got[:], key)
	for i, v := range got {
		if want := Uniform(key, uint32(i)); v != want || v < 0 || v >= 1 {
			t.Errorf("element %d is %v, want %v in [0, 1)", i, v, want)
		}
	}
}
