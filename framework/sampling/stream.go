package sampling

import (
	"math/bits"
	"math/rand/v2"

	"quickstudy/framework/philox"
)

// stream draws numbers for one purpose of one draw. Its bits follow from the
// arguments of newStream alone: the source is the published PCG-DXSM, and the
// ways of drawing from it are written here, so that no release of the standard
// library can change a run that is resumed.
type stream struct{ source *rand.PCG }

func newStream(seed uint64, purpose, split string, index int64) stream {
	d := philox.Derive(seed, purpose, split, uint64(index))
	return stream{rand.NewPCG(d.Uint64(0), d.Uint64(1))}
}

// float is uniform in [0, 1).
func (s stream) float() float64 { return float64(s.source.Uint64()>>11) / (1 << 53) }

// below is uniform in 0..n-1, n > 0. Lemire 2019,
// https://arxiv.org/abs/1805.10941: the high word of a product, with the few
// values that would make it uneven rejected.
func (s stream) below(n int) int {
	high, low := bits.Mul64(s.source.Uint64(), uint64(n))
	for low < -uint64(n)%uint64(n) {
		high, low = bits.Mul64(s.source.Uint64(), uint64(n))
	}
	return int(high)
}

// choose returns k different numbers of 0..n-1 in random order.
func (s stream) choose(n, k int) []int {
	moved := make(map[int]int, k) // the entries of 0..n-1 that a shuffle has moved so far
	at := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	chosen := make([]int, k)
	for i := range chosen {
		j := i + s.below(n-i)
		chosen[i] = at(j)
		moved[j] = at(i)
	}
	return chosen
}

func (s stream) shuffle(ids []int64) {
	for i := len(ids) - 1; i > 0; i-- {
		j := s.below(i + 1)
		ids[i], ids[j] = ids[j], ids[i]
	}
}

// permutation is a random order of 0..n-1 that is evaluated position by
// position, without a table: a Feistel network of eight rounds over the
// smallest even number of bits that holds n, followed until it lands below n
// (Black & Rogaway 2002, https://doi.org/10.1007/3-540-45760-7_9, method 3).
type permutation struct {
	n    uint64
	half uint // bits of each half
	keys [8]uint64
}

func newPermutation(n int, seed uint64, purpose, split string, epoch int64) permutation {
	p := permutation{n: uint64(n), half: uint(bits.Len64(uint64(n-1))+1) / 2}
	s := newStream(seed, purpose, split, epoch)
	for i := range p.keys {
		p.keys[i] = s.source.Uint64()
	}
	return p
}

// at returns the number at position i, 0 ≤ i < n.
func (p permutation) at(i int64) int64 {
	if p.n == 1 {
		return 0
	}
	mask := uint64(1)<<p.half - 1
	v := uint64(i)
	for {
		left, right := v>>p.half, v&mask
		for _, key := range p.keys {
			left, right = right, left^(mix(right^key)&mask)
		}
		if v = left<<p.half | right; v < p.n {
			return int64(v)
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
