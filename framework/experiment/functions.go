package experiment

import (
	"math"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"quickstudy/framework/schema"
)

// maxResultBytes bounds the string that one call may make.
const maxResultBytes = 1 << 20

// functions returns the functions of the experiment language: schedules, and those of cty's library
// that are deterministic, read nothing, and whose result is about as large as their arguments.
// Left out on purpose: setproduct and indent (small arguments, gigabytes of result), jsondecode
// (numbers of any size), and everything with time, files or regular expressions.
func functions() map[string]function.Function {
	table := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "signum": stdlib.SignumFunc,
		"log": stdlib.LogFunc, "pow": powFunction,

		"lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "strlen": stdlib.StrlenFunc,
		"substr": stdlib.SubstrFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"split": stdlib.SplitFunc,
		"join":  limited(stdlib.JoinFunc, joinBytes), "format": limited(stdlib.FormatFunc, product),
		"replace": limited(stdlib.ReplaceFunc, product),

		"coalesce": stdlib.CoalesceFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc,
		"lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "range": stdlib.RangeFunc,
		"reverse": stdlib.ReverseListFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number),
		"tostring": stdlib.MakeToFunc(cty.String),
	}
	for name, f := range schema.Functions() {
		table[name] = f
	}
	return table
}

// powFunction works in float64, so that no power has more digits than that.
var powFunction = function.New(&function.Spec{
	Description: "A number raised to a power.",
	Params: []function.Parameter{
		{Name: "number", Type: cty.Number}, {Name: "power", Type: cty.Number},
	},
	Type: function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		base, _ := args[0].AsBigFloat().Float64()
		power, _ := args[1].AsBigFloat().Float64()
		result := math.Pow(base, power)
		if math.IsNaN(result) || math.IsInf(result, 0) {
			return cty.NilVal, function.NewArgErrorf(1, "%g to the power %g is no finite number",
				base, power)
		}
		return cty.NumberFloatVal(result), nil
	},
})

// limited refuses calls of f whose result might be over maxResultBytes long.
func limited(f function.Function, bytes func(args []cty.Value) float64) function.Function {
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		VarParam:    f.VarParam(),
		Type:        f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if n := bytes(args); n > maxResultBytes {
				return cty.NilVal, function.NewArgErrorf(0, "the result might have %.0f bytes, "+
					"more than %d", n, maxResultBytes)
			}
			return f.Call(args)
		},
	})
}

// product bounds functions that may repeat each argument once for every byte of another.
func product(args []cty.Value) float64 {
	all := 1.0
	for _, a := range args {
		all *= 1 + textBytes(a)
	}
	return all
}

// joinBytes bounds join(separator, lists...).
func joinBytes(args []cty.Value) float64 {
	elements, texts := 0.0, 0.0
	for _, list := range args[1:] {
		if list.IsKnown() && !list.IsNull() {
			elements += float64(list.LengthInt())
			texts += textBytes(list)
		}
	}
	return texts + elements*textBytes(args[0])
}

// textBytes counts the bytes of all strings in a value; any other leaf counts as a short one.
func textBytes(v cty.Value) float64 {
	const other = 24 // digits and sign of a float64
	sum := 0.0
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		switch {
		case !v.IsKnown() || v.IsNull():
		case v.Type() == cty.String:
			sum += float64(len(v.AsString()))
		case v.Type().IsPrimitiveType():
			sum += other
		}
		return true, nil
	})
	return sum
}
