package program

import (
	"fmt"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/graph"
	"quickstudy/framework/link"
)

// fewestPositions is what there is room for at first; where a text is longer the room doubles, so
// that few programs are compiled and few positions are looked at that are not there.
const fewestPositions = 16

// Texts are what is remembered of texts that are written, some for each example of an
// element, one position after another. They are rows of arrays for one program of a size;
// as texts end the rows become fewer, and the program a smaller one.
type Texts struct {
	writer *Writer
	sets   []Values      // leaves, key
	given  *tensor.Dense // memory of the examples [examples, M]; nil: none

	sizes           link.Texts
	program         *Program
	written, memory *tensor.Dense // [B, P, A], [B, M]
	other           *tensor.Dense // of the size of written, to move rows to; nil: not made yet
	row, example    []int         // of each text: its row, and whose text it is
	spare           Spare
	scores          []float64
}

// Next extends texts by a token each at a position, the one after those before it, and
// returns the scores of the token that follows, text by text, valid until the next call. Text i
// extends text from[i] of the call before; at position 0 it is one of example from[i].
func (t *Texts) Next(position int, from []int, tokens []int32) (scores func(text int) []float64,
	err error) {
	if len(from) == 0 || len(from) != len(tokens) || position < 0 || position >= t.writer.most {
		return nil, fmt.Errorf("%d texts and %d tokens at position %d, want as many of each, at "+
			"positions 0 to %d", len(from), len(tokens), position, t.writer.most-1)
	}
	if err := t.move(position, from); err != nil {
		return nil, err
	}
	arguments := Values{"written": t.written, "memory": t.memory}
	at, said := make([]int32, t.sizes.Rows), make([]int32, t.sizes.Rows)
	for i, token := range tokens {
		said[t.row[i]] = token
	}
	for row := range at {
		at[row] = int32(position)
	}
	arguments["token"] = shaped([]int{len(said)}, said)
	arguments["position"] = shaped([]int{len(at)}, at)
	results, err := t.program.RunWith(&t.spare, append([]Values{arguments}, t.sets...)...)
	if err != nil {
		return nil, err
	}
	defer t.spare.PutAll(results)
	now := results["remembered"]
	a := now.Shape()[1]
	for _, row := range t.row {
		copyPart(t.written, (row*t.sizes.Positions+position)*a, now, row*a, a)
	}
	for name, d := range results {
		if strings.HasPrefix(name, "prediction/") && d.Dims() == 2 && d.Shape()[0] == t.sizes.Rows {
			return t.rows(d), nil
		}
	}
	return nil, fmt.Errorf("program %q has no scores of the next token", t.program.f.Name)
}

// rows returns the scores of a text in a matrix.
func (t *Texts) rows(scores *tensor.Dense) func(text int) []float64 {
	n := scores.Shape()[1]
	return func(text int) []float64 {
		at := t.row[text] * n
		if data, ok := scores.Data().([]float64); ok {
			return data[at : at+n]
		}
		t.scores = t.scores[:0]
		for _, x := range scores.Float32s()[at : at+n] {
			t.scores = append(t.scores, float64(x))
		}
		return t.scores
	}
}

// move makes every text's row hold what is remembered of the text that it extends, in arrays that
// have room for a position.
func (t *Texts) move(position int, from []int) error {
	sizes, examples := t.sizes, make([]int, len(from))
	sizes.Rows, sizes.Positions = t.rowsFor(len(from)), max(sizes.Positions, fewestPositions)
	for sizes.Positions <= position {
		sizes.Positions *= 2
	}
	sizes.Positions = min(sizes.Positions, t.writer.most)
	for i, one := range from {
		examples[i] = one
		if position > 0 {
			examples[i] = t.example[one]
		}
	}
	var rows []int
	if sizes.Rows == t.sizes.Rows {
		rows = t.stay(from, examples)
	}
	remember := rows != nil // the memory is where it was
	if rows == nil {
		for i := range from {
			rows = append(rows, i)
		}
	}
	still := remember && sizes == t.sizes
	if sizes != t.sizes || t.program == nil {
		var err error
		if t.program, err = t.writer.next(sizes); err != nil {
			return err
		}
	}
	if !remember && t.given != nil {
		t.memory = zeros(t.param("memory"), t.writer.config.Precision)
		for i, row := range rows {
			copyPart(t.memory, row*sizes.Memory, t.given, examples[i]*sizes.Memory, sizes.Memory)
		}
	}
	for i, row := range rows {
		still = still && t.row[from[i]] == row
	}
	if !still {
		t.gather(position, sizes, from, rows)
	}
	t.sizes, t.row, t.example = sizes, rows, examples
	return nil
}

// gather copies what is written before a position to the rows of the texts that extend it.
func (t *Texts) gather(position int, sizes link.Texts, from, rows []int) {
	to := t.other
	if to == nil || sizes != t.sizes {
		to, t.other = zeros(t.param("written"), t.writer.config.Precision), nil
	}
	if before := t.written; before != nil {
		a := to.Shape()[2]
		for i, row := range rows {
			copyPart(to, row*sizes.Positions*a, before, t.row[from[i]]*t.sizes.Positions*a, position*a)
		}
		if sizes == t.sizes {
			t.other = before
		}
	}
	t.written = to
}

// rowsFor is the number of rows for n texts: the number of examples, doubled or halved until it
// fits closely.
func (t *Texts) rowsFor(n int) int {
	rows := t.writer.examples
	for rows < n {
		rows *= 2
	}
	for half := (rows + 1) / 2; half >= n && half < rows; half = (rows + 1) / 2 {
		rows = half
	}
	return rows
}

// stay gives texts rows such that those of an example stay in its rows, and as many as can in the
// very row that they extend; nil: there are not rows enough of an example.
func (t *Texts) stay(from, examples []int) []int {
	if t.written == nil {
		return nil
	}
	free := map[int][]int{} // by example
	for text, row := range t.row {
		free[t.example[text]] = append(free[t.example[text]], row)
	}
	rows, taken := make([]int, len(from)), map[int]bool{}
	for i, one := range from {
		if rows[i] = t.row[one]; taken[rows[i]] {
			rows[i] = -1
			continue
		}
		taken[rows[i]] = true
	}
	for i, example := range examples {
		for rows[i] < 0 {
			if len(free[example]) == 0 {
				return nil
			}
			row := free[example][0]
			if free[example] = free[example][1:]; !taken[row] {
				rows[i], taken[row] = row, true
			}
		}
	}
	return rows
}

// param is a parameter of the program.
func (t *Texts) param(name string) graph.Value {
	for _, v := range t.program.Params() {
		if v.Name == name {
			return v
		}
	}
	return graph.Value{}
}

// copyPart copies n elements of a floating-point tensor from one place to another of a tensor of
// the same type.
func copyPart(to *tensor.Dense, at int, from *tensor.Dense, start, n int) {
	if to.Dtype() == tensor.Float64 {
		copy(to.Float64s()[at:at+n], from.Float64s()[start:start+n])
		return
	}
	copy(to.Float32s()[at:at+n], from.Float32s()[start:start+n])
}
