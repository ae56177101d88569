package subword

import (
	"encoding/json"
	"fmt"
	"slices"
)

// postProcessor reads what encloses texts, and which offsets are trimmed.
func (r *reader) postProcessor(raw json.RawMessage, at string, depth int) error {
	kind, err := typeOf(raw, at)
	if err != nil {
		return err
	}
	switch kind {
	case "Sequence":
		return sequence(raw, at, "processors", depth, r.postProcessor)
	case "ByteLevel":
		b := struct {
			Type           string `json:"type"`
			AddPrefixSpace bool   `json:"add_prefix_space"`
			TrimOffsets    bool   `json:"trim_offsets"`
			UseRegex       bool   `json:"use_regex"`
		}{AddPrefixSpace: true, TrimOffsets: true}
		if err := strictly(raw, &b, at); err != nil {
			return err
		}
		if b.TrimOffsets {
			r.t.trims = append(r.t.trims, trim{b.AddPrefixSpace})
		}
		return nil
	case "BertProcessing", "RobertaProcessing":
		return r.bertProcessing(kind, raw, at)
	case "TemplateProcessing":
		return r.templateProcessing(raw, at)
	}
	return placed(at, "a post-processor of type %q is not read", kind)
}

// named is a token with its id, as post-processors have them.
type named struct {
	token string
	id    int32
}

func (n *named) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if json.Unmarshal(data, &parts) != nil || len(parts) != 2 ||
		json.Unmarshal(parts[0], &n.token) != nil || json.Unmarshal(parts[1], &n.id) != nil {
		return fmt.Errorf("%.60s is no token with its id", data)
	}
	return nil
}

func (r *reader) bertProcessing(kind string, raw json.RawMessage, at string) error {
	var b struct {
		Type           string `json:"type"`
		Sep            named  `json:"sep"`
		Cls            named  `json:"cls"`
		TrimOffsets    *bool  `json:"trim_offsets"`
		AddPrefixSpace *bool  `json:"add_prefix_space"`
	}
	if err := strictly(raw, &b, at); err != nil {
		return err
	}
	yes := func(v *bool) bool { return v == nil || *v }
	between := []int32{b.Sep.id}
	if kind == "RobertaProcessing" {
		between = []int32{b.Sep.id, b.Sep.id}
		if yes(b.TrimOffsets) {
			r.t.trims = append(r.t.trims, trim{yes(b.AddPrefixSpace)})
		}
	} else if b.TrimOffsets != nil || b.AddPrefixSpace != nil {
		return placed(at, "BertProcessing has sep and cls alone")
	}
	for _, n := range []named{b.Sep, b.Cls} {
		if err := r.isToken(n.token, n.id); err != nil {
			return placed(at, "%w", err)
		}
	}
	return r.enclose(at, Template{[]int32{b.Cls.id}, between, []int32{b.Sep.id}})
}

// isToken checks that a token is in the vocabulary, by its id.
func (r *reader) isToken(token string, id int32) error {
	if id < 0 || int(id) >= len(r.t.tokens) || r.t.tokens[id] != token {
		return fmt.Errorf("the vocabulary has no token %q of id %d", token, id)
	}
	return nil
}

func (r *reader) enclose(at string, template Template) error {
	if r.enclosed {
		return placed(at, "texts are enclosed twice")
	}
	r.t.template, r.enclosed = template, true
	return nil
}

// templatePiece is a special token or one of the texts.
type templatePiece struct {
	SpecialToken *struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"` // which the framework's backbones do not read
	}
	Sequence *struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"`
	}
}

func (r *reader) templateProcessing(raw json.RawMessage, at string) error {
	var t struct {
		Type          string          `json:"type"`
		Single        []templatePiece `json:"single"`
		Pair          []templatePiece `json:"pair"`
		SpecialTokens map[string]struct {
			ID     string   `json:"id"`
			IDs    []int32  `json:"ids"`
			Tokens []string `json:"tokens"`
		} `json:"special_tokens"`
	}
	if err := strictly(raw, &t, at); err != nil {
		return err
	}
	for name, special := range t.SpecialTokens {
		if special.ID != name || len(special.IDs) != len(special.Tokens) {
			return placed(at+".special_tokens", "%q has the id %q, %d ids and %d tokens", name, special.ID,
				len(special.IDs), len(special.Tokens))
		}
		for i, id := range special.IDs {
			if err := r.isToken(special.Tokens[i], id); err != nil {
				return placed(at+".special_tokens", "%q: %w", name, err)
			}
		}
	}
	// cut returns the special tokens before, between and after the texts.
	cut := func(pieces []templatePiece, member string, texts ...string) ([][]int32, error) {
		parts := [][]int32{nil}
		for i, piece := range pieces {
			last := len(parts) - 1
			switch {
			case (piece.Sequence == nil) == (piece.SpecialToken == nil):
				return nil, placed(fmt.Sprintf("%s.%s[%d]", at, member, i), "want a Sequence or a SpecialToken")
			case piece.SpecialToken != nil:
				special, ok := t.SpecialTokens[piece.SpecialToken.ID]
				if !ok {
					return nil, placed(fmt.Sprintf("%s.%s[%d]", at, member, i), "special_tokens has no %q",
						piece.SpecialToken.ID)
				}
				parts[last] = append(parts[last], special.IDs...)
			case last == len(texts) || piece.Sequence.ID != texts[last]:
				return nil, placed(fmt.Sprintf("%s.%s[%d]", at, member, i), "text %q, want the texts %q once "+
					"each in this order", piece.Sequence.ID, texts)
			default:
				parts = append(parts, nil)
			}
		}
		if len(parts) != len(texts)+1 {
			return nil, placed(at+"."+member, "want the texts %q once each", texts)
		}
		return parts, nil
	}
	single, err := cut(t.Single, "single", "A")
	if err != nil {
		return err
	}
	pair, err := cut(t.Pair, "pair", "A", "B")
	if err != nil {
		return err
	}
	if !slices.Equal(pair[0], single[0]) || !slices.Equal(pair[2], single[1]) {
		return placed(at+".pair", "two texts begin and end otherwise than one, which is not read")
	}
	return r.enclose(at, Template{pair[0], pair[1], pair[2]})
}
