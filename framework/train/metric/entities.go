package metric

import (
	"slices"
	"strings"
)

// Entity is a run of words of one type: [Start, End) of a sequence of tags.
type Entity struct {
	Type       string
	Start, End int
}

// Entities returns the entities that tags mark, in their order. A tag is O, or a prefix
// and a type as in B-LOC: B begins, I goes on; E ends and S is alone in the scheme
// IOBES. What no scheme allows is read as conlleval reads it, and seqeval by default: an
// I that goes on with nothing, or with another type, begins. Tjong Kim Sang & Buchholz
// 2000, https://aclanthology.org/W00-0726.
func Entities(tags []string) []Entity {
	var found []Entity
	open := false
	before, beforeType := "O", ""
	for i, tag := range append(slices.Clone(tags), "O") {
		prefix, kind := tag, ""
		if p, k, ok := strings.Cut(tag, "-"); ok {
			prefix, kind = p, k
		}
		outside := prefix == "O"
		ended := before == "E" || before == "S"
		other := kind != beforeType
		if open && (ended || outside || prefix == "B" || prefix == "S" || other) {
			found[len(found)-1].End, open = i, false
		}
		if !outside && (prefix == "B" || prefix == "S" || ended || before == "O" || other) {
			found, open = append(found, Entity{Type: kind, Start: i}), true
		}
		before, beforeType = prefix, kind
	}
	return found
}

// Tagged reports whether tags mark entities: each is O, or B, I, E or S and a type, and
// one is not O.
func Tagged(vocabulary []string) bool {
	types := 0
	for _, tag := range vocabulary {
		prefix, kind, ok := strings.Cut(tag, "-")
		switch {
		case tag == "O":
		case !ok || kind == "" || !slices.Contains([]string{"B", "I", "E", "S"}, prefix):
			return false
		default:
			types++
		}
	}
	return types > 0
}

// Spans counts entities or other spans that were there and were found. Its F1 is the
// micro-average over types.
type Spans struct {
	TruePositives  int64 // of one type, with both ends right
	FalsePositives int64 // found and not there
	FalseNegatives int64 // there and not found
}

// Count adds the entities of one sequence.
func (s *Spans) Count(truth, predicted []Entity) {
	right := int64(0)
	for _, e := range predicted {
		if slices.Contains(truth, e) {
			right++
		}
	}
	s.TruePositives += right
	s.FalsePositives += int64(len(predicted)) - right
	s.FalseNegatives += int64(len(truth)) - right
}

// F1 returns 2tp/(2tp+fp+fn); NaN if nothing was there and nothing was found.
func (s *Spans) F1() float64 {
	return f1(float64(s.TruePositives), float64(s.FalsePositives), float64(s.FalseNegatives))
}
