package philox

import (
	"crypto/sha256"
	"encoding/binary"
)

// Derived is the seed of one stream of random numbers.
type Derived [sha256.Size]byte

// Derive returns the seed of the stream that a run's seed has for one purpose: the domain
// says for what, the name and the numbers for which of them. It is SHA-256 over the seed,
// both strings after their lengths, and the numbers, all as 64 bits, little endian: none
// runs into another, so that streams differ unless all arguments are equal, as long as a
// domain always has the same number of numbers. The domains are
//
//	initial value              a leaf's address                 package nn
//	class                      its name, 0                      package sampling
//	record                     the digest of its inputs, 0      package sampling
//	epoch/<task>               split, epoch                     package sampling
//	episode/<task>             split, index                     package sampling
//	plan                       split, step                      package sampling
//	leaves of an episode       split, step, pick                package train
//	key of a map step          split, step, pick, part          package train
//	weights of the tasks       split, step                      package train
//	evaluation                 split, task, index, part         package train/evaluation
//
// A new one is added here.
func Derive(seed uint64, domain, name string, numbers ...uint64) Derived {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	for _, s := range []string{domain, name} {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	for _, n := range numbers {
		buf = binary.LittleEndian.AppendUint64(buf, n)
	}
	return sha256.Sum256(buf)
}

// Uint64 returns word i of 0 to 3, for what asks for a seed.
func (d Derived) Uint64(i int) uint64 { return binary.LittleEndian.Uint64(d[8*i:]) }

// Key returns word i as a key of Block.
func (d Derived) Key(i int) [2]uint32 {
	word := d.Uint64(i)
	return [2]uint32{uint32(word), uint32(word >> 32)}
}
