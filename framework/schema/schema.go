package schema

import (
	"github.com/zclconf/go-cty/cty"
)

// A Schema says which attributes a block may hold.
type Schema struct {
	Name string // of the plugin, as in head "<name>"
	Kind string // of the block: "task", "head" or "metalearner"
	Doc  string
	// Attributes in the order in which they should be shown.
	Attributes []Attribute
}

// An Attribute is one named setting. Integer, Min, Max, OneOf, Path and Nested describe the leaf of
// Type: of a list or map, its elements.
type Attribute struct {
	Name string
	// Type is bool, number, string, ScheduleType, an object, or lists and maps of these.
	Type     cty.Type
	Schedule bool // the leaf is a ScheduleType
	Integer  bool // the leaf is a whole number
	Path     bool // the leaf is a string that names a file or folder
	Required bool
	// Default is the value when none is given; cty.NilVal when Required.
	Default          cty.Value
	Min, Max         *float64
	MinOpen, MaxOpen bool // the bound itself is not allowed
	OneOf            []string
	Unit             string
	Doc              string
	Example          string
	Nested           []Attribute // of an object
}

// ImpliedType returns the type of a whole block: an object with every attribute.
func (s *Schema) ImpliedType() cty.Type { return objectType(s.Attributes) }

// Attribute returns the attribute of that name, or nil.
func (s *Schema) Attribute(name string) *Attribute { return find(s.Attributes, name) }

func find(attributes []Attribute, name string) *Attribute {
	for i := range attributes {
		if attributes[i].Name == name {
			return &attributes[i]
		}
	}
	return nil
}

func objectType(attributes []Attribute) cty.Type {
	types := make(map[string]cty.Type, len(attributes))
	for i := range attributes {
		types[attributes[i].Name] = attributes[i].Type
	}
	return cty.Object(types)
}
