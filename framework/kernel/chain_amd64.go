//go:build amd64 && !noasm

package kernel

// The addresses of the functions that chains jump to.
var (
	codeAVX2   [chainCodesAVX2]uintptr
	codeAVX512 [chainCodesAVX512]uintptr
)

func init() {
	chainCodeAVX2(&codeAVX2[0])
	chainCodeAVX512(&codeAVX512[0])
}

func runChainAVX2(steps []Step, rows, cols int) {
	chainAVX2(&steps[0], rows, cols, &codeAVX2[0])
}

func runChainAVX512(steps []Step, rows, cols int) {
	chainAVX512(&steps[0], rows, cols, &codeAVX512[0])
}
