package wire

import (
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/schema"
	"quickstudy/framework/terminal"
)

// Limits of what a plugin may say of itself.
const (
	maxAttributeDepth = 20      // a little above schema's own, which reports it better
	maxAttributes     = 4 << 10 // nested ones included
	maxTypeBytes      = 64 << 10
	maxTypeDepth      = 64
	maxProblems       = 1 << 10
	maxProblemText    = 16 << 10
	maxCapabilities   = 64
	maxName           = 256
	maxDoc            = 16 << 10
)

// Description is what a plugin says of itself before it is configured.
type Description struct {
	Kind, Name   string
	Version      string // of the plugin's module, informative
	Doc          string
	Protocol     int
	Capabilities []string
	Schema       *schema.Schema
}

// EncodeDescription converts d for the wire.
func EncodeDescription(d Description) (*pluginv1.DescribeResponse, error) {
	s, err := EncodeSchema(d.Schema)
	if err != nil {
		return nil, err
	}
	return &pluginv1.DescribeResponse{
		Kind: d.Kind, Name: d.Name, Version: d.Version, Doc: d.Doc,
		Protocol: uint32(d.Protocol), Capabilities: d.Capabilities, Schema: s,
	}, nil
}

// DecodeDescription converts a description from the wire and verifies its schema. What
// is to be read is made safe to print.
func DecodeDescription(m *pluginv1.DescribeResponse) (Description, error) {
	for _, short := range append([]string{m.GetKind(), m.GetName(), m.GetVersion()},
		m.GetCapabilities()...) {
		if len(short) > maxName {
			return Description{}, fmt.Errorf("the description has a name of %d bytes, "+
				"want at most %d", len(short), maxName)
		}
	}
	if len(m.GetDoc()) > maxDoc || len(m.GetCapabilities()) > maxCapabilities {
		return Description{}, fmt.Errorf("the description has %d bytes of text and "+
			"%d capabilities, want at most %d and %d",
			len(m.GetDoc()), len(m.GetCapabilities()), maxDoc, maxCapabilities)
	}
	var capabilities []string
	for _, c := range m.GetCapabilities() {
		capabilities = append(capabilities, terminal.Line(c))
	}
	s, err := DecodeSchema(m.GetSchema())
	if err != nil {
		return Description{}, err
	}
	return Description{
		Kind: terminal.Line(m.GetKind()), Name: terminal.Line(m.GetName()),
		Version: terminal.Line(m.GetVersion()), Doc: terminal.Text(m.GetDoc()),
		Protocol: int(m.GetProtocol()), Capabilities: capabilities, Schema: s,
	}, nil
}

// EncodeSchema converts s for the wire.
func EncodeSchema(s *schema.Schema) (*pluginv1.Schema, error) {
	attributes, err := encodeAttributes(s.Attributes)
	if err != nil {
		return nil, fmt.Errorf("schema %q: %w", s.Name, err)
	}
	return &pluginv1.Schema{Kind: s.Kind, Name: s.Name, Doc: s.Doc, Attributes: attributes}, nil
}

func encodeAttributes(attributes []schema.Attribute) ([]*pluginv1.Attribute, error) {
	var out []*pluginv1.Attribute
	for i := range attributes {
		a := &attributes[i]
		kind, err := ctyjson.MarshalType(a.Type)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
		}
		m := &pluginv1.Attribute{
			Name: a.Name, Type: kind, Schedule: a.Schedule, Integer: a.Integer, Path: a.Path,
			Required: a.Required, Min: a.Min, Max: a.Max, MinOpen: a.MinOpen, MaxOpen: a.MaxOpen,
			OneOf: a.OneOf, Unit: a.Unit, Doc: a.Doc, Example: a.Example,
		}
		if a.Default != cty.NilVal {
			if m.DefaultValue, err = encodeValue(a.Type, a.Default); err != nil {
				return nil, fmt.Errorf("attribute %q: default: %w", a.Name, err)
			}
		}
		if m.Nested, err = encodeAttributes(a.Nested); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// DecodeSchema converts a schema from the wire and verifies it.
func DecodeSchema(m *pluginv1.Schema) (*schema.Schema, error) {
	if m == nil {
		return nil, fmt.Errorf("the description has no schema")
	}
	d := attributeDecoder{}
	attributes, err := d.attributes(m.GetAttributes(), 0)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &schema.Schema{Kind: m.GetKind(), Name: m.GetName(), Doc: terminal.Text(m.GetDoc()),
		Attributes: attributes}
	// Defaults are decoded by their types, so those are verified first, as if
	// nothing had a default.
	if err := s.Verify(); err != nil {
		return nil, err
	}
	if err := defaults(s.Attributes, m.GetAttributes()); err != nil {
		return nil, fmt.Errorf("schema %q: %w", s.Name, err)
	}
	if err := s.Verify(); err != nil {
		return nil, err
	}
	return s, nil
}

type attributeDecoder struct{ count int }

// attributes converts all but the defaults, and marks every attribute as
// required in their stead.
func (d *attributeDecoder) attributes(
	ms []*pluginv1.Attribute, depth int,
) ([]schema.Attribute, error) {
	if d.count += len(ms); d.count > maxAttributes || depth > maxAttributeDepth {
		return nil, fmt.Errorf("more than %d attributes or %d levels", maxAttributes,
			maxAttributeDepth)
	}
	var out []schema.Attribute
	for i, m := range ms {
		kind, err := decodeType(m.GetType())
		if err != nil {
			return nil, fmt.Errorf("attribute %d: %w", i, err)
		}
		a := schema.Attribute{
			Name: m.GetName(), Type: kind, Schedule: m.GetSchedule(), Integer: m.GetInteger(),
			Path: m.GetPath(), Required: true, Min: m.Min, Max: m.Max, MinOpen: m.GetMinOpen(),
			MaxOpen: m.GetMaxOpen(), OneOf: m.GetOneOf(), Unit: terminal.Line(m.GetUnit()),
			Doc: terminal.Text(m.GetDoc()), Example: terminal.Line(m.GetExample()),
		}
		if a.Nested, err = d.attributes(m.GetNested(), depth+1); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// defaults fills in what attributes left out.
func defaults(attributes []schema.Attribute, ms []*pluginv1.Attribute) error {
	for i, m := range ms {
		a := &attributes[i]
		a.Required = m.GetRequired()
		if len(m.GetDefaultValue()) > 0 {
			var err error
			if a.Default, err = decodeValue(a.Type, m.GetDefaultValue()); err != nil {
				return fmt.Errorf("attribute %q: default: %w", a.Name, err)
			}
		}
		if err := defaults(a.Nested, m.GetNested()); err != nil {
			return err
		}
	}
	return nil
}

// decodeType reads a type constraint, refusing nesting before the recursive
// decoder sees it.
func decodeType(data []byte) (cty.Type, error) {
	if len(data) > maxTypeBytes {
		return cty.NilType, fmt.Errorf("type of %d bytes, want at most %d", len(data), maxTypeBytes)
	}
	depth := 0
	for _, c := range data { // brackets in names count too: no honest name has them
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > maxTypeDepth {
			return cty.NilType, fmt.Errorf("type nests deeper than %d", maxTypeDepth)
		}
	}
	t, err := ctyjson.UnmarshalType(data)
	if err != nil {
		return cty.NilType, fmt.Errorf("type: %w", err)
	}
	return t, nil
}

// valuePrefix is the start of a MessagePack map with the one key "v". A single
// value is encoded as a block of that one attribute, without the prefix, so
// that it passes through the strict decoder of package schema.
var valuePrefix = []byte{0x81, 0xa1, 'v'}

func valueSchema(t cty.Type) *schema.Schema {
	return &schema.Schema{Name: "default", Attributes: []schema.Attribute{{Name: "v", Type: t}}}
}

func encodeValue(t cty.Type, v cty.Value) ([]byte, error) {
	data, err := valueSchema(t).Marshal(cty.ObjectVal(map[string]cty.Value{"v": v}))
	if err != nil {
		return nil, err
	}
	return data[len(valuePrefix):], nil
}

func decodeValue(t cty.Type, data []byte) (cty.Value, error) {
	block, err := valueSchema(t).Unmarshal(slices.Concat(valuePrefix, data))
	if err != nil {
		return cty.NilVal, err
	}
	return block.GetAttr("v"), nil
}

// EncodeProblems converts problems for the wire.
func EncodeProblems(problems []schema.Problem) []*pluginv1.Problem {
	var out []*pluginv1.Problem
	for _, p := range problems[:min(len(problems), maxProblems)] {
		out = append(out, &pluginv1.Problem{
			Path: valid(p.Path, maxProblemText), Code: valid(p.Code, maxName),
			Summary: valid(p.Summary, maxProblemText), Detail: valid(p.Detail, maxProblemText),
			Warning: p.Warning,
		})
	}
	return out
}

// DecodeProblems converts problems from the wire; every path can be parsed.
func DecodeProblems(ms []*pluginv1.Problem) ([]schema.Problem, error) {
	if len(ms) > maxProblems {
		return nil, fmt.Errorf("%d problems, want at most %d", len(ms), maxProblems)
	}
	var out []schema.Problem
	for i, m := range ms {
		p := schema.Problem{Path: m.GetPath(), Code: m.GetCode(), Summary: m.GetSummary(),
			Detail: m.GetDetail(), Warning: m.GetWarning()}
		if n := len(p.Path) + len(p.Code) + len(p.Summary) + len(p.Detail); n > 4*maxProblemText {
			return nil, fmt.Errorf("problem %d: %d bytes of text, want at most %d", i, n,
				4*maxProblemText)
		}
		if _, err := schema.ParsePath(p.Path); err != nil {
			return nil, fmt.Errorf("problem %d: %w", i, err)
		}
		if p.Code == "" {
			p.Code = schema.CodePlugin
		}
		out = append(out, p)
	}
	return out, nil
}
