package exec

// Arithmetic names what the bits of results depend on besides the program and its
// arguments: the version of the kernels' arithmetic. The instruction set, the number of
// threads and the order of execution are no part of it.
func Arithmetic() string { return "compiled-single-2" }
