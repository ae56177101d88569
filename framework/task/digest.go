package task

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"
)

// Digest is the SHA-256 of a record's cells in canonical form, without its id:
// two records of one description are equal in the given fields exactly when
// their digests are. With no fields given it covers all of them; a field is
// its position in the description.
//
// The canonical form of a cell is its text, words, integers and floating-point
// bits in turn, every string and list preceded by its length.
func (r Record) Digest(fields ...int) [sha256.Size]byte {
	h := sha256.New()
	if len(fields) == 0 {
		for _, c := range r.Cells {
			c.writeTo(h)
		}
	}
	for _, i := range fields {
		r.Cells[i].writeTo(h)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func (c Cell) writeTo(h hash.Hash) {
	buf := appendString(nil, c.Text)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(len(c.Words)))
	for _, w := range c.Words {
		buf = appendString(buf, w)
	}
	buf = binary.LittleEndian.AppendUint64(buf, uint64(len(c.Ints)))
	for _, v := range c.Ints {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(v))
	}
	buf = binary.LittleEndian.AppendUint64(buf, uint64(len(c.Floats)))
	for _, v := range c.Floats {
		if v == 0 {
			v = 0 // the two zeros are equal numbers
		}
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
	}
	h.Write(buf)
}

func appendString(buf []byte, s string) []byte {
	buf = binary.LittleEndian.AppendUint64(buf, uint64(len(s)))
	return append(buf, s...)
}
