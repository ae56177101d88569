// Package philox is the counter-based random number generator Philox4x32-10:
// a pure function from a counter and a key to four words, so that any element
// of any stream can be drawn on its own.
//
// Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
// https://doi.org/10.1145/2063384.2063405; constants from section 4.3.
package philox

import "math/bits"

const (
	multiplier0, multiplier1 = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1             = 0x9E3779B9, 0xBB67AE85 // golden ratio, √3 - 1
	rounds                   = 10
)

// Block returns the four random words that belong to a counter under a key.
func Block(counter [4]uint32, key [2]uint32) [4]uint32 {
	for range rounds {
		hi0, lo0 := bits.Mul32(multiplier0, counter[0])
		hi1, lo1 := bits.Mul32(multiplier1, counter[2])
		counter = [4]uint32{hi1 ^ counter[1] ^ key[0], lo1, hi0 ^ counter[3] ^ key[1], lo0}
		key[0] += weyl0
		key[1] += weyl1
	}
	return counter
}

// Fold derives a key from a key and a number. Its counters differ from those
// of Uniform in the last word, so the two streams never meet.
func Fold(key [2]uint32, data uint32) [2]uint32 {
	b := Block([4]uint32{data, 0, 0, 1}, key)
	return [2]uint32{b[0], b[1]}
}

// Uniform returns element i of a key's stream of numbers in [0, 1): the upper
// 24 bits of a word, exact in single precision.
func Uniform(key [2]uint32, i uint32) float64 {
	return unit(Block([4]uint32{i / 4}, key)[i%4])
}

// Fill writes the first elements of a key's stream.
func Fill[T float32 | float64](dst []T, key [2]uint32) {
	for i := 0; i < len(dst); i += 4 {
		block := Block([4]uint32{uint32(i / 4)}, key)
		for j, word := range block[:min(4, len(dst)-i)] {
			dst[i+j] = T(unit(word))
		}
	}
}

func unit(word uint32) float64 { return float64(word>>8) * 0x1p-24 }
