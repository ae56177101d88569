package sampling

import (
	"fmt"
	"math/bits"
	"strings"
)

// Array is a named host tensor, row-major. Exactly one of Ints and Floats is
// set, except that the floats are rounded to the executor's type only there.
type Array struct {
	Name       string
	Shape      []int // nil: a scalar
	Ints       []int32
	Floats     []float64
	PerExample bool // the first axis is the examples of the batch
}

// Batch is the encoded examples of a support, a query or an ordinary batch:
//
//	<set>/tokens      i32 [B, T]     one of the three for every input set
//	<set>/numeric     f32 [B, T, F]
//	<set>/image       f32 [B, T, F]  T is one more than the patches
//	<set>/mask        f32 [B, T]     1 at a position that is not padding
//
// and for every predict p, by what it is of (head.TargetKind), T being the length of the
// set it is about:
//
//	<p>/class         i32 [B]
//	<p>/classes       f32 [B, C]     1 at every class of the example
//	<p>/class_mask    f32 [C]        of both: 1 at a class that can be the answer
//	<p>/value         f32 [B] or [B, T]
//	<p>/start, <p>/end i32 [B]       the first and last position of a span,
//	<p>/present       f32 [B]        0 where there is none
//	<p>/allowed       f32 [B, T]     1 at the positions of the text that it is of
//	<p>/tags          i32 [B, T]     a class for every word, at its first token
//	<p>/tokens        i32 [B, T]     the token that follows every position
//	<p>/weight        f32 [B], or [B, T] of what has positions; 0: padding or no answer
//	<p>/inverse_weight f32 scalar    1/Σ weight of the whole batch, 0 if that is 0
type Batch struct {
	Arrays    []Array
	IDs       []int64 // of the examples that are not padding
	Rows      int     // B
	Inputs    int     // of the examples: one for each input set
	Positions int     // Σ B·T over the input sets
	Padding   int     // positions among them that hold padding
	Truncated int     // inputs that were cut to the largest length
	Lost      int     // positions that were cut off
}

// Array returns the named array, or nil.
func (b *Batch) Array(name string) *Array {
	for i := range b.Arrays {
		if b.Arrays[i].Name == name {
			return &b.Arrays[i]
		}
	}
	return nil
}

// Signature says the names and shapes of the arrays; batches of equal
// signature run the same program.
func (b *Batch) Signature() string {
	var s strings.Builder
	for _, a := range b.Arrays {
		fmt.Fprintf(&s, "%s%v ", a.Name, a.Shape)
	}
	return strings.TrimSpace(s.String())
}

// Cut divides a batch into elements of size examples, all of one signature;
// the last is padded with examples of weight 0. Arrays that are not per
// example are those of the whole batch, so that every sum of
// weight·inverse_weight·x over the batch is the sum over the elements.
func (b *Batch) Cut(size int) []*Batch {
	var elements []*Batch
	for lo := 0; lo < b.Rows; lo += size {
		element := &Batch{Rows: size, Positions: b.Positions / b.Rows * size}
		element.IDs = b.IDs[min(lo, len(b.IDs)):min(lo+size, len(b.IDs))]
		real := 0
		for _, a := range b.Arrays {
			part := a.rows(lo, size)
			if strings.HasSuffix(a.Name, "/mask") {
				for _, m := range part.Floats {
					real += int(m)
				}
			}
			element.Arrays = append(element.Arrays, part)
		}
		element.Padding = element.Positions - real
		if len(b.IDs) > 0 {
			element.Inputs = b.Inputs / len(b.IDs) * len(element.IDs)
		}
		elements = append(elements, element)
	}
	elements[0].Truncated, elements[0].Lost = b.Truncated, b.Lost
	return elements
}

// rows returns examples lo to lo+n of an array, zeros beyond its end.
func (a Array) rows(lo, n int) Array {
	if !a.PerExample {
		return a
	}
	stride := stride(a.Shape)
	part := Array{Name: a.Name, Shape: append([]int{n}, a.Shape[1:]...), PerExample: true}
	if a.Ints != nil {
		part.Ints = make([]int32, n*stride)
		copy(part.Ints, a.Ints[lo*stride:])
	} else {
		part.Floats = make([]float64, n*stride)
		copy(part.Floats, a.Floats[lo*stride:])
	}
	return part
}

// DefaultMicroBatch is the largest power of two of examples that together have
// at most 1,024 positions, at least 1. It depends on the experiment alone,
// never on the machine, because the order of a sum follows from it.
func DefaultMicroBatch(maxLength int) int {
	return 1 << (bits.Len(uint(max(1024/maxLength, 1))) - 1)
}

// bucket is the smallest power of two that holds n, but at most limit (0: none).
func bucket(n, limit int) int {
	b := 1 << bits.Len(uint(max(n, 1)-1))
	if limit > 0 {
		b = min(b, limit)
	}
	return b
}
