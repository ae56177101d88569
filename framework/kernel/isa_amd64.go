//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// features are what kernels ask of a processor.
var features = []struct {
	name  string
	asked ISA // by this instruction set and better ones
	has   *bool
}{
	{"avx2", AVX2, &cpu.X86.HasAVX2},
	{"fma", AVX2, &cpu.X86.HasFMA},
	{"avx512f", AVX512, &cpu.X86.HasAVX512F},
	{"avx512bw", AVX512, &cpu.X86.HasAVX512BW},
	{"avx512dq", AVX512, &cpu.X86.HasAVX512DQ},
	{"avx512vl", AVX512, &cpu.X86.HasAVX512VL},
}

func supported(isa ISA) bool {
	for _, f := range features {
		if f.asked <= isa && !*f.has {
			return false
		}
	}
	return isa <= AVX512
}

// Features returns what this processor has of what kernels can use, by the names that
// GODEBUG knows.
func Features() []string {
	names := []string{}
	for _, f := range features {
		if *f.has {
			names = append(names, f.name)
		}
	}
	return names
}
