package schema

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

// Limits on what a schema may declare. They are far above what people write by hand, and keep a
// hostile schema from costing the host memory or time.
const (
	maxAttributes = 1000    // nested ones included
	maxDepth      = 16      // of nested objects, lists and maps
	maxName       = 64      // bytes of a name or unit
	maxText       = 1 << 14 // bytes of documentation, an example, a choice
	maxChoices    = 1000
	maxDefault    = 10000 // values within all defaults
)

// Verify checks that a schema is within the package's limits and consistent: names are identifiers
// and unique, types are of the supported kinds and agree with the flags beside them, bounds are in
// order, and every default satisfies its own attribute. A schema from another process is verified
// before anything else is done with it.
func (s *Schema) Verify() error {
	v := verification{}
	if err := texts(s.Doc, s.Name, s.Kind); err != nil {
		return fmt.Errorf("schema %.*q: %w", maxName, s.Name, err)
	}
	if err := v.attributes(s.Attributes, 0); err != nil {
		return fmt.Errorf("schema %q: %w", s.Name, err)
	}
	return nil
}

type verification struct{ count, defaults int }

func (v *verification) attributes(attributes []Attribute, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("attributes nest deeper than %d", maxDepth)
	}
	if v.count += len(attributes); v.count > maxAttributes {
		return fmt.Errorf("more than %d attributes", maxAttributes)
	}
	seen := map[string]bool{}
	for i := range attributes {
		a := &attributes[i]
		if len(a.Name) > maxName || !identifier(a.Name) {
			return fmt.Errorf("attribute name %.*q: expected a letter, then letters, digits, "+
				"underscores and dashes, at most %d in all", maxName, a.Name, maxName)
		}
		if seen[a.Name] {
			return fmt.Errorf("attribute %q is declared twice", a.Name)
		}
		seen[a.Name] = true
		if err := v.attribute(a, depth); err != nil {
			return fmt.Errorf("attribute %q: %w", a.Name, err)
		}
	}
	return nil
}

func (v *verification) attribute(a *Attribute, depth int) error {
	if err := texts(a.Doc, a.Unit); err != nil {
		return err
	}
	if err := texts(a.Example); err != nil {
		return err
	}
	if a.Type == cty.NilType {
		return fmt.Errorf("no type")
	}
	// Below this loop the type is known to be shallow, so that it may be compared recursively.
	t := a.Type
	for t.IsListType() || t.IsMapType() {
		t = t.ElementType()
		if depth++; depth > maxDepth {
			return fmt.Errorf("its type nests deeper than %d", maxDepth)
		}
	}
	if err := v.leaf(a, t, depth); err != nil {
		return err
	}
	if err := bounds(a); err != nil {
		return err
	}
	return v.initial(a)
}

// leaf checks the type below lists and maps against the flags that describe it.
func (v *verification) leaf(a *Attribute, t cty.Type, depth int) error {
	isNumber := t == cty.Number || a.Schedule
	switch {
	case a.Schedule:
		if !shallow(t, 3) || !t.Equals(ScheduleType) {
			return fmt.Errorf("marked as a schedule, but its type is another")
		}
	case t.IsObjectType():
		if err := v.attributes(a.Nested, depth+1); err != nil {
			return err
		}
		types := t.AttributeTypes()
		for i := range a.Nested {
			n := &a.Nested[i]
			if have, ok := types[n.Name]; !ok || !shallow(have, maxDepth) || !have.Equals(n.Type) {
				return fmt.Errorf("its type and its nested attribute %q differ", n.Name)
			}
		}
		if len(types) != len(a.Nested) || len(t.OptionalAttributes()) > 0 {
			return fmt.Errorf("its type has %d attributes, but %d are declared", len(types),
				len(a.Nested))
		}
	case t != cty.Bool && t != cty.Number && t != cty.String:
		return fmt.Errorf("its type must be bool, number, string, a schedule, an object, or a "+
			"list or map of these, got %.*s", maxName, t.FriendlyName())
	}
	switch {
	case len(a.Nested) > 0 && (a.Schedule || !t.IsObjectType()):
		return fmt.Errorf("only objects have nested attributes")
	case a.Integer && t != cty.Number:
		return fmt.Errorf("only a number can be marked as whole")
	case a.Path && t != cty.String:
		return fmt.Errorf("only a string can be marked as a path")
	case (a.Min != nil || a.Max != nil) && !isNumber:
		return fmt.Errorf("only numbers and schedules have a range")
	case len(a.OneOf) > 0 && t != cty.String:
		return fmt.Errorf("only strings have a list of choices")
	case len(a.OneOf) > maxChoices:
		return fmt.Errorf("more than %d choices", maxChoices)
	}
	for _, choice := range a.OneOf {
		if err := texts(choice); err != nil {
			return err
		}
	}
	return nil
}

// shallow reports whether t nests at most depth levels, without visiting more.
func shallow(t cty.Type, depth int) bool {
	switch {
	case depth < 0:
		return false
	case t.IsCollectionType():
		return shallow(t.ElementType(), depth-1)
	case t.IsObjectType():
		for _, a := range t.AttributeTypes() {
			if !shallow(a, depth-1) {
				return false
			}
		}
	}
	return !t.IsTupleType()
}

func bounds(a *Attribute) error {
	for _, b := range []*float64{a.Min, a.Max} {
		if b != nil && (math.IsNaN(*b) || math.IsInf(*b, 0)) {
			return fmt.Errorf("a bound of its range is %v", *b)
		}
	}
	if a.Min != nil && a.Max != nil &&
		(*a.Min > *a.Max || *a.Min == *a.Max && (a.MinOpen || a.MaxOpen)) {
		return fmt.Errorf("no number is %s", a.Range())
	}
	return nil
}

// initial checks a default against its own attribute.
func (v *verification) initial(a *Attribute) error {
	if a.Required {
		if a.Default != cty.NilVal {
			return fmt.Errorf("it must be given, so it can have no default")
		}
		return nil
	}
	if a.Default == cty.NilVal {
		return fmt.Errorf("it need not be given, so it must have a default")
	}
	if !a.Default.Type().Equals(a.Type) || !a.Default.IsWhollyKnown() || a.Default.IsMarked() {
		return fmt.Errorf("its default is not a known value of its type")
	}
	_ = cty.Walk(a.Default, func(cty.Path, cty.Value) (bool, error) {
		v.defaults++
		return v.defaults <= maxDefault, nil
	})
	if v.defaults > maxDefault {
		return fmt.Errorf("defaults hold more than %d values", maxDefault)
	}
	c := &completion{}
	c.value(a.Default, a, a.Type, cty.GetAttrPath(a.Name))
	for _, p := range c.problems {
		return fmt.Errorf("its default: %s: %s", p.Path, p.Detail)
	}
	return nil
}

// texts checks a long text and the short ones beside it.
func texts(long string, short ...string) error {
	if len(long) > maxText || !utf8.ValidString(long) {
		return fmt.Errorf("text %.*q...: not UTF-8 or more than %d bytes", maxName, long, maxText)
	}
	for _, s := range short {
		if len(s) > maxName || !utf8.ValidString(s) {
			return fmt.Errorf("%.*q: not UTF-8 or more than %d bytes", maxName, s, maxName)
		}
	}
	return nil
}
