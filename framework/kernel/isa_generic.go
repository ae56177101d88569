//go:build !amd64 || noasm

package kernel

func supported(isa ISA) bool { return isa == Generic }

// Features returns what this processor has of what kernels can use: there are none for it.
func Features() []string { return []string{} }

// Without assembly there is one set of kernels.
var (
	elementwiseAVX2, elementwiseAVX512 = genericElementwise, genericElementwise
	reductionsAVX2, reductionsAVX512   = genericReductions, genericReductions
	movementAVX2, movementAVX512       = genericMovement, genericMovement
)

func stripAVX2(s *strip, rows, vectors int)   { stripGeneric(s, rows, vectors) }
func stripAVX512(s *strip, rows, vectors int) { stripGeneric(s, rows, vectors) }
