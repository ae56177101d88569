//go:build !amd64 || noasm

package kernel

func supported(isa ISA) bool { return isa == Generic }
