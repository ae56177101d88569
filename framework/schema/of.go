package schema

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

var scheduleGo = reflect.TypeFor[Schedule]()

// Of derives a schema from a struct with the tags described in the package comment. The struct's
// values are the defaults; it may be given by pointer. Name, Kind and Doc are left to the caller.
// An error is a mistake in the struct's declaration.
func Of(defaults any) (*Schema, error) {
	v := reflect.ValueOf(defaults)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("configuration of type %T: a struct with config tags is needed",
			defaults)
	}
	attributes, err := attributesOf(v, 0)
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", v.Type(), err)
	}
	s := &Schema{Attributes: attributes}
	if err := s.Verify(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", v.Type(), err)
	}
	return s, nil
}

// A binding is one field of a struct that is an attribute.
type binding struct {
	name    string
	options []string
	field   reflect.StructField
}

// bindings lists the attributes among a struct's fields.
func bindings(t reflect.Type) ([]binding, error) {
	var found []binding
	for field := range t.Fields() {
		tag, tagged := field.Tag.Lookup("config")
		if field.Anonymous && !tagged && field.Type.Kind() == reflect.Struct {
			inside, err := bindings(field.Type)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", field.Name, err)
			}
			for _, b := range inside {
				b.field.Index = append(slices.Clone(field.Index), b.field.Index...)
				found = append(found, b)
			}
			continue
		}
		switch {
		case tag == "-" || !tagged && !field.IsExported():
			continue
		case !tagged:
			return nil, fmt.Errorf("field %s: no config tag; leave it out with `config:\"-\"`",
				field.Name)
		case !field.IsExported():
			return nil, fmt.Errorf("field %s: a field with a config tag must be exported",
				field.Name)
		}
		parts := strings.Split(tag, ",")
		found = append(found, binding{name: parts[0], options: parts[1:], field: field})
	}
	return found, nil
}

func attributesOf(v reflect.Value, depth int) ([]Attribute, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: structs nest deeper than %d", v.Type(), maxDepth)
	}
	fields, err := bindings(v.Type())
	if err != nil {
		return nil, err
	}
	var attributes []Attribute
	for _, b := range fields {
		a, err := attributeOf(b, v.FieldByIndex(b.field.Index), depth)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", b.field.Name, err)
		}
		attributes = append(attributes, a)
	}
	return attributes, nil
}

func attributeOf(b binding, v reflect.Value, depth int) (Attribute, error) {
	tag := b.field.Tag
	a := Attribute{
		Name: b.name, Doc: tag.Get("doc"), Unit: tag.Get("unit"), Example: tag.Get("example"),
	}
	for _, option := range b.options {
		switch option {
		case "required":
			a.Required = true
		case "path":
			a.Path = true
		default:
			return a, fmt.Errorf("config tag: unknown option %q%s", option,
				Hint(option, []string{"required", "path"}))
		}
	}
	var err error
	if a.Type, err = typeOf(v, &a, depth); err != nil {
		return a, err
	}
	if choices, ok := tag.Lookup("oneof"); ok {
		a.OneOf = strings.Split(choices, ",")
	}
	if a.Min, a.MinOpen, err = bound(tag, "min", ">"); err != nil {
		return a, err
	}
	if a.Max, a.MaxOpen, err = bound(tag, "max", "<"); err != nil {
		return a, err
	}
	// A nested object with a required attribute has no default either.
	if a.Type.IsObjectType() && !a.Schedule {
		needed := func(n Attribute) bool { return n.Required }
		a.Required = a.Required || slices.ContainsFunc(a.Nested, needed)
	}
	if !a.Required {
		a.Default, err = valueOf(v)
	}
	return a, err
}

func bound(tag reflect.StructTag, key, open string) (*float64, bool, error) {
	text, ok := tag.Lookup(key)
	if !ok {
		return nil, false, nil
	}
	number, isOpen := strings.CutPrefix(text, open)
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil, false, fmt.Errorf("%s tag %q: a number is needed, with %s in front when it is "+
			"not allowed itself", key, text, open)
	}
	return &f, isOpen, nil
}

// typeOf returns the type of a Go value and fills in what a says about its leaf.
func typeOf(v reflect.Value, a *Attribute, depth int) (cty.Type, error) {
	t := v.Type()
	if t == scheduleGo {
		a.Schedule = true
		return ScheduleType, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return cty.Bool, nil
	case reflect.String:
		return cty.String, nil
	case reflect.Float32, reflect.Float64:
		return cty.Number, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		a.Integer = true
		return cty.Number, nil
	case reflect.Slice:
		element, err := typeOf(reflect.Zero(t.Elem()), a, depth+1)
		return cty.List(element), err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return cty.DynamicPseudoType, fmt.Errorf("%s: a map's keys must be strings", t)
		}
		element, err := typeOf(reflect.Zero(t.Elem()), a, depth+1)
		return cty.Map(element), err
	case reflect.Struct:
		nested, err := attributesOf(v, depth+1)
		a.Nested = nested
		return objectType(nested), err
	}
	return cty.DynamicPseudoType, fmt.Errorf("type %s: expected a boolean, number, string, "+
		"schema.Schedule, struct, or slice or map of these", t)
}

// valueOf converts a Go value of a supported type.
func valueOf(v reflect.Value) (cty.Value, error) {
	if s, ok := v.Interface().(Schedule); ok {
		low, high := s.extremes()
		if math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
			return cty.NilVal, fmt.Errorf("default %v is not finite", s)
		}
		return s.Value(), nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return cty.BoolVal(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cty.NumberIntVal(v.Int()), nil
	case reflect.String:
		return cty.StringVal(v.String()), nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return cty.NilVal, fmt.Errorf("default %v is not finite", f)
		}
		return cty.NumberFloatVal(f), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return cty.NumberUIntVal(v.Uint()), nil
	case reflect.Slice:
		return listOf(v)
	case reflect.Map:
		return mapOf(v)
	case reflect.Struct:
		return objectOf(v)
	}
	return cty.NilVal, fmt.Errorf("type %s cannot be configured", v.Type())
}

func listOf(v reflect.Value) (cty.Value, error) {
	element, err := typeOf(reflect.Zero(v.Type().Elem()), &Attribute{}, 0)
	if err != nil || v.Len() == 0 {
		return cty.ListValEmpty(element), err
	}
	values := make([]cty.Value, v.Len())
	for i := range values {
		if values[i], err = valueOf(v.Index(i)); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ListVal(values), nil
}

func mapOf(v reflect.Value) (cty.Value, error) {
	element, err := typeOf(reflect.Zero(v.Type().Elem()), &Attribute{}, 0)
	if err != nil || v.Len() == 0 {
		return cty.MapValEmpty(element), err
	}
	values := map[string]cty.Value{}
	for _, key := range v.MapKeys() {
		if values[key.String()], err = valueOf(v.MapIndex(key)); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.MapVal(values), nil
}

func objectOf(v reflect.Value) (cty.Value, error) {
	fields, err := bindings(v.Type())
	if err != nil {
		return cty.NilVal, err
	}
	values := map[string]cty.Value{}
	for _, b := range fields {
		if values[b.name], err = valueOf(v.FieldByIndex(b.field.Index)); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ObjectVal(values), nil
}
