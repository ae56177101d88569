package predict

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"quickstudy/framework/schema"
	"quickstudy/framework/task"
)

// maxLine is the most bytes of a line: a text of task.MaxTextBytes, all of it escaped,
// and numbers as they are usually written.
const maxLine = 6 * task.MaxTextBytes

// need says what is done with a member of a line.
type need uint8

const (
	ignored  need = iota // it may be there, and is not read
	optional             // empty if it is not there
	required
)

// Lines reads records as JSON Lines.
type Lines struct {
	name        string // of the file, beside which image files are looked for
	from        *bufio.Reader
	number      int // of the last line
	most        int // bytes of a line
	description task.Description
	needs       []need // by field
	// open is the class field in which a name that is not known becomes a class; -1: none.
	open int
	fits func(task.Record) error // nil: every record does
}

func newLines(name string, from io.Reader, d task.Description, needs []need) *Lines {
	return &Lines{name: name, from: bufio.NewReader(from), most: maxLine, description: d, needs: needs,
		open: -1}
}

// Next returns the records of up to n lines, numbered by their lines, and of a line with a
// mistake those before it. Lines of white space are passed over. The error is io.EOF when
// there is none left.
func (l *Lines) Next(n int) ([]task.Record, error) {
	var records []task.Record
	for len(records) < n {
		line, err := l.line()
		if errors.Is(err, io.EOF) && len(records) > 0 {
			return records, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var r task.Record
		if err == nil {
			r, err = l.record(line)
		}
		if err == nil && l.fits != nil {
			err = l.fits(r)
		}
		if err != nil {
			return records, fmt.Errorf("%s:%d: %w", l.name, l.number, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// line reads the next line, without its end.
func (l *Lines) line() ([]byte, error) {
	var line []byte
	l.number++
	for {
		part, err := l.from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > l.most:
			return nil, fmt.Errorf("the line is longer than %d bytes", l.most)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0, err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		default:
			return nil, err
		}
	}
}

// record decodes a line.
func (l *Lines) record(line []byte) (task.Record, error) {
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff")) // some editors begin a file with it
	}
	members, err := object(line)
	if err != nil {
		return task.Record{}, err
	}
	r := task.Record{ID: int64(l.number), Cells: make([]task.Cell, len(l.description.Fields))}
	var read []int
	for i, f := range l.description.Fields {
		value, there := find(members, f.Name)
		switch {
		case l.needs[i] == ignored, !there && l.needs[i] == optional:
			continue
		case !there:
			var names []string
			for _, m := range members {
				names = append(names, m.name)
			}
			return task.Record{}, fmt.Errorf("there is no member %q (it has %s)", f.Name,
				schema.OrList(names))
		}
		if r.Cells[i], err = l.cell(i, value); err != nil {
			return task.Record{}, fmt.Errorf("member %q: %w", f.Name, err)
		}
		read = append(read, i)
	}
	for _, i := range read { // once all are there: some refer to others
		if err := r.VerifyCell(l.description, i); err != nil {
			return task.Record{}, err
		}
	}
	return r, nil
}

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

func find(members []member, name string) (json.RawMessage, bool) {
	for _, m := range members {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// object decodes a line with one JSON object. A name that occurs twice is an error.
func object(line []byte) ([]member, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("the line is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("the line is no JSON object%s", because(err))
	}
	var members []member
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("the line is no JSON object%s", because(err))
		}
		m := member{name: token.(string)} // the decoder allows nothing else
		if err := d.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("member %q is no JSON%s", m.name, because(err))
		}
		if _, twice := find(members, m.name); twice {
			return nil, fmt.Errorf("member %q occurs twice", m.name)
		}
		members = append(members, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("the object does not end%s", because(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object; want one in each line")
	}
	return members, nil
}

func because(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ": it ends early"
	}
	return ": " + err.Error()
}
