package schema

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/zclconf/go-cty/cty"
)

func TestMarshalRoundTrip(t *testing.T) {
	s := mustOf(t, defaults())
	for _, mode := range []string{"first", "second"} {
		v, problems := s.Complete(object("path", cty.StringVal("é"), "mode", cty.StringVal(mode),
			"grid", cty.TupleVal([]cty.Value{cty.TupleVal([]cty.Value{number(0.1), number(-3)})}),
			"names", object("a", number(1<<53)),
			"split", object("x", object("fraction", cty.MustParseNumberVal("0.3"))),
			"rates", cty.TupleVal([]cty.Value{Cosine(1, 0).Value(), number(0)})))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		data, err := s.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		if !got.RawEquals(v) {
			t.Errorf("%s: %#v\nwant %#v", mode, got, v)
		}
		for n := range data {
			if _, err := s.Unmarshal(data[:n]); err == nil {
				t.Errorf("%d of %d bytes decode", n, len(data))
			}
		}
	}
	if _, err := s.Marshal(cty.EmptyObjectVal); err == nil {
		t.Error("a value of another type is encoded")
	}
	if _, err := s.Marshal(cty.NilVal); err == nil {
		t.Error("no value is encoded")
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	type lists struct {
		A []part         `config:"a"`
		B map[string]int `config:"b"`
		C float64        `config:"c"`
		D bool           `config:"d"`
	}
	s := mustOf(t, lists{})
	good := func() map[string]any {
		return map[string]any{"a": []any{}, "b": map[string]any{}, "c": 1.5, "d": true}
	}
	change := func(name string, v any) []byte {
		m := good()
		m[name] = v
		data, err := msgpack.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	huge := binary.BigEndian.AppendUint32([]byte{0x84, 0xa1, 'a', 0xdd}, 0xffffffff)
	hugeMap := binary.BigEndian.AppendUint32([]byte{0x84, 0xa1, 'b', 0xdf}, 0xfffffff0)
	hugeText := binary.BigEndian.AppendUint32([]byte{0x84, 0xa1, 'b', 0x81, 0xdb}, 0xfffffff0)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"good", change("c", 2), ""},
		{"empty", nil, "EOF"},
		{"list length", huge, "bytes are left"},
		{"map length", hugeMap, "bytes are left"},
		{"string length", hugeText, "bytes, but"},
		{"null", change("d", nil), "a null"},
		{"unknown", []byte{0xd4, 0, 0}, "value"},
		{"no attributes", change("a", []any{map[string]any{}}), "0 attributes, expected 2"},
		{"other attributes", change("a", []any{map[string]any{"fraction": 1, "x": 1}}), "unknown"},
		{"extra attribute", change("e", 1), "5 attributes, expected 4"},
		{"type", change("d", 3), "bool"},
		{"number text", change("c", "1e999999999"), "no finite number"},
		{"not a number", change("c", "NaN"), "no finite number"},
		{"tail", append(change("c", 2), 0), "1 bytes after the value"},
		{"size", make([]byte, maxEncoded+1), "more than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, err := s.Unmarshal(tt.data)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if d := time.Since(start); d > time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestVerifyRefusesHostileSchemas(t *testing.T) {
	deep := cty.Number
	for range 1000 {
		deep = cty.List(deep)
	}
	plain := func(name string) Attribute {
		return Attribute{Name: name, Type: cty.Number, Default: cty.Zero}
	}
	with := func(change func(a *Attribute)) *Schema {
		a := plain("a")
		change(&a)
		return &Schema{Attributes: []Attribute{a}}
	}
	many := &Schema{}
	for i := range maxAttributes + 1 {
		many.Attributes = append(many.Attributes, plain("a"+strings.Repeat("b", i%50)))
	}
	nested := plain("a")
	for range maxDepth + 2 {
		outer := Attribute{Name: "a", Nested: []Attribute{nested}, Required: true,
			Type: cty.Object(map[string]cty.Type{"a": nested.Type})}
		nested = outer
	}
	long := strings.Repeat("x", maxText+1)
	tests := []struct {
		name string
		s    *Schema
		want string
	}{
		{"count", many, "more than 1000 attributes"},
		{"depth", &Schema{Attributes: []Attribute{nested}}, "nest deeper"},
		{"list depth", with(func(a *Attribute) { a.Type = deep }), "nests deeper"},
		{"name", &Schema{Name: long}, "more than 64 bytes"},
		{"doc", &Schema{Doc: long}, "more than"},
		{"attribute doc", with(func(a *Attribute) { a.Doc = long }), "more than"},
		{"attribute name", with(func(a *Attribute) { a.Name = "a b" }), "attribute name"},
		{"escape in name", with(func(a *Attribute) { a.Name = "\x1b[2J" }), "attribute name"},
		{"not UTF-8", with(func(a *Attribute) { a.Unit = "\xff" }), "UTF-8"},
		{"no type", with(func(a *Attribute) { a.Type = cty.NilType }), "no type"},
		{"dynamic", with(func(a *Attribute) { a.Type = cty.DynamicPseudoType }), "its type must be"},
		{"set", with(func(a *Attribute) { a.Type = cty.Set(cty.Number) }), "its type must be"},
		{"tuple", with(func(a *Attribute) { a.Type = cty.EmptyTuple }), "its type must be"},
		{"no default", with(func(a *Attribute) { a.Default = cty.NilVal }), "must have a default"},
		{"both", with(func(a *Attribute) { a.Required = true }), "can have no default"},
		{"default's type", with(func(a *Attribute) { a.Default = cty.True }), "its default"},
		{"unknown default", with(func(a *Attribute) { a.Default = cty.UnknownVal(cty.Number) }),
			"its default"},
		{"null default", with(func(a *Attribute) { a.Default = cty.NullVal(cty.Number) }), "null"},
		{"schedule flag", with(func(a *Attribute) { a.Schedule = true }), "marked as a schedule"},
		{"nested of a number", with(func(a *Attribute) { a.Nested = []Attribute{plain("b")} }),
			"only objects"},
		{"undeclared nested", with(func(a *Attribute) {
			a.Type = cty.Object(map[string]cty.Type{"b": cty.Number})
		}), "1 attributes, but 0"},
		{"other nested", with(func(a *Attribute) {
			a.Type, a.Nested = cty.EmptyObject, []Attribute{plain("b")}
		}), "differ"},
		{"choices", with(func(a *Attribute) {
			a.Type, a.OneOf = cty.String, make([]string, maxChoices+1)
		}), "more than 1000 choices"},
		{"big default", with(func(a *Attribute) {
			values := make([]cty.Value, maxDefault+1)
			for i := range values {
				values[i] = cty.Zero
			}
			a.Type, a.Default = cty.List(cty.Number), cty.ListVal(values)
		}), "defaults hold more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.s.Verify(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// fuzzSchema makes a schema out of bytes: a small stack machine over attributes.
func fuzzSchema(program []byte) *Schema {
	s := &Schema{Name: "fuzz"}
	types := []cty.Type{cty.Bool, cty.Number, cty.String, ScheduleType, cty.DynamicPseudoType,
		cty.EmptyObject, cty.EmptyTuple}
	zeros := []cty.Value{cty.False, cty.Zero, cty.StringVal(""), Schedule{}.Value(), cty.DynamicVal,
		cty.EmptyObjectVal, cty.EmptyTupleVal}
	for len(program) >= 3 {
		op, kind, name := program[0], int(program[1])%len(types), string(program[2:3])
		program = program[3:]
		a := Attribute{Name: name, Type: types[kind], Default: zeros[kind], Integer: op&1 != 0,
			Schedule: kind == 3, Path: op&2 != 0, Required: op&4 != 0}
		if a.Required {
			a.Default = cty.NilVal
		}
		if op&8 != 0 {
			low := float64(int8(op))
			a.Min = &low
		}
		if op&16 != 0 && !a.Required && kind != 4 {
			a.Type, a.Default = cty.List(a.Type), cty.ListVal([]cty.Value{a.Default})
		}
		if op&32 != 0 && len(s.Attributes) > 0 {
			a.Type, a.Nested = s.ImpliedType(), s.Attributes
			a.Required, a.Default, a.Schedule = true, cty.NilVal, false
			s.Attributes = nil
		}
		s.Attributes = append(s.Attributes, a)
	}
	return s
}

func FuzzSchema(f *testing.F) {
	f.Add([]byte{0, 1, 'a', 0, 3, 'b', 32, 0, 'c'}, []byte{0x81, 0xa1, 'c', 0x80})
	f.Add([]byte{16, 1, 'a'}, []byte{0x81, 0xa1, 'a', 0x91, 1})
	f.Add([]byte{0, 2, 'a'}, []byte{0x81, 0xa1, 'a', 0xa1, 'x'})
	f.Add([]byte{4, 3, 'a'}, []byte{0xdf, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, program, data []byte) {
		s := fuzzSchema(program)
		if s.Verify() != nil {
			return
		}
		v, err := s.Unmarshal(data)
		if err != nil {
			return
		}
		if !v.Type().Equals(s.ImpliedType()) {
			t.Fatalf("decoded a %#v, want %#v", v.Type(), s.ImpliedType())
		}
		full, problems := s.Complete(v)
		for _, p := range problems {
			if _, err := ParsePath(p.Path); err != nil {
				t.Error(err)
			}
		}
		if HasErrors(problems) {
			return
		}
		again, err := s.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := s.Unmarshal(again); err != nil || !back.RawEquals(full) {
			t.Fatalf("round trip: %v, %#v, want %#v", err, back, full)
		}
	})
}
