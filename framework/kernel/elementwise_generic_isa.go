package kernel

// For now every instruction set has the loops in Go.
var (
	elementwiseAVX2, elementwiseAVX512 = genericElementwise, genericElementwise
	reductionsAVX2, reductionsAVX512   = genericReductions, genericReductions
)
