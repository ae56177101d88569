package plugin

import (
	"encoding/json"

	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
)

// Described is a description for machines and people: types and values are printed.
type Described struct {
	Kind         string               `json:"kind"`
	Name         string               `json:"name"`
	Version      string               `json:"version"`
	Doc          string               `json:"doc"`
	Protocol     int                  `json:"protocol"`
	Capabilities []string             `json:"capabilities"`
	Attributes   []DescribedAttribute `json:"attributes"`
}

// DescribedAttribute is one attribute of a plugin's block.
type DescribedAttribute struct {
	Name     string               `json:"name"`
	Type     string               `json:"type"`
	Required bool                 `json:"required"`
	Default  json.RawMessage      `json:"default,omitempty"`
	Min      *float64             `json:"min,omitempty"`
	Max      *float64             `json:"max,omitempty"`
	MinOpen  bool                 `json:"min_open,omitempty"`
	MaxOpen  bool                 `json:"max_open,omitempty"`
	OneOf    []string             `json:"one_of,omitempty"`
	Unit     string               `json:"unit,omitempty"`
	Doc      string               `json:"doc,omitempty"`
	Example  string               `json:"example,omitempty"`
	Nested   []DescribedAttribute `json:"nested,omitempty"`
}

// Describe converts what a plugin says of itself.
func Describe(d wire.Description) Described {
	return Described{
		Kind: d.Kind, Name: d.Name, Version: d.Version, Doc: d.Doc, Protocol: d.Protocol,
		Capabilities: append([]string{}, d.Capabilities...),
		Attributes:   describeAttributes(d.Schema.Attributes),
	}
}

func describeAttributes(attributes []schema.Attribute) []DescribedAttribute {
	out := []DescribedAttribute{}
	for _, a := range attributes {
		described := DescribedAttribute{
			Name: a.Name, Type: a.TypeName(), Required: a.Required, Min: a.Min, Max: a.Max,
			MinOpen: a.MinOpen, MaxOpen: a.MaxOpen, OneOf: a.OneOf, Unit: a.Unit, Doc: a.Doc,
			Example: a.Example,
		}
		if text := a.DefaultText(); json.Valid([]byte(text)) {
			described.Default = json.RawMessage(text)
		} else if text != "" { // a schedule, written as in an experiment
			described.Default, _ = json.Marshal(text) // a string has no error
		}
		if len(a.Nested) > 0 {
			described.Nested = describeAttributes(a.Nested)
		}
		out = append(out, described)
	}
	return out
}
