package record

import (
	"fmt"

	"quickstudy/framework/sampling"
	"quickstudy/framework/terminal"
)

// encodings is what encoding.json holds.
type encodings struct {
	Format int        `json:"format"`
	Data   []Encoding `json:"data"`
}

// An Encoding says what encoding the data of a task has come to: of training, the episodes
// and batches of all steps; of the test, each of its episodes or batches once.
type Encoding struct {
	Task  string `json:"task"`
	Split string `json:"split"`
	sampling.Statistics
}

// String says it in one line.
func (e Encoding) String() string {
	return fmt.Sprintf("%s, %s: %v", terminal.Line(e.Task), terminal.Line(e.Split), e.Statistics)
}

func (e *encodings) check() error {
	for i, one := range e.Data {
		if one.Task == "" || one.Split == "" {
			return fmt.Errorf("data %d: task %q and split %q, want both", i, one.Task, one.Split)
		}
		for _, n := range []int64{one.Inputs, one.Padding, one.Truncated, one.Lost,
			one.Positions - one.Padding} {
			if n < 0 {
				return fmt.Errorf("task %q, %s: a count is negative: %+v", one.Task, one.Split,
					one.Statistics)
			}
		}
	}
	return nil
}

// WriteEncodings writes what encoding the run's data has come to.
func (r *Run) WriteEncodings(data []Encoding) error {
	if err := r.mustBeLocked("write what encoding came to"); err != nil {
		return err
	}
	return writeJSON(r.path(encodingFile), maxEncoding, &encodings{Format: FormatVersion, Data: data})
}

// Encodings returns what encoding the run's data has come to, or ErrNotYet.
func (r *Run) Encodings() ([]Encoding, error) {
	var e encodings
	if err := readJSON(r.path(encodingFile), maxEncoding, &e); err != nil {
		return nil, r.notYet("statistics of encoding", err)
	}
	return e.Data, nil
}
