package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// tileOf is a tile in memory of its own, with cells around it and between its rows that
// no kernel may touch.
type tileOf struct {
	cells          []uint32
	rows, cols, ld int
}

const (
	guard  = 37
	filler = 0x7fabcdef // in cells outside the tile: a NaN
)

func newTile(rows, cols, ld int) *tileOf {
	t := &tileOf{make([]uint32, guard+max(1, rows)*ld+cols+guard), rows, cols, ld}
	for i := range t.cells {
		t.cells[i] = filler
	}
	return t
}

func (t *tileOf) pointer() *float32 { return (*float32)(unsafe.Pointer(&t.cells[guard])) }

func (t *tileOf) at(i, j int) *uint32 { return &t.cells[guard+i*t.ld+j] }

func (t *tileOf) clone() *tileOf {
	c := *t
	c.cells = slices.Clone(t.cells)
	return &c
}

// untouched reports the first cell outside the tile that was written.
func (t *tileOf) untouched() error {
	inside := make([]bool, len(t.cells))
	for i := range t.rows {
		for j := range t.cols {
			inside[guard+i*t.ld+j] = true
		}
	}
	for i, v := range t.cells {
		if !inside[i] && v != filler {
			return fmt.Errorf("cell %d, outside a tile of %d×%d with ld %d, became %#x", i-guard,
				t.rows, t.cols, t.ld, v)
		}
	}
	return nil
}

// sameBits reports whether two floats are one number, a zero's sign counted, or both NaN.
func sameBits(a, b uint32) bool {
	return a == b || math.Float32frombits(a) != math.Float32frombits(a) &&
		math.Float32frombits(b) != math.Float32frombits(b)
}

// draws are the values that an operation is tested with.
type draws func(r *rand.Rand) uint32

var special = []float32{0, float32(math.Copysign(0, -1)), 1, -1, 0.5, float32(math.Inf(1)),
	float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, 0x1p-127, 88.7, 89, -87.5,
	-103.9, -104, 0x1p31, -0x1p31, 0x1.fffffep30, 1e9, 131072, 1e30}

// numbers are special ones, whole ones, which tie, and ones of every size.
func numbers(r *rand.Rand) uint32 {
	switch r.IntN(8) {
	case 0:
		return math.Float32bits(special[r.IntN(len(special))])
	case 1:
		return math.Float32bits(float32(r.IntN(7) - 3))
	case 2:
		return r.Uint32()
	}
	return math.Float32bits(float32(r.NormFloat64() * 3))
}

func integers(r *rand.Rand) uint32 {
	if r.IntN(4) == 0 {
		return r.Uint32()
	}
	return uint32(r.IntN(7) - 3)
}

func masks(r *rand.Rand) uint32 { return maskOf(r.IntN(2) == 0) }

// kernelCase is one kernel, called with three operands of which it uses the first ones,
// and what it does to one element.
type kernelCase struct {
	name     string
	draw     [3]draws
	forms    func(t *Table) []Ternary
	operands int
	scalar   func(a, b, c uint32) uint32
}

func asUnary(
	name string, draw draws, pick func(t *Table) Unary, scalar func(a uint32) uint32,
) kernelCase {
	return kernelCase{name, [3]draws{draw, draw, draw}, func(t *Table) []Ternary {
		return []Ternary{func(dst, a, _, _ *float32, rows, cols, ldd, lda, _, _ int) {
			pick(t)(dst, a, rows, cols, ldd, lda)
		}}
	}, 1, func(a, _, _ uint32) uint32 { return scalar(a) }}
}

func asBinary(
	name string, draw draws, pick func(t *Table) [3]Binary, scalar func(a, b uint32) uint32,
) kernelCase {
	return kernelCase{name, [3]draws{draw, draw, draw}, func(t *Table) (all []Ternary) {
		for _, f := range pick(t) {
			all = append(all, func(dst, a, b, _ *float32, rows, cols, ldd, lda, ldb, _ int) {
				f(dst, a, b, rows, cols, ldd, lda, ldb)
			})
		}
		return all
	}, 2, func(a, b, _ uint32) uint32 { return scalar(a, b) }}
}

func floats1(f func(a float32) float32) func(a uint32) uint32 {
	return func(a uint32) uint32 { return math.Float32bits(f(math.Float32frombits(a))) }
}

func floats2(f func(a, b float32) float32) func(a, b uint32) uint32 {
	return func(a, b uint32) uint32 {
		return math.Float32bits(f(math.Float32frombits(a), math.Float32frombits(b)))
	}
}

func compare(f func(a, b float32) bool) func(a, b uint32) uint32 {
	return func(a, b uint32) uint32 {
		return maskOf(f(math.Float32frombits(a), math.Float32frombits(b)))
	}
}

func asFused(
	name string, pick func(t *Table) [7]Ternary, f func(a, b, c float32) float32,
) kernelCase {
	return kernelCase{name, [3]draws{numbers, numbers, numbers}, func(t *Table) []Ternary {
		forms := pick(t)
		return forms[:]
	}, 3, func(a, b, c uint32) uint32 {
		x, y, z := math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(c)
		return math.Float32bits(f(x, y, z))
	}}
}

func elementwiseCases() []kernelCase {
	return []kernelCase{
		asUnary("Copy", numbers, func(t *Table) Unary { return t.Copy },
			func(a uint32) uint32 { return a }),
		asUnary("Neg", numbers, func(t *Table) Unary { return t.Neg },
			func(a uint32) uint32 { return a ^ 1<<31 }),
		asUnary("Abs", numbers, func(t *Table) Unary { return t.Abs },
			func(a uint32) uint32 { return a &^ (1 << 31) }),
		asUnary("Sign", numbers, func(t *Table) Unary { return t.Sign },
			floats1(func(a float32) float32 {
				if a > 0 || a < 0 {
					return float32(math.Copysign(1, float64(a)))
				}
				return a
			})),
		asUnary("Sqrt", numbers, func(t *Table) Unary { return t.Sqrt },
			floats1(func(a float32) float32 { return float32(math.Sqrt(float64(a))) })),
		asUnary("Exp", numbers, func(t *Table) Unary { return t.Exp }, floats1(exp)),
		asUnary("Log", numbers, func(t *Table) Unary { return t.Log }, floats1(log)),
		asUnary("Erf", numbers, func(t *Table) Unary { return t.Erf }, floats1(erf)),
		asUnary("Tanh", numbers, func(t *Table) Unary { return t.Tanh }, floats1(tanh)),
		asUnary("Sin", numbers, func(t *Table) Unary { return t.Sin }, floats1(sin)),
		asUnary("Cos", numbers, func(t *Table) Unary { return t.Cos }, floats1(cos)),

		asBinary("Add", numbers, func(t *Table) [3]Binary { return t.Add },
			floats2(func(a, b float32) float32 { return a + b })),
		asBinary("Sub", numbers, func(t *Table) [3]Binary { return t.Sub },
			floats2(func(a, b float32) float32 { return a - b })),
		asBinary("Mul", numbers, func(t *Table) [3]Binary { return t.Mul },
			floats2(func(a, b float32) float32 { return a * b })),
		asBinary("Div", numbers, func(t *Table) [3]Binary { return t.Div },
			floats2(func(a, b float32) float32 { return a / b })),
		asBinary("Max", numbers, func(t *Table) [3]Binary { return t.Max },
			floats2(func(a, b float32) float32 {
				if b > a || b != b {
					return b
				}
				return a
			})),
		asBinary("Min", numbers, func(t *Table) [3]Binary { return t.Min },
			floats2(func(a, b float32) float32 {
				if b < a || b != b {
					return b
				}
				return a
			})),
		asBinary("Eq", numbers, func(t *Table) [3]Binary { return t.Eq },
			compare(func(a, b float32) bool { return a == b })),
		asBinary("Lt", numbers, func(t *Table) [3]Binary { return t.Lt },
			compare(func(a, b float32) bool { return a < b })),
		asBinary("Le", numbers, func(t *Table) [3]Binary { return t.Le },
			compare(func(a, b float32) bool { return a <= b })),
		asBinary("And", integers, func(t *Table) [3]Binary { return t.And },
			func(a, b uint32) uint32 { return a & b }),
		asBinary("Or", integers, func(t *Table) [3]Binary { return t.Or },
			func(a, b uint32) uint32 { return a | b }),
		asUnary("Not", integers, func(t *Table) Unary { return t.Not },
			func(a uint32) uint32 { return ^a }),
		asBinary("EqInt", integers, func(t *Table) [3]Binary { return t.EqInt },
			func(a, b uint32) uint32 { return maskOf(a == b) }),
		asBinary("LtInt", integers, func(t *Table) [3]Binary { return t.LtInt },
			func(a, b uint32) uint32 { return maskOf(int32(a) < int32(b)) }),
		asBinary("LeInt", integers, func(t *Table) [3]Binary { return t.LeInt },
			func(a, b uint32) uint32 { return maskOf(int32(a) <= int32(b)) }),
		{"Select", [3]draws{masks, numbers, numbers},
			func(t *Table) []Ternary { return t.Select[:] }, 3, func(a, b, c uint32) uint32 {
				if a == 0 {
					return c
				}
				return b
			}},

		asFused("MulAdd", func(t *Table) [7]Ternary { return t.MulAdd },
			func(a, b, c float32) float32 { return float32(a*b) + c }),
		asFused("MulSub", func(t *Table) [7]Ternary { return t.MulSub },
			func(a, b, c float32) float32 { return float32(a*b) - c }),
		asFused("SubProduct", func(t *Table) [7]Ternary { return t.SubProduct },
			func(a, b, c float32) float32 { return a - float32(b*c) }),
		asFused("AddMul", func(t *Table) [7]Ternary { return t.AddMul },
			func(a, b, c float32) float32 { return float32(a+b) * c }),
		asFused("SubMul", func(t *Table) [7]Ternary { return t.SubMul },
			func(a, b, c float32) float32 { return float32(a-b) * c }),
		asFused("MulMul", func(t *Table) [7]Ternary { return t.MulMul },
			func(a, b, c float32) float32 { return float32(a*b) * c }),

		asUnary("FloatFromInt", integers, func(t *Table) Unary { return t.FloatFromInt },
			func(a uint32) uint32 { return math.Float32bits(float32(int32(a))) }),
		asUnary("IntFromFloat", numbers, func(t *Table) Unary { return t.IntFromFloat },
			func(a uint32) uint32 {
				v := math.Trunc(float64(math.Float32frombits(a)))
				if math.Abs(v) < 1<<31 {
					return uint32(int32(v))
				}
				return 1 << 31
			}),
		asUnary("NonZero", numbers, func(t *Table) Unary { return t.NonZero },
			func(a uint32) uint32 { return maskOf(a&^(1<<31) != 0) }),
		asUnary("NonZeroInt", integers, func(t *Table) Unary { return t.NonZeroInt },
			func(a uint32) uint32 { return maskOf(a != 0) }),
	}
}

// movesBits are the kernels that also carry integers and masks: of a NaN they keep the bits.
var movesBits = map[string]bool{
	"Copy": true, "Neg": true, "Abs": true, "Select": true, "And": true, "Or": true, "Not": true}

// Every kernel of the table has a case, but for those that move no element to its own
// place or whose memory is not float32; those have tests of their own.
func TestEveryKernelHasACase(t *testing.T) {
	tested := map[string]bool{
		"Fill": true, "MaskFromBool": true, "BoolFromMask": true, "Prefetch": true}
	for _, c := range elementwiseCases() {
		tested[c.name] = true
	}
	kernels := reflect.TypeFor[Elementwise]()
	for i := range kernels.NumField() {
		if name := kernels.Field(i).Name; !tested[name] {
			t.Errorf("no test of kernel %s", name)
		}
		for _, isa := range Available() {
			value, forms := reflect.ValueOf(For(isa).Elementwise).Field(i), 1
			if value.Kind() == reflect.Array {
				forms = value.Len()
			}
			for k := range forms {
				form := value
				if value.Kind() == reflect.Array {
					form = value.Index(k)
				}
				if form.IsNil() {
					t.Errorf("%v: kernel %s, form %d: none", isa, kernels.Field(i).Name, k)
				}
			}
		}
	}
}

func TestElementwise(t *testing.T) {
	for _, isa := range Available() {
		for _, c := range elementwiseCases() {
			t.Run(fmt.Sprintf("%v/%s", isa, c.name), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				for form, run := range c.forms(For(isa)) {
					for range 60 {
						testForm(t, r, c, form, run)
					}
				}
			})
		}
	}
}

// testForm calls one form of a kernel on tiles of a random size, the result sometimes on
// top of an operand, and compares every element.
func testForm(t *testing.T, r *rand.Rand, c kernelCase, form int, run Ternary) {
	t.Helper()
	rows, cols := 1+r.IntN(6), 1+r.IntN(40)
	if r.IntN(3) == 0 {
		cols = 1 + r.IntN(300)
	}
	contiguous := r.IntN(2) == 0
	step := steps(form, c.operands)
	var in, before [3]*tileOf
	for k := range in {
		width, ld := cols, cols+r.IntN(20)
		if contiguous {
			ld = cols
		}
		if k < c.operands && step[k] == 0 {
			width, ld = 1, 1+r.IntN(20)
		}
		if r.IntN(4) == 0 {
			ld = 0
		}
		in[k] = newTile(rows, width, ld)
		for i := range rows {
			for j := range width {
				*in[k].at(i, j) = c.draw[k](r)
			}
		}
		before[k] = in[k].clone()
	}
	dst := newTile(rows, cols, cols+r.IntN(20))
	if contiguous {
		dst = newTile(rows, cols, cols)
	}
	if k := r.IntN(2 * c.operands); k < c.operands && in[k].cols == cols && in[k].ld >= cols {
		dst = in[k]
	}
	run(dst.pointer(), in[0].pointer(), in[1].pointer(), in[2].pointer(), rows, cols,
		dst.ld, in[0].ld, in[1].ld, in[2].ld)
	if err := dst.untouched(); err != nil {
		t.Fatal(err)
	}
	for k := range in {
		if in[k] != dst && !slices.Equal(in[k].cells, before[k].cells) {
			t.Fatalf("form %d, %d×%d: operand %d was written", form, rows, cols, k)
		}
	}
	for i := range rows {
		for j := range cols {
			var v [3]uint32
			for k := range v {
				v[k] = *before[k].at(i, j*min(1, in[k].cols-1))
			}
			same := sameBits
			if movesBits[c.name] {
				same = func(a, b uint32) bool { return a == b }
			}
			if got, want := *dst.at(i, j), c.scalar(v[0], v[1], v[2]); !same(got, want) {
				t.Fatalf("form %d, %d×%d, element (%d, %d) of %x: got %#x (%v), want %#x (%v)", form, rows,
					cols, i, j, v, got, math.Float32frombits(got), want, math.Float32frombits(want))
			}
		}
	}
}

func TestFill(t *testing.T) {
	for _, isa := range Available() {
		for _, cols := range []int{1, 7, 16, 33, 130} {
			a, dst := newTile(5, 1, 3), newTile(5, cols, cols+2)
			for i := range 5 {
				*a.at(i, 0) = uint32(i + 1)
			}
			For(isa).Fill(dst.pointer(), a.pointer(), 5, cols, dst.ld, a.ld)
			if err := dst.untouched(); err != nil {
				t.Errorf("%v: %v", isa, err)
			}
			for i := range 5 {
				for j := range cols {
					if got := *dst.at(i, j); got != uint32(i+1) {
						t.Fatalf("%v: %d columns, element (%d, %d): got %d, want %d", isa, cols, i, j, got, i+1)
					}
				}
			}
		}
	}
}

func TestBools(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, isa := range Available() {
		for cols := 1; cols < 140; cols += 1 + r.IntN(9) {
			const rows, extra = 4, 5
			ld := cols + extra
			bools, back := make([]bool, rows*ld), make([]bool, rows*ld)
			for i := range bools {
				bools[i] = r.IntN(2) == 0
			}
			masks := newTile(rows, cols, ld)
			For(isa).MaskFromBool(masks.pointer(), &bools[0], rows, cols, ld, ld)
			For(isa).BoolFromMask(&back[0], masks.pointer(), rows, cols, ld, ld)
			if err := masks.untouched(); err != nil {
				t.Fatalf("%v: %v", isa, err)
			}
			for i := range rows {
				for j := range ld {
					k := i*ld + j
					if j >= cols {
						if back[k] {
							t.Fatalf("%v: %d columns: bool (%d, %d) was written", isa, cols, i, j)
						}
						continue
					}
					if got, want := *masks.at(i, j), maskOf(bools[k]); got != want || back[k] != bools[k] {
						t.Fatalf("%v: %d columns, (%d, %d): got mask %#x, bool %v, want %#x", isa, cols, i, j,
							got, back[k], want)
					}
				}
			}
		}
	}
}

func TestPrefetchReadsNothing(t *testing.T) {
	for _, isa := range Available() {
		For(isa).Prefetch(newTile(3, 70, 70).pointer(), 3, 70, 1<<40)
	}
}

func TestFormOf(t *testing.T) {
	for _, row := range []struct {
		single []bool
		want   Form
	}{
		{[]bool{false, false}, VV}, {[]bool{false, true}, VS}, {[]bool{true, false}, SV},
		{[]bool{false, false, false}, VVV}, {[]bool{false, false, true}, VVS},
		{[]bool{false, true, false}, VSV}, {[]bool{false, true, true}, VSS},
		{[]bool{true, false, false}, SVV}, {[]bool{true, false, true}, SVS},
		{[]bool{true, true, false}, SSV},
	} {
		if got := FormOf(row.single...); got != row.want {
			t.Errorf("FormOf(%v) = %d, want %d", row.single, got, row.want)
		}
	}
}
