//go:build !amd64 || noasm

package kernel

func supported(isa ISA) bool { return isa == Generic }

// Without assembly there is one set of kernels.
var tilesAVX2, tilesAVX512 = genericTiles, genericTiles
