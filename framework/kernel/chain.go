//go:generate go -C ../../tools/asm run ./chain ../../framework/kernel

package kernel

// Step is a part of a chain: what is done with the chain's value, of which there is one for
// every element of a tile. The steps are done for some columns of a row after the other, so
// that the value stays in registers; what one step stores a later one may read. Operands are
// laid out as those of other kernels. A chain ends with the zero Step.
type Step struct {
	Code StepCode
	X    *float32
	RowX int // from row to row of X, in elements
	Y    *float32
	RowY int
}

// StepKind is what a step does.
type StepKind int

// The kinds of steps. v is the value of the chain.
const (
	_           StepKind = iota
	StepLoad             // v = x
	StepStore            // x = v
	StepAdd              // v = v + x
	StepSub              // v = v - x
	StepFrom             // v = x - v
	StepMul              // v = v · x
	StepDiv              // v = v / x
	StepInto             // v = x / v
	StepNeg              // v = -v
	StepEq               // v = mask of v = x
	StepLess             // v = mask of v < x
	StepGreater          // v = mask of v > x
	StepAtMost           // v = mask of v ≤ x
	StepAtLeast          // v = mask of v ≥ x
	StepThen             // v where mask x is true, else y
	StepElse             // y where mask x is true, else v
	StepPick             // x where mask v is true, else y
)

// StepCode is a kind and which operands have one value a row. That of StepStore has none.
type StepCode int

// Code returns the code of a kind.
func (k StepKind) Code(singleX, singleY bool) StepCode {
	c := StepCode(k) << 2
	if singleX {
		c |= 1
	}
	if singleY {
		c |= 2
	}
	return c
}
