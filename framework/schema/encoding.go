package schema

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
	"github.com/zclconf/go-cty/cty"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"
)

// maxEncoded bounds an encoded block. Configuration is what a person writes; data has other ways.
const maxEncoded = 4 << 20

// Marshal encodes a value of ImpliedType as cty's MessagePack form: an object as a map, a number as
// an integer or float where that is exact and as a decimal string otherwise.
func (s *Schema) Marshal(value cty.Value) ([]byte, error) {
	want := s.ImpliedType()
	if value == cty.NilVal || !value.Type().Equals(want) {
		return nil, fmt.Errorf("encode configuration of %q: the value is not of the schema's type",
			s.Name)
	}
	data, err := ctymsgpack.Marshal(value, want)
	if err != nil {
		return nil, fmt.Errorf("encode configuration of %q: %w", s.Name, err)
	}
	if len(data) > maxEncoded {
		return nil, fmt.Errorf("encode configuration of %q: %d bytes, more than %d", s.Name,
			len(data), maxEncoded)
	}
	return data, nil
}

// Unmarshal decodes what Marshal has encoded. It is written for bytes from another process: every
// length is checked against the bytes that are left before anything is allocated, and nulls,
// unknown values, missing, repeated and unknown attributes are errors. Ranges and choices are not
// checked; Decode and Complete do that.
func (s *Schema) Unmarshal(data []byte) (cty.Value, error) {
	if len(data) > maxEncoded {
		return cty.NilVal, fmt.Errorf("decode configuration of %q: %d bytes, more than %d", s.Name,
			len(data), maxEncoded)
	}
	r := bytes.NewReader(data)
	u := unpacking{r: r, dec: msgpack.NewDecoder(r)}
	v, err := u.value(s.ImpliedType(), nil)
	if err == nil && r.Len() > 0 {
		err = fmt.Errorf("%d bytes after the value", r.Len())
	}
	if err != nil {
		return cty.NilVal, fmt.Errorf("decode configuration of %q: %w", s.Name, err)
	}
	return v, nil
}

var errNull = errors.New("a null")

// unpacking reads cty's MessagePack form for a known type. cty's own decoder allocates what a
// length announces and panics where elements of a list differ in type, so it is not used.
type unpacking struct {
	r   *bytes.Reader
	dec *msgpack.Decoder // reads r without a buffer of its own: r can unread
}

func (u *unpacking) value(t cty.Type, path cty.Path) (cty.Value, error) {
	if code, err := u.dec.PeekCode(); err != nil || code == msgpcode.Nil {
		return cty.NilVal, at(path, cmp.Or(err, errNull))
	}
	switch {
	case t == cty.Bool:
		b, err := u.dec.DecodeBool()
		return cty.BoolVal(b), at(path, err)
	case t == cty.String:
		s, err := u.text()
		return cty.StringVal(s), at(path, err)
	case t == cty.Number:
		v, err := u.number()
		return v, at(path, err)
	case t.IsListType():
		return u.list(t.ElementType(), path)
	case t.IsMapType():
		return u.mapping(t.ElementType(), path)
	}
	return u.object(t.AttributeTypes(), path)
}

func at(path cty.Path, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("value at %q: %w", FormatPath(path), err)
}

func (u *unpacking) text() (string, error) {
	n, err := u.dec.DecodeBytesLen()
	if err != nil {
		return "", err
	}
	if n < 0 || n > u.r.Len() {
		return "", fmt.Errorf("a string of %d bytes, but %d are left", n, u.r.Len())
	}
	text := make([]byte, n)
	if err := u.dec.ReadFull(text); err != nil {
		return "", err
	}
	if !utf8.Valid(text) {
		return "", fmt.Errorf("a string that is not UTF-8")
	}
	return string(text), nil
}

func (u *unpacking) number() (cty.Value, error) {
	const longest = 2000 // digits of 512 bits, with room for an exponent
	code, err := u.dec.PeekCode()
	if err != nil {
		return cty.Zero, err
	}
	switch {
	case msgpcode.IsString(code):
		text, err := u.text()
		if err != nil {
			return cty.Zero, err
		}
		f, err := strconv.ParseFloat(text, 64)
		if len(text) > longest || err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return cty.Zero, fmt.Errorf("%.40q is no finite number", text)
		}
		return cty.ParseNumberVal(text)
	case code == msgpcode.Float || code == msgpcode.Double:
		f, err := u.dec.DecodeFloat64()
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return cty.Zero, fmt.Errorf("a number that is not finite")
		}
		return cty.NumberFloatVal(f), nil
	case code == msgpcode.Uint64:
		n, err := u.dec.DecodeUint64()
		return cty.NumberUIntVal(n), err
	}
	n, err := u.dec.DecodeInt64()
	return cty.NumberIntVal(n), err
}

// length checks an announced number of elements, each of at least size bytes.
func (u *unpacking) length(n int, err error, size int, path cty.Path) error {
	if err == nil && (n < 0 || n > u.r.Len()/size) {
		err = fmt.Errorf("%d elements announced, but %d bytes are left", n, u.r.Len())
	}
	return at(path, err)
}

func (u *unpacking) list(element cty.Type, path cty.Path) (cty.Value, error) {
	n, err := u.dec.DecodeArrayLen()
	if err := u.length(n, err, 1, path); err != nil {
		return cty.NilVal, err
	}
	if n == 0 {
		return cty.ListValEmpty(element), nil
	}
	var values []cty.Value
	for i := range n {
		v, err := u.value(element, path.IndexInt(i))
		if err != nil {
			return cty.NilVal, err
		}
		values = append(values, v)
	}
	return cty.ListVal(values), nil
}

func (u *unpacking) mapping(element cty.Type, path cty.Path) (cty.Value, error) {
	n, err := u.dec.DecodeMapLen()
	if err := u.length(n, err, 2, path); err != nil {
		return cty.NilVal, err
	}
	values := map[string]cty.Value{}
	for range n {
		key, err := u.text()
		if err != nil {
			return cty.NilVal, at(path, err)
		}
		v, err := u.value(element, path.Index(cty.StringVal(key)))
		if err != nil {
			return cty.NilVal, err
		}
		values[key] = v
	}
	if len(values) != n {
		return cty.NilVal, at(path, fmt.Errorf("a key comes twice"))
	}
	if n == 0 {
		return cty.MapValEmpty(element), nil
	}
	return cty.MapVal(values), nil
}

func (u *unpacking) object(types map[string]cty.Type, path cty.Path) (cty.Value, error) {
	n, err := u.dec.DecodeMapLen()
	if err := u.length(n, err, 2, path); err != nil {
		return cty.NilVal, err
	}
	if n != len(types) {
		return cty.NilVal, at(path, fmt.Errorf("%d attributes, expected %d", n, len(types)))
	}
	values := map[string]cty.Value{}
	for range n {
		name, err := u.text()
		if err != nil {
			return cty.NilVal, at(path, err)
		}
		t, ok := types[name]
		if _, twice := values[name]; !ok || twice {
			return cty.NilVal, at(path, fmt.Errorf("attribute %.40q is unknown or repeated", name))
		}
		if values[name], err = u.value(t, path.GetAttr(name)); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ObjectVal(values), nil
}
