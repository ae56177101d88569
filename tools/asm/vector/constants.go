package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"path/filepath"
)

// constantsOf returns the bits, as float32, of the constants that files of the Go package
// declare, and those that only the assembly names.
func constantsOf(folder string, files ...string) (map[string]uint32, error) {
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		f, err := parser.ParseFile(set, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	// What else the files need is missing, which does not matter to their constants.
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check("kernel", set, parsed, nil)
	all := map[string]uint32{
		"zero": 0, "signBit": 1 << 31, "digits": 1<<31 - 1, "ones": math.MaxUint32, "integerOne": 1,
		"fraction": 1<<23 - 1, "one": math.Float32bits(1),
		"minusHalf": math.Float32bits(-0.5), "twentyFour": math.Float32bits(24),
		"twoTo24": math.Float32bits(0x1p24), "inf": 0x7f800000, "nan": 0x7fc00000,
	}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		v, _ := constant.Float32Val(constant.ToFloat(c.Val()))
		all[name] = math.Float32bits(v)
	}
	root, ok := pkg.Scope().Lookup("rootHalfBits").(*types.Const)
	if !ok {
		return nil, fmt.Errorf("no constant rootHalfBits in %v", files)
	}
	bits, _ := constant.Int64Val(constant.ToInt(root.Val()))
	all["rootHalfBits"] = uint32(bits)
	return all, nil
}
