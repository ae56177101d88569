package kernel

import "fmt"

// ISA is an instruction set that kernels are written for.
type ISA uint8

// The instruction sets, each better than the one before.
const (
	Generic ISA = iota // loops in Go
	AVX2               // and FMA
	AVX512             // F, BW, DQ and VL
)

// String returns the name that `runner version -v` prints.
func (i ISA) String() string {
	switch i {
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("isa(%d)", uint8(i))
}

// Available returns the instruction sets that this processor runs, the best last. What
// GODEBUG switches off, as in GODEBUG=cpu.avx512f=off, the processor does not have.
func Available() []ISA {
	all := []ISA{Generic}
	for _, isa := range []ISA{AVX2, AVX512} {
		if supported(isa) {
			all = append(all, isa)
		}
	}
	return all
}

// Best returns the best instruction set of this processor.
func Best() ISA {
	all := Available()
	return all[len(all)-1]
}

// Table is the kernels of one instruction set.
type Table struct {
	ISA ISA
	Elementwise
	Reductions
	Movement
}

// tiles returns what products are made of.
func (t *Table) tiles() tileKernels {
	k := tileKernels{isa: t.ISA, copy: t.Copy, transpose: t.Transpose}
	switch t.ISA {
	case AVX512:
		k.rows, k.vector = 12, 16
	case AVX2:
		k.rows, k.vector = 6, 8
	default:
		k.rows, k.vector = 4, genericVector
	}
	return k
}

// For returns the kernels for an instruction set, which must be among Available.
func For(isa ISA) *Table {
	if !supported(isa) {
		panic(fmt.Sprintf("kernel: this processor does not run %v", isa))
	}
	return tables[isa]
}

var tables = [...]*Table{
	Generic: {ISA: Generic, Elementwise: genericElementwise, Reductions: genericReductions,
		Movement: genericMovement},
	AVX2: {ISA: AVX2, Elementwise: elementwiseAVX2, Reductions: reductionsAVX2,
		Movement: movementAVX2},
	AVX512: {ISA: AVX512, Elementwise: elementwiseAVX512, Reductions: reductionsAVX512,
		Movement: movementAVX512},
}
