package sampling

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// boundInput is an input whose field is found in the records.
type boundInput struct {
	Input
	fields  []int
	written bool // a target is its own tokens: see encode
}

// boundTarget is a predict whose field is found in the records.
type boundTarget struct {
	name        string
	field       int
	kind        task.FieldKind // as in Predict
	set         int            // the input whose positions are meant,
	of          int            // and the field there that a span or tags are of
	local       bool           // labels are positions in the episode
	perPosition bool           // of a value
	classes     int
}

// bind finds the fields of the configuration and checks that their kinds fit.
func (t *Task) bind() error {
	d := t.pool.description
	if len(t.config.Inputs) == 0 {
		return fmt.Errorf("inputs: no field is fed to the backbone")
	}
	sets := make(map[string]bool)
	for _, in := range t.config.Inputs {
		if sets[in.set()] {
			return fmt.Errorf("inputs: set %q is fed twice", in.set())
		}
		sets[in.set()] = true
		bound, err := bindInput(d, in)
		if err != nil {
			return fmt.Errorf("inputs: field %q: %w", in.Name(), err)
		}
		t.inputs = append(t.inputs, bound)
	}
	names := make(map[string]bool)
	for _, p := range t.config.Predicts {
		if names[p.Name] || sets[p.Name] {
			return fmt.Errorf("predict %q: the name is taken", p.Name)
		}
		names[p.Name] = true
		bound, err := t.bindTarget(d, p)
		if err != nil {
			return fmt.Errorf("predict %q: %w", p.Name, err)
		}
		t.targets = append(t.targets, bound)
	}
	if t.config.ZeroShot != nil {
		return t.bindZeroShot()
	}
	return nil
}

func bindInput(d task.Description, in Input) (boundInput, error) {
	if err := in.Check(d); err != nil {
		return boundInput{}, err
	}
	bound := boundInput{Input: in}
	for _, name := range in.Fields {
		bound.fields = append(bound.fields, d.Field(name))
	}
	switch {
	case in.Kind != Tokens:
	case in.Tokenizer == nil:
		return boundInput{}, fmt.Errorf("tokens need a tokenizer")
	case len(in.Fields) > 1:
		if _, ok := in.Tokenizer.SeparatorID(); !ok {
			return boundInput{}, fmt.Errorf("several texts as one need a tokenizer with a separator token")
		}
	}
	return bound, nil
}

// Check says why an input cannot be fed from records of a description, or nil. The
// tokenizer is not looked at.
func (in Input) Check(d task.Description) error {
	if in.MaxLength < 1 {
		return fmt.Errorf("max_length %d, want at least 1", in.MaxLength)
	}
	if n := len(in.Fields); n < 1 || n > 1 && in.Kind != Tokens {
		return fmt.Errorf("%d fields, want one, or of tokens at least one", n)
	}
	for _, name := range in.Fields {
		field := d.Field(name)
		if field < 0 {
			return fmt.Errorf("the records have no field %q", name)
		}
		if err := in.check(d.Fields[field]); err != nil {
			return err
		}
	}
	return nil
}

// check says why a field cannot be read, or nil.
func (in Input) check(f task.Field) error {
	switch in.Kind {
	case Tokens:
		if f.Kind != task.Text && f.Kind != task.Words {
			return fmt.Errorf("tokens come from a text or words field, and this is of kind %s",
				f.Kind)
		}
	case Numeric:
		features := 1
		switch {
		case f.Kind == task.Vector && f.Size[0] > 0:
			features = f.Size[0]
		case f.Kind == task.Sequence && f.Size[1] > 0:
			features = f.Size[1]
		case f.Kind != task.Value:
			return fmt.Errorf("numbers come from a value field, or a vector or sequence field "+
				"with a fixed number of features; this is of kind %s and size %v", f.Kind, f.Size)
		}
		if in.Features != features {
			return fmt.Errorf("it has %d numbers at each position, and the backbone's input has "+
				"features = %d", features, in.Features)
		}
	case Image:
		if err := in.Image.verify(); err != nil {
			return err
		}
		if all := in.Image.positions(); in.MaxLength != all {
			return fmt.Errorf("max_length %d, want %d: one more than the patches", in.MaxLength, all)
		}
		want := []int{in.Image.Height, in.Image.Width, in.Image.Channels}
		size := f.Size
		if len(size) == 2 {
			size = append(slices.Clone(size), 1)
		}
		if f.Kind != task.Image || !slices.Equal(size, want) {
			return fmt.Errorf("the backbone reads images of height, width and channels %v, and this is of "+
				"kind %s and size %v", want, f.Kind, f.Size)
		}
	default:
		return fmt.Errorf("input kind %q, want %q, %q or %q", in.Kind, Tokens, Numeric, Image)
	}
	return nil
}

// features is F, the numbers at a position.
func (in boundInput) features() int {
	if in.Kind == Image {
		return in.Image.features()
	}
	return max(in.Features, 1)
}

// numbers returns what the positions of a record have, [T, F].
func (in boundInput) numbers(r task.Record) []float64 {
	floats := r.Cells[in.fields[0]].Floats
	if in.Kind == Image {
		return in.Image.patches(floats)
	}
	return floats
}

func (t *Task) bindTarget(d task.Description, p Predict) (boundTarget, error) {
	if p.Name == "" || strings.Contains(p.Name, "/") {
		return boundTarget{}, fmt.Errorf("the name is empty or holds a slash")
	}
	field := d.Field(p.Target)
	if field < 0 {
		return boundTarget{}, fmt.Errorf("the records have no field %q", p.Target)
	}
	f := d.Fields[field]
	bound := boundTarget{name: p.Name, field: field, kind: p.Kind}
	var err error
	switch {
	case p.Kind == task.ClassOf && f.Kind == task.ClassOf:
		bound.classes = len(f.Classes)
		bound.local = t.config.episodic() && field == t.pool.classField
	case p.Kind == task.ClassSet && f.Kind == task.ClassSet:
		bound.classes = len(f.Classes)
	case p.Kind == task.Value && f.Kind == task.Value:
	case p.Kind == task.Value && f.Kind == task.Vector:
		bound.perPosition = true
	case p.Kind == task.Span && f.Kind == task.Span:
		bound.of = d.Field(f.Of)
		bound.set, err = t.reader(f.Of)
	case p.Kind == task.IDs && f.Kind == task.IDs && f.Of != "":
		bound.classes = len(f.Vocabulary)
		bound.of = d.Field(f.Of)
		bound.set, err = t.reader(f.Of)
	case p.Kind == task.Text && (f.Kind == task.Text || f.Kind == task.Words):
		if bound.set, err = t.reader(p.Target); err != nil {
			break
		}
		in := &t.inputs[bound.set]
		if in.fields[len(in.fields)-1] != field {
			return boundTarget{}, fmt.Errorf("a text that is written is the last that its input reads, and "+
				"the input reads %s", in.Name())
		}
		if _, _, ok := in.Tokenizer.EndIDs(); !ok {
			return boundTarget{}, fmt.Errorf("texts that are written need a tokenizer with begin and " +
				"end tokens")
		}
		in.written, bound.classes = true, in.Tokenizer.Size()
	default:
		err = fmt.Errorf("the head asks for a %s, and target %q is of kind %s", p.Kind, p.Target,
			f.Kind)
	}
	return bound, err
}

// reader is the input that reads a field as tokens.
func (t *Task) reader(field string) (int, error) {
	for i, in := range t.inputs {
		if in.Kind == Tokens && slices.Contains(in.Fields, field) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("its positions are those of the field %q, which no input reads as tokens",
		field)
}

// MicroBatch is the number of examples of one element of a step: as
// configured, or DefaultMicroBatch of the longest inputs.
func (t *Task) MicroBatch() int {
	if b := t.config.Batches; b != nil && b.MicroBatch > 0 {
		return b.MicroBatch
	}
	longest := 0
	for _, in := range t.inputs {
		longest += in.MaxLength
	}
	return DefaultMicroBatch(longest)
}

// Encode fetches the records of a draw and turns them into arrays. Support and
// query of an episode are padded to the same length.
func (t *Task) Encode(d Draw) (*Episode, error) {
	episode, err := t.encode(d)
	if err != nil {
		return nil, t.inDraw(d, err)
	}
	return episode, nil
}

// inDraw says where an error comes from.
func (t *Task) inDraw(d Draw, err error) error {
	return fmt.Errorf("task %q: draw %d of %s: %w", t.config.Name, d.Index, d.Split, err)
}

func (t *Task) encode(d Draw) (*Episode, error) {
	support, query, err := t.records(d)
	if err != nil {
		return nil, err
	}
	return t.arrays(d, support, query, t.rows(len(support)), t.rows(len(query)))
}

// arrays encodes the records of a draw, padded to numbers of rows.
func (t *Task) arrays(d Draw, support, query []task.Record, supportRows, queryRows int) (*Episode,
	error) {
	lengths := make([]int, len(t.inputs))
	var err error
	var parts [2]*layout
	for i, records := range [][]task.Record{support, query} {
		if parts[i], err = t.lay(records, lengths); err != nil {
			return nil, err
		}
	}
	for i, in := range t.inputs {
		if lengths[i] = bucket(lengths[i], in.MaxLength); in.Kind == Image {
			lengths[i] = in.MaxLength
		}
	}
	episode := &Episode{Draw: d}
	if len(support) > 0 {
		if episode.Support, err = t.batch(d, parts[0], supportRows, lengths); err != nil {
			return nil, err
		}
	}
	episode.Query, err = t.batch(d, parts[1], queryRows, lengths)
	return episode, err
}

// fewestRows is the smallest B of episodes that vary. Smaller ones would be programs of their
// own, and of many episodes that vary hardly one is so small.
const fewestRows = 32

// rows is B for n examples: n itself where every draw has as many, a bucket
// where their number varies, the batch size where the last may be short.
func (t *Task) rows(n int) int {
	switch {
	case t.config.Batches != nil:
		return t.config.Batches.Size
	case t.config.varies():
		return bucket(max(n, fewestRows), 0)
	}
	return n
}

// layout is the inputs of some records before their common length is known.
type layout struct {
	records   []task.Record
	tokens    [][]tokens    // [input][record]; nil of numbers
	numbers   [][][]float64 // [input][record]: [T, F]; nil of tokens
	truncated int           // inputs
	lost      int           // positions
}

// tokens are the positions of a record in an input, where they come from, and of a text
// that is written the token after each.
type tokens struct {
	text.Encoding
	of   []int // whose they are, by position among the fields; -1: special ones
	next []int32
	cut  bool // there were more
}

// encode returns the tokens of a record. Of a text that is written, after what else the input
// reads, they are all but the end, from the begin token on; what follows them is all but the begin.
func (in boundInput) encode(r task.Record) tokens {
	parts := make([]text.Part, len(in.fields))
	for i, field := range in.fields {
		parts[i] = text.Part{Text: r.Cells[field].Text, Words: r.Cells[field].Words}
	}
	e, of := in.Tokenizer.EncodeParts(parts...)
	if !in.written {
		return tokens{Encoding: e, of: of}
	}
	lo, hi := in.Tokenizer.Written(len(e.IDs))
	return tokens{Encoding: text.Encoding{IDs: e.IDs[lo:hi], Spans: e.Spans[lo:hi]}, of: of[lo:hi],
		next: e.IDs[lo+1 : hi+1]}
}

// ofField returns the encoding in which the tokens of other fields have no span. The field
// is one of the record's, by its position there.
func (in boundInput) ofField(k tokens, field int) text.Encoding {
	e, part := text.Encoding{IDs: k.IDs}, slices.Index(in.fields, field)
	for i, s := range k.Spans {
		if k.of[i] != part {
			s = text.Span{Start: -1, End: -1}
		}
		e.Spans = append(e.Spans, s)
	}
	return e
}

// first returns the first n positions.
func (k tokens) first(n int) tokens {
	k.IDs, k.Spans, k.of, k.cut = k.IDs[:n], k.Spans[:n], k.of[:n], true
	if k.next != nil {
		k.next = k.next[:n]
	}
	return k
}

// length is the number of positions of a record in an input.
func (l *layout) length(input, record, features int) int {
	if l.tokens[input] != nil {
		return len(l.tokens[input][record].IDs)
	}
	return len(l.numbers[input][record]) / features
}

// lay tokenises records and raises lengths to the longest of each input.
func (t *Task) lay(records []task.Record, lengths []int) (*layout, error) {
	l := &layout{
		records: records,
		tokens:  make([][]tokens, len(t.inputs)),
		numbers: make([][][]float64, len(t.inputs)),
	}
	for i, in := range t.inputs {
		features := in.features()
		for j, r := range records {
			if in.Kind != Tokens {
				l.numbers[i] = append(l.numbers[i], in.numbers(r))
			} else {
				l.tokens[i] = append(l.tokens[i], in.encode(r))
			}
			length := l.length(i, j, features)
			if length > in.MaxLength {
				if !t.config.Truncate {
					return nil, fmt.Errorf("record %d: %w", r.ID, in.tooLong(length))
				}
				l.truncated++
				l.lost += length - in.MaxLength
				length = in.MaxLength
				if in.Kind != Tokens {
					l.numbers[i][j] = l.numbers[i][j][:length*features]
				} else {
					l.tokens[i][j] = l.tokens[i][j].first(length)
				}
			}
			lengths[i] = max(lengths[i], length)
		}
	}
	return l, nil
}

// positions is the number of positions of a record in the input, cut or not.
func (in boundInput) positions(r task.Record) int {
	switch in.Kind {
	case Numeric:
		return len(r.Cells[in.fields[0]].Floats) / in.features()
	case Image:
		return in.MaxLength
	}
	return len(in.encode(r).IDs)
}

func (in boundInput) tooLong(positions int) error {
	return fmt.Errorf("%q has %d positions, more than max_length = %d; raise it, or allow truncation",
		in.Name(), positions, in.MaxLength)
}

// TooLong counts the records of all splits that have more positions in an input than
// its largest length, whether they are truncated or refused; longest is the largest number
// of them. A generator has no records.
func (t *Task) TooLong(input int) (over, all, longest int, err error) {
	in := t.inputs[input]
	if t.pool.generator != nil {
		return 0, 0, 0, nil
	}
	for _, split := range splitNames {
		err := t.pool.each(split, func(r task.Record) {
			n := in.positions(r)
			if n > in.MaxLength {
				over++
			}
			longest, all = max(longest, n), all+1
		})
		if err != nil {
			return 0, 0, 0, fmt.Errorf("task %q: %w", t.config.Name, err)
		}
	}
	return over, all, longest, nil
}

// batch writes the arrays of some records, padded to rows examples and to the
// lengths of the inputs.
func (t *Task) batch(d Draw, l *layout, rows int, lengths []int) (*Batch, error) {
	b := &Batch{Rows: rows, Inputs: len(l.records) * len(t.inputs), Truncated: l.truncated,
		Lost: l.lost}
	for _, r := range l.records {
		b.IDs = append(b.IDs, r.ID)
	}
	for i, in := range t.inputs {
		T, F := lengths[i], in.features()
		mask := make([]float64, rows*T)
		values := Array{Name: in.set() + "/tokens", Shape: []int{rows, T}, PerExample: true}
		if in.Kind != Tokens {
			values.Name, values.Shape = in.set()+"/"+string(in.Kind), []int{rows, T, F}
			values.Floats = make([]float64, rows*T*F)
		} else {
			values.Ints = make([]int32, rows*T) // zero is text.PadID
		}
		real := 0
		for j := range l.records {
			if in.Kind != Tokens {
				copy(values.Floats[j*T*F:], l.numbers[i][j])
			} else {
				copy(values.Ints[j*T:], l.tokens[i][j].IDs)
			}
			n := l.length(i, j, F)
			for k := range n {
				mask[j*T+k] = 1
			}
			real += n
		}
		b.Positions += rows * T
		b.Padding += rows*T - real
		b.Arrays = append(b.Arrays, values,
			Array{Name: in.set() + "/mask", Shape: []int{rows, T}, Floats: mask, PerExample: true})
	}
	for _, target := range t.targets {
		arrays, err := t.target(d, target, l, rows, lengths[target.set])
		if err != nil {
			return nil, fmt.Errorf("predict %q: %w", target.name, err)
		}
		b.Arrays = append(b.Arrays, arrays...)
	}
	return b, nil
}
