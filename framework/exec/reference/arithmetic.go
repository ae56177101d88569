package reference

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/cpu"
)

// Arithmetic names what the bits of results depend on besides the program and
// its arguments. The kernels round after every operation and call package math,
// whose functions differ between releases of Go and processors: on amd64 exp
// uses fused multiply-adds where the processor has them, and so does any function
// built with GOAMD64=v3; on other processors the compiler fuses as it likes.
func Arithmetic(precision Precision) string {
	name := "single"
	if precision == Double {
		name = "double"
	}
	processor := runtime.GOARCH
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "GOAMD64" && s.Value != "v1" {
				processor += "-" + s.Value
			}
		}
	}
	if cpu.X86.HasAVX && cpu.X86.HasFMA {
		processor += "-fma"
	}
	return fmt.Sprintf("interpreter-%s-%s-%s", name, runtime.Version(), processor)
}
