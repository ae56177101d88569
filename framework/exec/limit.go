package exec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// MaxMemory bounds the bytes of one run of a program: its arena and its results. It is
// that of the interpreter, for the same reason.
const MaxMemory = reference.MaxMemory

// checkMemory refuses a program whose run would need more than MaxMemory.
func (c *compiler) checkMemory(p *Program) error {
	const word = 4 // bytes
	total := int64(p.words+p.scratch) * word
	var largest []*value
	for _, u := range c.units {
		for _, v := range u.writes {
			largest = append(largest, v)
			if v.space != inArena {
				total += int64(v.words()) * word
			}
		}
	}
	if total <= MaxMemory {
		return nil
	}
	slices.SortStableFunc(largest, func(a, b *value) int { return cmp.Compare(b.words(), a.words()) })
	const few = 3
	var named []string
	for _, v := range largest {
		text := describe(v.node, int64(v.words())*word>>20)
		if !slices.Contains(named, text) {
			named = append(named, text)
		}
		if len(named) == few {
			break
		}
	}
	return fmt.Errorf("one run needs %d MiB, at most %d are allowed; the largest values are %s; use "+
		"smaller batches, recompute steps of adaptation, or hold less of it at once", total>>20,
		MaxMemory>>20, strings.Join(named, "; "))
}

// describe names a node, its size and the author's line.
func describe(n *graph.Node, mebibytes int64) string {
	text := fmt.Sprintf("%v of %d MiB", n, mebibytes)
	if n.Pos() != "" {
		text = n.Pos() + ": " + text
	}
	return text
}
