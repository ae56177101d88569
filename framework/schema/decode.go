package schema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// Decode checks a block's value and stores it in the struct that into points to; the struct's
// values before the call are the defaults of what is not given. The struct has the tags described
// in the package comment. When a problem that is not a warning is returned the struct is unchanged.
func Decode(value cty.Value, into any) []Problem {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() ||
		target.Elem().Kind() != reflect.Struct {
		return misuse(fmt.Sprintf("a pointer to a struct is needed, got %T", into))
	}
	// Not Of: the values of a struct that is about to be filled need not be good defaults.
	attributes, err := attributesOf(target.Elem(), 0)
	if err != nil {
		return misuse(err.Error())
	}
	value, problems := (&Schema{Attributes: attributes}).Complete(value)
	if HasErrors(problems) {
		return problems
	}
	d := decoding{}
	decoded := reflect.New(target.Elem().Type()).Elem()
	decoded.Set(target.Elem())
	d.object(value, decoded, nil)
	if problems = append(problems, d.problems...); !HasErrors(problems) {
		target.Elem().Set(decoded)
	}
	return problems
}

func misuse(detail string) []Problem {
	return []Problem{{Code: CodeType, Summary: "Wrong configuration type", Detail: detail}}
}

// HasErrors reports whether one of the problems is more than a warning.
func HasErrors(problems []Problem) bool {
	for _, p := range problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// decoding stores values that Complete has checked. What can still go wrong is a number that does
// not fit its Go type.
type decoding struct{ problems []Problem }

func (d *decoding) object(value cty.Value, into reflect.Value, path cty.Path) {
	fields, err := bindings(into.Type())
	if err != nil {
		return // attributesOf has reported it
	}
	for _, b := range fields {
		at := path.GetAttr(b.name)
		d.store(value.GetAttr(b.name), into.FieldByIndex(b.field.Index), at)
	}
}

func (d *decoding) store(value cty.Value, into reflect.Value, path cty.Path) {
	if into.Type() == scheduleGo {
		s, err := ScheduleOf(value)
		if err != nil {
			d.refuse(path, err.Error())
		}
		into.Set(reflect.ValueOf(s))
		return
	}
	switch into.Kind() {
	case reflect.Bool:
		into.SetBool(value.True())
	case reflect.String:
		into.SetString(value.AsString())
	case reflect.Float32, reflect.Float64:
		f := float(value)
		if into.OverflowFloat(f) {
			d.refuse(path, fmt.Sprintf("%s does not fit %s", formatNumber(f), into.Type()))
		}
		into.SetFloat(f)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, _ := value.AsBigFloat().Int64()
		if n < 0 || into.OverflowUint(uint64(n)) {
			d.refuse(path, fmt.Sprintf("%d does not fit %s", n, into.Type()))
			return
		}
		into.SetUint(uint64(n))
	case reflect.Slice:
		d.slice(value, into, path)
	case reflect.Map:
		d.mapping(value, into, path)
	case reflect.Struct:
		d.object(value, into, path)
	default:
		n, _ := value.AsBigFloat().Int64()
		if into.OverflowInt(n) {
			d.refuse(path, fmt.Sprintf("%d does not fit %s", n, into.Type()))
			return
		}
		into.SetInt(n)
	}
}

// slice makes a new slice, so that a default's elements are never overwritten; none stays nil.
func (d *decoding) slice(value cty.Value, into reflect.Value, path cty.Path) {
	elements := value.AsValueSlice()
	into.SetZero()
	for i, v := range elements {
		element := reflect.New(into.Type().Elem()).Elem()
		d.store(v, element, path.IndexInt(i))
		into.Set(reflect.Append(into, element))
	}
}

func (d *decoding) mapping(value cty.Value, into reflect.Value, path cty.Path) {
	elements := value.AsValueMap()
	into.SetZero()
	if len(elements) == 0 {
		return
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(elements)))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.store(elements[key], element, path.Index(cty.StringVal(key)))
		into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), element)
	}
}

func (d *decoding) refuse(path cty.Path, detail string) {
	d.problems = append(d.problems, Problem{
		Path: FormatPath(path), Code: CodeRange, Summary: "Number out of range", Detail: detail,
	})
}

// A Field is an attribute of a struct with config tags, and its value.
type Field struct {
	Name  string
	Value cty.Value
}

// Fields lists the attributes of a struct with config tags, in its order: the inverse of Decode.
// It is nil for anything that Of refuses.
func Fields(from any) []Field {
	v := reflect.Indirect(reflect.ValueOf(from))
	if v.Kind() != reflect.Struct {
		return nil
	}
	all, err := bindings(v.Type())
	if err != nil {
		return nil
	}
	fields := make([]Field, len(all))
	for i, b := range all {
		value, err := valueOf(v.FieldByIndex(b.field.Index))
		if err != nil {
			return nil
		}
		fields[i] = Field{Name: b.name, Value: value}
	}
	return fields
}
