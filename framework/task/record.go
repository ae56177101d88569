package task

// FieldKind says what a field's cells hold, and so which member of a Cell is set.
type FieldKind string

// The kinds of field.
const (
	Text  FieldKind = "text"  // Cell.Text: any valid UTF-8
	Words FieldKind = "words" // Cell.Words: text already split by the data set
	// Span is Cell.Ints: [start, end) in characters of Of; none: no span. Where others follow, the
	// first is the one that is learned, and an answer is as right as the best of them says.
	Span     FieldKind = "span"
	ClassOf  FieldKind = "class"    // Cell.Ints: one index into Classes; none: not labelled
	ClassSet FieldKind = "classes"  // Cell.Ints: ascending indices into Classes, possibly none
	Value    FieldKind = "value"    // Cell.Floats: one number; none: not labelled
	Vector   FieldKind = "vector"   // Cell.Floats: [N], Size {N} or {-1}
	Image    FieldKind = "image"    // Cell.Floats: [H, W] or [H, W, C], row-major
	Sequence FieldKind = "sequence" // Cell.Floats: [T, F], row-major, Size {T or -1, F}
	IDs      FieldKind = "ids"      // Cell.Ints: into Vocabulary; with Of: one per word of that field
)

var fieldKinds = []FieldKind{
	Text, Words, Span, ClassOf, ClassSet, Value, Vector, Image, Sequence, IDs,
}

// Field describes one column of a task's records.
type Field struct {
	Name       string
	Kind       FieldKind
	Doc        string
	Of         string   // span: the text field; ids: the words field they tag, if any
	Size       []int    // vector, image, sequence: the a record's shape; -1: a variable axis
	Classes    []Class  // class, classes
	Vocabulary []string // ids
	// Black and White are what a black and a white pixel of an image file are in records; what
	// lies between is in proportion. Equal: it is not told.
	Black, White float64
}

// Class is one class of a class field.
type Class struct {
	Name  string
	Super string // the superclass, "" for none
	Count int    // records of this class over all splits
}

// Split is a division of the records as published: "train", "validation",
// "test", or one "all".
type Split struct {
	Name    string
	Records int // 0 in a Generator, whose splits have no end
}

// Description says what a task's records look like and where they are from.
type Description struct {
	Fields  []Field
	Splits  []Split
	Licence string // for instance "CC BY 3.0"
	Origin  string // who made the data, and where it is found
	Digest  string // lower-case hexadecimal SHA-256 of the data, "" when generated
}

// Field returns the position of the named field, or -1.
func (d Description) Field(name string) int {
	for i, f := range d.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// Records is the number of records over all splits; ids run from 0 to
// Records()-1, one split after the other in the order of Splits.
func (d Description) Records() int64 {
	var n int64
	for _, s := range d.Splits {
		n += int64(s.Records)
	}
	return n
}

// Cell is one value of one record. The kind of the field says which member is set.
type Cell struct {
	Text   string
	Words  []string
	Ints   []int64
	Floats []float64
}

// Record is one example: a cell for every field, in the order of
// Description.Fields.
type Record struct {
	ID    int64
	Cells []Cell
}

// Episode is a generated task: records to adapt on and records to be judged
// by. Support is nil when there is nothing to adapt on.
type Episode struct {
	Support, Query []Record
}
