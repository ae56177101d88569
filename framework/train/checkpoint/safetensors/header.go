package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxRank is the most axes a shape may have; no array of ours has more than a
// handful, and the limit bounds what a hostile header makes us allocate.
const maxRank = 64

// A headerParser walks the header's tokens. The format has few shapes of JSON,
// so the parser asks for exactly those; decoding into maps would let a second
// entry of the same name replace the first.
type headerParser struct {
	tokens *json.Decoder
}

// parseHeader parses the header's JSON and sorts the entries by their offsets.
func parseHeader(text []byte) (*Header, error) {
	if len(text) == 0 || text[0] != '{' {
		return nil, malformed("", "the header does not begin with '{'")
	}
	if !utf8.Valid(text) {
		return nil, malformed("", "the header is not UTF-8")
	}
	p := headerParser{tokens: json.NewDecoder(bytes.NewReader(text))}
	p.tokens.UseNumber()
	h := &Header{}
	seen := map[string]bool{}
	err := p.object("the header", func(name string) error {
		if seen[name] {
			return malformed(name, "occurs twice in the header")
		}
		seen[name] = true
		if name == metadataKey {
			return p.metadata(h)
		}
		e, err := p.entry(name)
		h.Entries = append(h.Entries, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if rest := text[p.tokens.InputOffset():]; len(bytes.Trim(rest, " ")) > 0 {
		return nil, malformed("", "%.20q follows the header's object, want spaces", rest)
	}
	slices.SortFunc(h.Entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End),
			cmp.Compare(a.Name, b.Name))
	})
	return h, nil
}

func (p headerParser) metadata(h *Header) error {
	h.Metadata = map[string]string{}
	return p.object("the metadata", func(key string) error {
		if _, twice := h.Metadata[key]; twice {
			return malformed("", "metadata %q occurs twice", key)
		}
		text, err := p.text("metadata", key)
		h.Metadata[key] = text
		return err
	})
}

func (p headerParser) entry(name string) (Entry, error) {
	e := Entry{Name: name}
	if err := checkName(name); err != nil {
		return e, malformed(name, "%v", err)
	}
	seen := map[string]bool{}
	err := p.object("tensor "+strconv.Quote(name), func(key string) error {
		if seen[key] {
			return malformed(name, "%s occurs twice", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			text, err := p.text("dtype of tensor", name)
			if err != nil {
				return err
			}
			e.DType = DType(text)
			if e.DType.Size() == 0 {
				return malformed(name, "dtype %q, want one of %v", text, layout)
			}
			return nil
		case "shape":
			axes, err := p.integers("shape", name, maxRank)
			e.Shape = make([]int, len(axes))
			for i, axis := range axes {
				e.Shape[i] = int(axis)
			}
			return err
		case "data_offsets":
			offsets, err := p.integers("data_offsets", name, 2)
			if err != nil {
				return err
			}
			if len(offsets) != 2 || offsets[0] > offsets[1] {
				return malformed(name, "data_offsets %v, want [begin, end]", offsets)
			}
			e.Begin, e.End = offsets[0], offsets[1]
			return nil
		}
		return malformed(name, "unknown key %.40q, want dtype, shape and data_offsets", key)
	})
	if err == nil && len(seen) != 3 {
		err = malformed(name, "has not all of dtype, shape and data_offsets")
	}
	return e, err
}

// object reads an object and calls member for each key, which must read the
// value.
func (p headerParser) object(what string, member func(key string) error) error {
	t, err := p.next()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return malformed("", "%s is %v, want an object", what, t)
	}
	for p.tokens.More() {
		key, err := p.next()
		if err != nil {
			return err
		}
		if err := member(key.(string)); err != nil { // the decoder lets only strings be keys
			return err
		}
	}
	_, err = p.next()
	return err
}

func (p headerParser) text(what, name string) (string, error) {
	t, err := p.next()
	if err != nil {
		return "", err
	}
	text, ok := t.(string)
	if !ok {
		return "", malformed("", "%s %q is %v, want a string", what, name, t)
	}
	return text, nil
}

// integers reads an array of at most limit integers, none negative. Numbers
// with a fraction or an exponent are refused.
func (p headerParser) integers(what, name string, limit int) ([]int64, error) {
	t, err := p.next()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('[') {
		return nil, malformed(name, "%s is %v, want an array", what, t)
	}
	var values []int64
	for p.tokens.More() {
		if len(values) == limit {
			return nil, malformed(name, "%s has more than %d numbers", what, limit)
		}
		t, err := p.next()
		if err != nil {
			return nil, err
		}
		number, _ := t.(json.Number)
		v, err := strconv.ParseInt(number.String(), 10, strconv.IntSize)
		if err != nil || v < 0 {
			return nil, malformed(name, "%s holds %v, want integers from 0", what, t)
		}
		values = append(values, v)
	}
	_, err = p.next()
	return values, err
}

func (p headerParser) next() (json.Token, error) {
	t, err := p.tokens.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, malformed("", "the header's JSON is cut off")
	}
	if err != nil {
		return nil, malformed("", "the header's JSON: %v", err)
	}
	return t, nil
}
