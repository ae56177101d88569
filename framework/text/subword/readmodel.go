package subword

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// model reads the model and returns its vocabulary.
func (r *reader) model(raw json.RawMessage) (map[string]int32, error) {
	const at = "model"
	if absent(raw) {
		return nil, placed(at, "it is missing")
	}
	kind, err := typeOf(raw, at)
	if err != nil {
		return nil, err
	}
	if kind == "" { // as files of old have it
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, placed(at, "%w", err)
		}
		switch {
		case members["merges"] != nil:
			kind = "BPE"
		case members["unk_id"] != nil:
			kind = "Unigram"
		case members["max_input_chars_per_word"] != nil:
			kind = "WordPiece"
		}
	}
	switch kind {
	case "BPE":
		return r.bpe(raw, at)
	case "WordPiece":
		return r.wordPiece(raw, at)
	case "Unigram":
		return r.unigram(raw, at)
	}
	return nil, placed(at, "it is of type %q, want \"BPE\", \"WordPiece\" or \"Unigram\"", kind)
}

// vocabulary takes over a model's tokens, whose ids are those from 0 on.
func (r *reader) vocabulary(found map[string]int64, at string) (map[string]int32, error) {
	if len(found) == 0 {
		return nil, placed(at, "it is empty")
	}
	if len(found) > maxTokens {
		return nil, placed(at, "%d tokens, want at most %d", len(found), maxTokens)
	}
	ids := make(map[string]int32, len(found))
	tokens, filled := make([]string, len(found)), make([]bool, len(found))
	for _, token := range slices.Sorted(maps.Keys(found)) {
		id := found[token]
		if id < 0 || id >= int64(len(found)) {
			return nil, placed(at, "token %q has the id %d; %d tokens have the ids 0 to %d, without holes",
				token, id, len(found), len(found)-1)
		}
		if filled[id] {
			return nil, placed(at, "tokens %q and %q both have the id %d", tokens[id], token, id)
		}
		tokens[id], filled[id], ids[token] = token, true, int32(id)
	}
	r.t.tokens = tokens
	return ids, nil
}

func (r *reader) bpe(raw json.RawMessage, at string) (map[string]int32, error) {
	var b struct {
		Type         string            `json:"type"`
		Dropout      *float64          `json:"dropout"`
		UnkToken     *string           `json:"unk_token"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
		FuseUnk      bool              `json:"fuse_unk"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Vocab        map[string]int64  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
	}
	if err := strictly(raw, &b, at); err != nil {
		return nil, err
	}
	if b.Dropout != nil && *b.Dropout != 0 {
		return nil, placed(at, "dropout %v would cut the same text otherwise every time; set it to null",
			*b.Dropout)
	}
	ids, err := r.vocabulary(b.Vocab, at+".vocab")
	if err != nil {
		return nil, err
	}
	m := &bpe{ids: ids, unknown: -1, fuse: b.FuseUnk, fallback: b.ByteFallback,
		whole: b.IgnoreMerges}
	if b.Prefix != nil {
		m.prefix = *b.Prefix
	}
	if b.Suffix != nil {
		m.suffix = *b.Suffix
	}
	if b.UnkToken != nil && *b.UnkToken != "" {
		id, ok := ids[*b.UnkToken]
		if !ok {
			return nil, placed(at, "unk_token %q is not in the vocabulary", *b.UnkToken)
		}
		m.unknown, r.t.unknown = id, id
	}
	merges := make([][2]string, len(b.Merges))
	for i, raw := range b.Merges {
		if merges[i], err = mergeOf(raw); err != nil {
			return nil, placed(fmt.Sprintf("%s.merges[%d]", at, i), "%w", err)
		}
	}
	if m.merges, err = ranked(ids, merges, m.prefix); err != nil {
		return nil, placed(at+".merges", "%w", err)
	}
	r.t.model = m
	return ids, nil
}

// mergeOf reads a pair as it is written now, two strings, or of old, one with a space.
func mergeOf(raw json.RawMessage) (merge [2]string, err error) {
	var parts []string
	if raw[0] == '[' {
		err = json.Unmarshal(raw, &parts)
	} else {
		var one string
		err = json.Unmarshal(raw, &one)
		parts = strings.Split(one, " ")
	}
	if err != nil || len(parts) != 2 {
		return merge, fmt.Errorf("%.60s is no pair of tokens", raw)
	}
	return [2]string(parts), nil
}

func (r *reader) wordPiece(raw json.RawMessage, at string) (map[string]int32, error) {
	w := struct {
		Type     string           `json:"type"`
		UnkToken string           `json:"unk_token"`
		Prefix   string           `json:"continuing_subword_prefix"`
		Most     int              `json:"max_input_chars_per_word"`
		Vocab    map[string]int64 `json:"vocab"`
	}{UnkToken: "[UNK]", Prefix: Continuing, Most: longestWord}
	if err := strictly(raw, &w, at); err != nil {
		return nil, err
	}
	ids, err := r.vocabulary(w.Vocab, at+".vocab")
	if err != nil {
		return nil, err
	}
	id, ok := ids[w.UnkToken]
	if !ok {
		return nil, placed(at, "unk_token %q is not in the vocabulary", w.UnkToken)
	}
	if w.Most < 0 {
		return nil, placed(at, "max_input_chars_per_word is %d, want at least 0", w.Most)
	}
	r.t.unknown = id
	r.t.model = newWordPiece(ids, id, w.Prefix, w.Most)
	return ids, nil
}

func (r *reader) unigram(raw json.RawMessage, at string) (map[string]int32, error) {
	var u struct {
		Type         string              `json:"type"`
		UnkID        *int32              `json:"unk_id"`
		Vocab        [][]json.RawMessage `json:"vocab"`
		ByteFallback bool                `json:"byte_fallback"`
	}
	if err := strictly(raw, &u, at); err != nil {
		return nil, err
	}
	m := &unigram{fallback: u.ByteFallback}
	found, worst := make(map[string]int64, len(u.Vocab)), 0.0
	for i, row := range u.Vocab {
		in := fmt.Sprintf("%s.vocab[%d]", at, i)
		var token string
		var score float64
		if len(row) != 2 || json.Unmarshal(row[0], &token) != nil ||
			json.Unmarshal(row[1], &score) != nil || token == "" {
			return nil, placed(in, "want a token and its score")
		}
		if before, ok := found[token]; ok {
			return nil, placed(in, "token %q is that of %d too", token, before)
		}
		found[token] = int64(i)
		m.trie.add([]rune(token), int32(i))
		m.scores = append(m.scores, score)
		if worst = min(worst, score); i == 0 {
			worst = score
		}
	}
	var err error
	if m.ids, err = r.vocabulary(found, at+".vocab"); err != nil {
		return nil, err
	}
	if u.UnkID == nil || *u.UnkID < 0 || int(*u.UnkID) >= len(u.Vocab) {
		return nil, placed(at, "unk_id must be that of a token of the vocabulary")
	}
	m.unknown, m.penalty = *u.UnkID, worst-unknownPenalty
	r.t.unknown, r.t.model = m.unknown, m
	return m.ids, nil
}
