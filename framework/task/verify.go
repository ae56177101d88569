package task

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what a plugin may send; they keep a broken or hostile plugin from
// making the host allocate without bound, and are far above real data sets.
const (
	MaxFields     = 64
	MaxSplits     = 64
	MaxClasses    = 1 << 20
	MaxVocabulary = 1 << 22
	MaxNameBytes  = 512
	MaxDocBytes   = 1 << 14
	MaxRecords    = 1 << 40
	MaxTextBytes  = 1 << 24
	MaxWords      = 1 << 18
	MaxWordBytes  = 1 << 12
	MaxInts       = 1 << 20
	MaxFloats     = 1 << 24
	MaxEpisode    = 1 << 16 // records in an episode
)

// Verify checks that a description is one this package defines and within its
// limits. The error names the field, class or split.
func (d Description) Verify() error {
	if len(d.Fields) == 0 || len(d.Fields) > MaxFields {
		return fmt.Errorf("description has %d fields, want 1 to %d", len(d.Fields), MaxFields)
	}
	seen := make(map[string]bool, len(d.Fields))
	for i, f := range d.Fields {
		if err := verifyName(f.Name); err != nil {
			return fmt.Errorf("field %d: name %w", i, err)
		}
		if seen[f.Name] {
			return fmt.Errorf("field %q is described twice", f.Name)
		}
		seen[f.Name] = true
		if err := d.verifyField(f); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	if err := d.verifySplits(); err != nil {
		return err
	}
	if err := verifyDoc(d.Licence); err != nil {
		return fmt.Errorf("licence: %w", err)
	}
	if err := verifyDoc(d.Origin); err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	if d.Digest != "" {
		raw, err := hex.DecodeString(d.Digest)
		if err != nil || len(raw) != 32 || strings.ToLower(d.Digest) != d.Digest {
			return fmt.Errorf("digest %q is not the lower-case hexadecimal of a SHA-256",
				clip(d.Digest))
		}
	}
	return nil
}

func (d Description) verifySplits() error {
	if len(d.Splits) == 0 || len(d.Splits) > MaxSplits {
		return fmt.Errorf("description has %d splits, want 1 to %d", len(d.Splits), MaxSplits)
	}
	seen := make(map[string]bool, len(d.Splits))
	var total int64
	for i, s := range d.Splits {
		if err := verifyName(s.Name); err != nil {
			return fmt.Errorf("split %d: name %w", i, err)
		}
		if seen[s.Name] {
			return fmt.Errorf("split %q is described twice", s.Name)
		}
		seen[s.Name] = true
		if s.Records < 0 || int64(s.Records) > MaxRecords-total {
			return fmt.Errorf("split %q: %d records, want at least 0 and at most %d over all "+
				"splits", s.Name, s.Records, int64(MaxRecords))
		}
		total += int64(s.Records)
	}
	return nil
}

// sizeAxes is the number of axes a field of this kind must give in Size.
var sizeAxes = map[FieldKind][]int{Vector: {1}, Sequence: {2}, Image: {2, 3}}

func (d Description) verifyField(f Field) error {
	if err := verifyDoc(f.Doc); err != nil {
		return fmt.Errorf("doc: %w", err)
	}
	if !slices.Contains(fieldKinds, f.Kind) {
		return fmt.Errorf("unknown kind %q", clip(string(f.Kind)))
	}
	if axes := sizeAxes[f.Kind]; axes == nil && f.Size != nil {
		return fmt.Errorf("a %s field has no size, got %v", f.Kind, f.Size)
	} else if axes != nil && !slices.Contains(axes, len(f.Size)) {
		return fmt.Errorf("a %s field has a size of %v axes, got %d", f.Kind, axes, len(f.Size))
	} else if err := verifySize(f.Size); err != nil {
		return err
	}
	if isClass := f.Kind == ClassOf || f.Kind == ClassSet; isClass != (len(f.Classes) > 0) {
		return fmt.Errorf("%d classes in a %s field: class and classes fields have some, others "+
			"none", len(f.Classes), f.Kind)
	}
	if err := verifyClasses(f.Classes); err != nil {
		return err
	}
	if (f.Kind == IDs) != (len(f.Vocabulary) > 0) {
		return fmt.Errorf("vocabulary of %d entries in a %s field: ids fields have one, others "+
			"none", len(f.Vocabulary), f.Kind)
	}
	if len(f.Vocabulary) > MaxVocabulary {
		return fmt.Errorf("vocabulary of %d entries, want at most %d", len(f.Vocabulary),
			MaxVocabulary)
	}
	for i, entry := range f.Vocabulary {
		if len(entry) > MaxNameBytes || !utf8.ValidString(entry) {
			return fmt.Errorf("vocabulary entry %d is not valid UTF-8 of at most %d bytes", i,
				MaxNameBytes)
		}
	}
	if !finite(f.Black) || !finite(f.White) || f.Kind != Image && f.Black != f.White {
		return fmt.Errorf("black %v and white %v in a %s field: images alone have them, finite", f.Black,
			f.White, f.Kind)
	}
	return d.verifyOf(f)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (d Description) verifyOf(f Field) error {
	want := map[FieldKind]FieldKind{Span: Text, IDs: Words}[f.Kind]
	switch {
	case f.Of == "" && f.Kind == Span:
		return fmt.Errorf("a span field must name its text field in Of")
	case f.Of == "":
		return nil
	case want == "":
		return fmt.Errorf("a %s field refers to no other field, got Of = %q", f.Kind, clip(f.Of))
	}
	i := d.Field(f.Of)
	if i < 0 || d.Fields[i].Kind != want {
		return fmt.Errorf("field %q in Of is not a %s field of this description", clip(f.Of), want)
	}
	return nil
}

func verifySize(size []int) error {
	variable, product := 0, 1
	for _, n := range size {
		switch {
		case n == -1:
			variable++
		case n < 1 || n > MaxFloats/product:
			return fmt.Errorf("size %v: axes are positive, or -1 for a variable one, with at "+
				"most %d numbers in all", size, MaxFloats)
		default:
			product *= n
		}
	}
	if variable > 1 {
		return fmt.Errorf("size %v has %d variable axes, want at most one", size, variable)
	}
	return nil
}

func verifyClasses(classes []Class) error {
	if len(classes) > MaxClasses {
		return fmt.Errorf("%d classes, want at most %d", len(classes), MaxClasses)
	}
	seen := make(map[string]bool, len(classes))
	for i, c := range classes {
		if err := verifyLabel(c.Name); err != nil {
			return fmt.Errorf("class %d: name %w", i, err)
		}
		if seen[c.Name] {
			return fmt.Errorf("class %q is described twice", c.Name)
		}
		seen[c.Name] = true
		if c.Super != "" {
			if err := verifyLabel(c.Super); err != nil {
				return fmt.Errorf("class %q: superclass %w", c.Name, err)
			}
		}
		if c.Count < 0 {
			return fmt.Errorf("class %q: count %d is negative", c.Name, c.Count)
		}
	}
	return nil
}

// Verify checks a record against the description it claims to follow. The
// description must be verified already.
func (r Record) Verify(d Description) error {
	if r.ID < 0 {
		return fmt.Errorf("record %d: the id is negative", r.ID)
	}
	if len(r.Cells) != len(d.Fields) {
		return fmt.Errorf("record %d: %d cells, want %d, one for every field", r.ID, len(r.Cells),
			len(d.Fields))
	}
	for i := range d.Fields {
		if err := r.VerifyCell(d, i); err != nil {
			return fmt.Errorf("record %d, %w", r.ID, err)
		}
	}
	return nil
}

// VerifyCell checks one cell of a record that has as many as the description has fields.
// One that refers to another is held to that as it is.
func (r Record) VerifyCell(d Description, field int) error {
	if err := r.verifyCell(d, d.Fields[field], r.Cells[field]); err != nil {
		return fmt.Errorf("field %q: %w", d.Fields[field].Name, err)
	}
	return nil
}

func (r Record) verifyCell(d Description, f Field, c Cell) error {
	if err := verifyMembers(f.Kind, c); err != nil {
		return err
	}
	switch f.Kind {
	case Text:
		if len(c.Text) > MaxTextBytes || !utf8.ValidString(c.Text) {
			return fmt.Errorf("text of %d bytes is not valid UTF-8 of at most %d", len(c.Text),
				MaxTextBytes)
		}
	case Words:
		if len(c.Words) > MaxWords {
			return fmt.Errorf("%d words, want at most %d", len(c.Words), MaxWords)
		}
		for i, w := range c.Words {
			if len(w) > MaxWordBytes || !utf8.ValidString(w) {
				return fmt.Errorf("word %d of %d bytes is not valid UTF-8 of at most %d", i, len(w),
					MaxWordBytes)
			}
		}
	case Span:
		return r.verifySpan(d, f, c.Ints)
	case ClassOf:
		if len(c.Ints) > 1 {
			return fmt.Errorf("%d classes, want one, or none for a record that is not labelled",
				len(c.Ints))
		}
		return verifyIndices(c.Ints, len(f.Classes), "class")
	case ClassSet:
		for i := 1; i < len(c.Ints); i++ {
			if c.Ints[i] <= c.Ints[i-1] {
				return fmt.Errorf("classes %d and %d are not in ascending order", c.Ints[i-1],
					c.Ints[i])
			}
		}
		return verifyIndices(c.Ints, len(f.Classes), "class")
	case IDs:
		if f.Of != "" {
			if words := len(r.Cells[d.Field(f.Of)].Words); words != len(c.Ints) {
				return fmt.Errorf("%d ids for the %d words of %q", len(c.Ints), words, f.Of)
			}
		}
		return verifyIndices(c.Ints, len(f.Vocabulary), "vocabulary entry")
	default:
		return verifyFloats(f, c.Floats)
	}
	return nil
}

// verifyMembers checks that no member is set which the kind does not use.
func verifyMembers(kind FieldKind, c Cell) error {
	var text, words, ints, floats bool
	switch kind {
	case Text:
		text = true
	case Words:
		words = true
	case Span, ClassOf, ClassSet, IDs:
		ints = true
	default:
		floats = true
	}
	switch {
	case c.Text != "" && !text:
		return fmt.Errorf("a %s cell holds text", kind)
	case c.Words != nil && !words:
		return fmt.Errorf("a %s cell holds words", kind)
	case c.Ints != nil && !ints:
		return fmt.Errorf("a %s cell holds integers", kind)
	case c.Floats != nil && !floats:
		return fmt.Errorf("a %s cell holds floating-point numbers", kind)
	}
	return nil
}

func (r Record) verifySpan(d Description, f Field, ints []int64) error {
	if len(ints) == 0 {
		return nil
	}
	if len(ints)%2 != 0 {
		return fmt.Errorf("span of %d integers, want start and end, of one or of several, or none",
			len(ints))
	}
	characters := int64(utf8.RuneCountInString(r.Cells[d.Field(f.Of)].Text))
	for ends := range slices.Chunk(ints, 2) {
		if ends[0] < 0 || ends[0] >= ends[1] || ends[1] > characters {
			return fmt.Errorf("span [%d, %d) is empty or outside the %d characters of %q", ends[0],
				ends[1], characters, f.Of)
		}
	}
	return nil
}

func verifyIndices(ints []int64, n int, what string) error {
	if len(ints) > MaxInts {
		return fmt.Errorf("%d integers, want at most %d", len(ints), MaxInts)
	}
	for _, v := range ints {
		if v < 0 || v >= int64(n) {
			return fmt.Errorf("%s %d is outside 0 to %d", what, v, n-1)
		}
	}
	return nil
}

func verifyFloats(f Field, floats []float64) error {
	if len(floats) > MaxFloats {
		return fmt.Errorf("%d numbers, want at most %d", len(floats), MaxFloats)
	}
	for i, v := range floats {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("number %d is %v, want a finite one", i, v)
		}
	}
	if f.Kind == Value {
		if len(floats) > 1 {
			return fmt.Errorf("%d numbers, want one, or none for a record that is not labelled",
				len(floats))
		}
		return nil
	}
	if _, err := f.Shape(len(floats)); err != nil {
		return err
	}
	return nil
}

// Shape returns the shape of a vector, image or sequence cell that holds n
// numbers: Size with its variable axis resolved.
func (f Field) Shape(n int) ([]int, error) {
	shape, fixed, variable := slices.Clone(f.Size), 1, -1
	for i, axis := range shape {
		if axis == -1 {
			variable = i
		} else {
			fixed *= axis
		}
	}
	switch {
	case variable < 0 && n != fixed:
		return nil, fmt.Errorf("%d numbers, want %d for size %v", n, fixed, f.Size)
	case variable >= 0 && (n == 0 || n%fixed != 0):
		return nil, fmt.Errorf("%d numbers, want a positive multiple of %d for size %v", n, fixed,
			f.Size)
	case variable >= 0:
		shape[variable] = n / fixed
	}
	return shape, nil
}

// Verify checks the records of a generated episode: their number, that ids
// differ, and each against the description.
func (e Episode) Verify(d Description) error {
	if len(e.Query) == 0 {
		return fmt.Errorf("the episode has no query records")
	}
	if n := len(e.Support) + len(e.Query); n > MaxEpisode {
		return fmt.Errorf("the episode has %d records, want at most %d", n, MaxEpisode)
	}
	seen := make(map[int64]bool, len(e.Support)+len(e.Query))
	for _, part := range [][]Record{e.Support, e.Query} {
		for _, r := range part {
			if seen[r.ID] {
				return fmt.Errorf("record %d occurs twice in the episode", r.ID)
			}
			seen[r.ID] = true
			if err := r.Verify(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyLabel checks the name of a class, which may be any text.
func verifyLabel(name string) error {
	if name == "" || len(name) > MaxNameBytes || !utf8.ValidString(name) {
		return fmt.Errorf("%q is empty, longer than %d bytes or not valid UTF-8", clip(name),
			MaxNameBytes)
	}
	return nil
}

// verifyName checks the name of a field or split, which becomes part of other names.
func verifyName(name string) error {
	if err := verifyLabel(name); err != nil {
		return err
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		return fmt.Errorf("%q holds a slash or a control character", name)
	}
	return nil
}

func verifyDoc(text string) error {
	if len(text) > MaxDocBytes || !utf8.ValidString(text) {
		return fmt.Errorf("text of %d bytes is not valid UTF-8 of at most %d", len(text),
			MaxDocBytes)
	}
	return nil
}

// clip shortens untrusted text that goes into a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
