package subword

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v17/textseg"
)

// charsmap are the replacements that sentencepiece compiles its rules of normalization to: a
// double array (Yata's darts-clone) from texts to where their replacements are, and these, each
// with a zero behind it. https://github.com/google/sentencepiece, normalizer.cc.
type charsmap struct {
	units        []uint32
	replacements []byte
}

func readCharsmap(data []byte) (*charsmap, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("it is empty")
	}
	if len(data) < 4 {
		return nil, fmt.Errorf("%d bytes, want the length of its table first", len(data))
	}
	n := binary.LittleEndian.Uint32(data)
	if n%4 != 0 || n == 0 || uint64(n) > uint64(len(data)-4) {
		return nil, fmt.Errorf("a table of %d bytes in %d, want a multiple of 4 that is there", n,
			len(data)-4)
	}
	c := &charsmap{units: make([]uint32, n/4), replacements: data[4+n:]}
	for i := range c.units {
		c.units[i] = binary.LittleEndian.Uint32(data[4+4*i:])
	}
	if !utf8.Valid(c.replacements) || len(c.replacements) == 0 ||
		c.replacements[len(c.replacements)-1] != 0 {
		return nil, fmt.Errorf("its replacements are no UTF-8 with a zero at the end")
	}
	return c, nil
}

// replacement is what stands for the shortest beginning of a text that has one.
func (c *charsmap) replacement(text []byte) ([]rune, bool) {
	at := uint32(0)
	offset := func(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }
	at ^= offset(c.units[0])
	for _, b := range text {
		if b == 0 {
			return nil, false
		}
		at ^= uint32(b)
		if int(at) >= len(c.units) {
			return nil, false
		}
		unit := c.units[at]
		if unit&(1<<31|0xFF) != uint32(b) {
			return nil, false
		}
		at ^= offset(unit)
		if int(at) >= len(c.units) {
			return nil, false
		}
		if unit>>8&1 == 1 { // a text ends here
			value := c.units[at] & (1<<31 - 1)
			if int(value) >= len(c.replacements) {
				return nil, false
			}
			end := int(value)
			for c.replacements[end] != 0 {
				end++
			}
			return []rune(string(c.replacements[value:end])), true
		}
	}
	return nil, false
}

// normalize replaces what is short enough for one replacement as it is seen on the screen
// (a grapheme cluster), and of the rest every character.
func (c *charsmap) normalize(a aligned) aligned {
	var changes []change
	first := 0 // characters at the start that are replaced by nothing
	put := func(old, with []rune) {
		for i, r := range with {
			delta := 0
			if i >= len(old) {
				delta = 1
			}
			changes = append(changes, change{r, delta})
		}
		more := max(len(old)-len(with), 0)
		if len(changes) == 0 {
			first += more
		} else {
			changes[len(changes)-1].delta -= more
		}
	}
	rest := []byte(string(a.runes))
	for len(rest) > 0 {
		size, cluster, err := textseg.ScanGraphemeClusters(rest, true)
		if err != nil || size == 0 {
			size, cluster = len(rest), rest
		}
		rest = rest[size:]
		if len(cluster) < 6 {
			if with, ok := c.replacement(cluster); ok {
				put([]rune(string(cluster)), with)
				continue
			}
		}
		for _, r := range string(cluster) {
			if with, ok := c.replacement([]byte(string(r))); ok {
				put([]rune{r}, with)
			} else {
				changes = append(changes, change{r, 0})
			}
		}
	}
	return a.changed(first, changes)
}
