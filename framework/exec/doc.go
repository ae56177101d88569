// Package exec compiles a traced function into a static schedule of kernels over one
// planned piece of memory and runs it in single precision:
//
//	p, err := exec.Compile(f, exec.Options{ISA: kernel.Best()})
//	results, err := p.Run(args)
//
// Calls must have been linked and gradients expanded. Reshapes, transposes, broadcasts
// and slices are other ways to read what is there. Bits belong to the operation and the
// shape: they are the same for every instruction set and however operations are joined.
// The reference interpreter (package reference) is the oracle, and computes the few
// operations that are not worth a kernel.
package exec
