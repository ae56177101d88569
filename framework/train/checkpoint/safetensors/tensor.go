package safetensors

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// A DType is the type of an array's values, spelled as in the file.
type DType string

// The types that have a Go slice of their own.
const (
	Int64   DType = "I64"
	Float64 DType = "F64"
	Float32 DType = "F32"
	Int32   DType = "I32"
	Uint8   DType = "U8"
)

// layout lists the types in the order in which their arrays lie in a file. It
// is the reference implementation's: wide types first, so that each array is
// aligned without gaps.
var layout = []DType{Int64, Float64, Float32, Int32, Uint8}

// Size returns the bytes of one value, or 0 for a type this package lacks.
func (d DType) Size() int {
	switch d {
	case Int64, Float64:
		return 8
	case Float32, Int32:
		return 4
	case Uint8:
		return 1
	}
	return 0
}

// A Tensor is one named array, row-major.
type Tensor struct {
	Name   string
	Shape  []int // empty for a scalar
	Values any   // []float32, []float64, []int32, []int64 or []uint8
}

// DType returns the type of the values, or "" if they are of none of the types.
func (t Tensor) DType() DType {
	switch t.Values.(type) {
	case []float32:
		return Float32
	case []float64:
		return Float64
	case []int32:
		return Int32
	case []int64:
		return Int64
	case []uint8:
		return Uint8
	}
	return ""
}

func (t Tensor) len() int {
	switch v := t.Values.(type) {
	case []float32:
		return len(v)
	case []float64:
		return len(v)
	case []int32:
		return len(v)
	case []int64:
		return len(v)
	case []uint8:
		return len(v)
	}
	return 0
}

// A File is what a safetensors file holds.
type File struct {
	Metadata map[string]string
	Tensors  []Tensor
}

const metadataKey = "__metadata__"

// elements multiplies the axes of a shape, and reports whether the product of
// all of them fits.
func elements(shape []int) (int, bool) {
	n := 1
	for _, axis := range shape {
		if axis < 0 || axis != 0 && n > math.MaxInt/axis {
			return 0, false
		}
		n *= axis
	}
	return n, true
}

// inOrder checks the tensors and returns them in the order of the file.
func inOrder(tensors []Tensor) ([]Tensor, error) {
	seen := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		if err := t.check(); err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %q is given twice", t.Name)
		}
		seen[t.Name] = true
	}
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(slices.Index(layout, a.DType()), slices.Index(layout, b.DType())),
			cmp.Compare(a.Name, b.Name))
	})
	return sorted, nil
}

func (t Tensor) check() error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if t.DType() == "" {
		return fmt.Errorf("tensor %q: values are %T, want a slice of float32, float64, int32, "+
			"int64 or uint8", t.Name, t.Values)
	}
	n, ok := elements(t.Shape)
	if !ok {
		return fmt.Errorf("tensor %q: shape %v is not one", t.Name, t.Shape)
	}
	if n != t.len() {
		return fmt.Errorf("tensor %q: %d values for shape %v, want %d", t.Name, t.len(), t.Shape, n)
	}
	return nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a tensor has no name")
	case name == metadataKey:
		return fmt.Errorf("tensor name %q is reserved for the metadata", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("tensor name %q is not UTF-8", name)
	}
	return nil
}
