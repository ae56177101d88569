package schema

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Complete checks what was given for a block against the schema and returns the whole block: a
// value of ImpliedType in which every attribute is known and not null, defaults filled in.
//
// It is strict, unlike cty's own conversion: an attribute that the schema lacks is a problem
// at any depth, nothing is converted between strings, numbers and booleans, and every problem has
// the path of the innermost value it is about. A null is taken as not given, a number as a constant
// schedule. Numbers are rounded to float64. Unknown values are taken to be reported already: they
// give no problem, and the default (or a zero) stands in for them.
//
// When there are problems that are not warnings the value holds defaults in their places.
func (s *Schema) Complete(given cty.Value) (cty.Value, []Problem) {
	c := &completion{}
	v := c.object(given, s.Attributes, nil)
	return v, c.problems
}

type completion struct{ problems []Problem }

func (c *completion) report(path cty.Path, code, summary, format string, args ...any) {
	c.problems = append(c.problems, Problem{
		Path: FormatPath(path), Code: code, Summary: summary, Detail: fmt.Sprintf(format, args...),
	})
}

func (c *completion) object(given cty.Value, attributes []Attribute, path cty.Path) cty.Value {
	values := make(map[string]cty.Value, len(attributes))
	for i := range attributes {
		values[attributes[i].Name] = standIn(&attributes[i])
	}
	if !given.IsKnown() {
		return cty.ObjectVal(values)
	}
	if t := given.Type(); given.IsNull() || !t.IsObjectType() && !t.IsMapType() {
		c.wrongType(path, "an object, as in { name = value }", given)
		return cty.ObjectVal(values)
	}
	items := given.AsValueMap()
	mistaken := c.unknown(items, attributes, path)
	for i := range attributes {
		a := &attributes[i]
		v, ok := items[a.Name]
		switch {
		case ok && !(v.IsKnown() && v.IsNull()):
			values[a.Name] = c.value(v, a, a.Type, path.GetAttr(a.Name))
		case a.Required && !mistaken[a.Name]:
			c.report(path, CodeMissing, "Missing attribute", "%q must be given%s.", a.Name,
				docClause(a))
		}
	}
	return cty.ObjectVal(values)
}

// unknown reports the attributes that do not exist, and returns the names of the required ones that
// were probably meant, so that a typo is one problem.
func (c *completion) unknown(items map[string]cty.Value, attributes []Attribute,
	path cty.Path) map[string]bool {
	names := make([]string, len(attributes))
	var absent []string
	for i := range attributes {
		names[i] = attributes[i].Name
		if _, ok := items[names[i]]; !ok {
			absent = append(absent, names[i])
		}
	}
	mistaken := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(items)) {
		if slices.Contains(names, name) {
			continue
		}
		// An attribute already given was hardly meant again: prefer an absent one.
		candidates := names
		if near := Nearest(name, absent); near != "" {
			mistaken[near] = true
			candidates = absent
		}
		hint := Hint(name, candidates)
		if len(names) == 0 {
			hint = " None can be given."
		}
		c.report(path.GetAttr(name), CodeUnknown, "Unknown attribute",
			"There is no attribute %q here.%s", name, hint)
	}
	return mistaken
}

// value completes one value of type t, which is a's type or, below lists and maps, an element's.
func (c *completion) value(given cty.Value, a *Attribute, t cty.Type, path cty.Path) cty.Value {
	if !given.IsKnown() {
		return zeroOf(a, t)
	}
	if given.IsNull() {
		c.wrongType(path, friendly(a, t), given)
		return zeroOf(a, t)
	}
	switch {
	case t.IsListType():
		return c.list(given, a, t, path)
	case t.IsMapType():
		return c.mapping(given, a, t, path)
	case a.Schedule:
		return c.schedule(given, a, path)
	case t.IsObjectType():
		return c.object(given, a.Nested, path)
	}
	if !given.Type().Equals(t) {
		c.wrongType(path, friendly(a, t), given)
		return zeroOf(a, t)
	}
	switch t {
	case cty.Number:
		return c.number(given, a, path)
	case cty.String:
		if len(a.OneOf) > 0 && !slices.Contains(a.OneOf, given.AsString()) {
			near := ""
			if n := Nearest(given.AsString(), a.OneOf); n != "" {
				near = fmt.Sprintf(" Did you mean %q?", n)
			}
			c.report(path, CodeChoice, "Unknown choice", "%s must be %s, got %q.%s",
				lastName(path), OrList(a.OneOf), given.AsString(), near)
		}
	}
	return given
}

func (c *completion) list(given cty.Value, a *Attribute, t cty.Type, path cty.Path) cty.Value {
	if g := given.Type(); !g.IsTupleType() && !g.IsListType() && !g.IsSetType() {
		c.wrongType(path, friendly(a, t), given)
		return cty.ListValEmpty(t.ElementType())
	}
	var values []cty.Value
	for i, v := range given.AsValueSlice() {
		values = append(values, c.value(v, a, t.ElementType(), path.IndexInt(i)))
	}
	if len(values) == 0 {
		return cty.ListValEmpty(t.ElementType())
	}
	return cty.ListVal(values)
}

func (c *completion) mapping(given cty.Value, a *Attribute, t cty.Type, path cty.Path) cty.Value {
	if g := given.Type(); !g.IsObjectType() && !g.IsMapType() {
		c.wrongType(path, friendly(a, t), given)
		return cty.MapValEmpty(t.ElementType())
	}
	items := given.AsValueMap()
	values := map[string]cty.Value{}
	for _, key := range slices.Sorted(maps.Keys(items)) {
		at := path.Index(cty.StringVal(key))
		values[key] = c.value(items[key], a, t.ElementType(), at)
	}
	if len(values) == 0 {
		return cty.MapValEmpty(t.ElementType())
	}
	return cty.MapVal(values)
}

func (c *completion) schedule(given cty.Value, a *Attribute, path cty.Path) cty.Value {
	var s Schedule
	switch {
	case given.Type() == cty.Number:
		s = Constant(float(given))
		if math.IsInf(s.From, 0) {
			c.report(path, CodeRange, "Number out of range", "%s is infinite or too large.",
				lastName(path))
			return Schedule{}.Value()
		}
	case given.Type().Equals(ScheduleType):
		var err error
		if s, err = ScheduleOf(given); err != nil {
			c.report(path, CodeType, "Wrong type", "%s: %v.", lastName(path), err)
			return Schedule{}.Value()
		}
	default:
		c.wrongType(path, friendly(a, ScheduleType), given)
		return Schedule{}.Value()
	}
	// A schedule may come down to an open bound, as a rate to 0, but not start there.
	low, high := s.extremes()
	switch {
	case !within(s.From, a, true):
		c.outOfRange(path, a, s.From)
	case !within(low, a, false):
		c.outOfRange(path, a, low)
	case !within(high, a, false):
		c.outOfRange(path, a, high)
	}
	return s.Value()
}

func (c *completion) number(given cty.Value, a *Attribute, path cty.Path) cty.Value {
	f := float(given)
	if math.IsInf(f, 0) {
		c.report(path, CodeRange, "Number out of range", "%s is infinite or too large.",
			lastName(path))
		return cty.Zero
	}
	if !within(f, a, true) {
		c.outOfRange(path, a, f)
		return cty.Zero
	}
	if !a.Integer {
		return cty.NumberFloatVal(f)
	}
	n, accuracy := given.AsBigFloat().Int64()
	if accuracy == big.Exact {
		return cty.NumberIntVal(n)
	}
	if given.AsBigFloat().IsInt() {
		c.report(path, CodeRange, "Number out of range", "%s must be below 2^63, got %s.",
			lastName(path), formatNumber(f))
	} else {
		c.report(path, CodeType, "Wrong type", "%s must be a whole number, got %s.",
			lastName(path), formatNumber(f))
	}
	return cty.Zero
}

func within(f float64, a *Attribute, open bool) bool {
	switch {
	case a.Min != nil && (f < *a.Min || open && a.MinOpen && f == *a.Min):
		return false
	case a.Max != nil && (f > *a.Max || open && a.MaxOpen && f == *a.Max):
		return false
	}
	return true
}

func (c *completion) outOfRange(path cty.Path, a *Attribute, got float64) {
	c.report(path, CodeRange, "Number out of range", "%s must be %s, got %s.", lastName(path),
		a.Range(), formatNumber(got))
}

// Range says in words which numbers are allowed: "at least 1", "above 0 and at most 1". It is empty
// when every number is.
func (a *Attribute) Range() string {
	var parts []string
	if a.Min != nil {
		word := "at least"
		if a.MinOpen {
			word = "above"
		}
		parts = append(parts, word+" "+formatNumber(*a.Min))
	}
	if a.Max != nil {
		word := "at most"
		if a.MaxOpen {
			word = "below"
		}
		parts = append(parts, word+" "+formatNumber(*a.Max))
	}
	return strings.Join(parts, " and ")
}

func (c *completion) wrongType(path cty.Path, want string, got cty.Value) {
	c.report(path, CodeType, "Wrong type", "%s must be %s, got %s.", lastName(path), want,
		describe(got))
}

// lastName names the value at a path in a message.
func lastName(path cty.Path) string {
	for i := len(path) - 1; i >= 0; i-- {
		if step, ok := path[i].(cty.GetAttrStep); ok {
			return `"` + step.Name + FormatPath(path[i+1:]) + `"`
		}
	}
	return "the block"
}

func docClause(a *Attribute) string {
	if a.Doc == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(a.Doc, ".")
}

// friendly says what a value of type t must be.
func friendly(a *Attribute, t cty.Type) string {
	switch {
	case t.IsListType():
		return "a list, as in [...]"
	case t.IsMapType():
		return "a map, as in { key = value }"
	case a.Schedule:
		return "a number or a schedule, such as 0.1 or cosine(0.1)"
	case t.IsObjectType():
		return "an object, as in { name = value }"
	case t == cty.Number && a.Integer:
		return "a whole number"
	case t == cty.Bool:
		return "true or false"
	}
	return "a " + t.FriendlyName()
}

// describe says what a value is.
func describe(v cty.Value) string {
	const longest = 40
	t := v.Type()
	switch {
	case !v.IsKnown():
		return "an unknown value"
	case v.IsNull():
		return "null"
	case t == cty.String:
		text := v.AsString()
		if len(text) > longest {
			return fmt.Sprintf("the string %q...", strings.ToValidUTF8(text[:longest], ""))
		}
		return fmt.Sprintf("the string %q", text)
	case t == cty.Number:
		return "the number " + formatNumber(float(v))
	case t == cty.Bool:
		return fmt.Sprint(v.True())
	case t.Equals(ScheduleType):
		return "a schedule, which changes with the step"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	case t.IsObjectType() || t.IsMapType():
		return "an object"
	}
	return "a " + t.FriendlyName()
}

// standIn is an attribute's default or, when it must be given, a zero of its type.
func standIn(a *Attribute) cty.Value {
	if !a.Required {
		return a.Default
	}
	return zeroOf(a, a.Type)
}

func zeroOf(a *Attribute, t cty.Type) cty.Value {
	switch {
	case t.IsListType():
		return cty.ListValEmpty(t.ElementType())
	case t.IsMapType():
		return cty.MapValEmpty(t.ElementType())
	case a.Schedule:
		return Schedule{}.Value()
	case t.IsObjectType():
		values := map[string]cty.Value{}
		for i := range a.Nested {
			values[a.Nested[i].Name] = standIn(&a.Nested[i])
		}
		return cty.ObjectVal(values)
	case t == cty.Bool:
		return cty.False
	case t == cty.String:
		return cty.StringVal("")
	}
	return cty.Zero
}
