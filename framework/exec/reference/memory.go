package reference

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/graph"
)

// MaxMemory bounds the bytes of one run of a program: its planned buffers and its
// results. One careless broadcast asks for more than a machine has, which ends the
// process without a word about where; what is compiled for one episode or one
// micro-batch stays far below.
const MaxMemory int64 = 16 << 30

// checkMemory refuses a program whose run would need more than MaxMemory.
func (c *compiler) checkMemory() error {
	total := int64(0)
	for _, b := range c.buffers {
		total = saturated(total, memoryOf(b.kind, b.size))
	}
	var largest []*graph.Node
	for _, s := range c.steps {
		largest = append(largest, s.node)
	}
	for _, v := range c.results { // copies
		total = saturated(total, memoryOf(c.slots[v.slot].kind, v.node.Shape().Size()))
		largest = append(largest, v.node)
	}
	if total <= MaxMemory {
		return nil
	}
	slices.SortStableFunc(largest, func(a, b *graph.Node) int {
		return cmp.Compare(c.bytesOf(b), c.bytesOf(a))
	})
	const few = 3
	var named []string
	for _, n := range largest {
		text := fmt.Sprintf("%v of %d MiB", n, c.bytesOf(n)>>20)
		if n.Pos() != "" {
			text = n.Pos() + ": " + text
		}
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

func (c *compiler) bytesOf(n *graph.Node) int64 {
	return memoryOf(c.storage(n.DType()), n.Shape().Size())
}

// memoryOf is the bytes of so many elements, or the largest number.
func memoryOf(kind storage, size int) int64 {
	width := int64(8)
	switch kind {
	case inFloat32, inInt32:
		width = 4
	case inBool:
		width = 1
	}
	if int64(size) > math.MaxInt64/width {
		return math.MaxInt64
	}
	return int64(size) * width
}

// saturated is the sum, or the largest number.
func saturated(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
