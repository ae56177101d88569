package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"quickstudy/framework/regular"
)

// maxLine is the most bytes of one line of the metrics.
const maxLine = 1 << 20

// A Line is what was measured at one step.
type Line struct {
	Step  int64  `json:"step"`
	Event string `json:"event"` // "train", "validation", ...
	// Values by name. They are a function of the experiment, to the last bit.
	Values map[string]Number `json:"values"`
	// Seconds since the process began to train. It is no part of what a resumed run
	// repeats exactly.
	Seconds float64 `json:"seconds,omitempty"`
}

func (l Line) check() error {
	if l.Step < 0 {
		return fmt.Errorf("step %d, want at least 0", l.Step)
	}
	if l.Event == "" {
		return errors.New("the event is missing")
	}
	return nil
}

// ReadMetrics yields the lines of metrics.jsonl in their order. A last line
// without its newline was torn when the process died, and is left out. Any other
// mistake is yielded as an error, and ends the lines.
func ReadMetrics(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for line, err := range placedLines(r) {
			if !yield(line.Line, err) {
				return
			}
		}
	}
}

// A placedLine is a line and the bytes it has in the file, newline included.
type placedLine struct {
	Line
	bytes int64
}

func placedLines(r io.Reader) iter.Seq2[placedLine, error] {
	return func(yield func(placedLine, error) bool) {
		buffer := bufio.NewReaderSize(r, maxLine)
		last := int64(0)
		for number := 1; ; number++ {
			text, err := buffer.ReadSlice('\n')
			if errors.Is(err, io.EOF) {
				return // with or without a torn line
			}
			var line placedLine
			if err == nil {
				line, err = parseLine(text, last)
			} else if errors.Is(err, bufio.ErrBufferFull) {
				err = fmt.Errorf("more than %d bytes", maxLine)
			}
			if err != nil {
				yield(placedLine{}, fmt.Errorf("line %d: %w", number, err))
				return
			}
			if !yield(line, nil) {
				return
			}
			last = line.Step
		}
	}
}

// parseLine parses a line with its newline; last is the step of the one before.
func parseLine(text []byte, last int64) (placedLine, error) {
	line := placedLine{bytes: int64(len(text))}
	if err := json.Unmarshal(text, &line.Line); err != nil {
		return line, jsonError(err)
	}
	if err := line.check(); err != nil {
		return line, err
	}
	if line.Step < last {
		return line, fmt.Errorf("step %d after step %d", line.Step, last)
	}
	return line, nil
}

// Metrics returns the lines written so far; see ReadMetrics. A run that has
// written none has none.
func (r *Run) Metrics() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		f, err := regular.Open(r.path(metricsFile))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(Line{}, err)
			return
		}
		defer f.Close()
		for line, err := range ReadMetrics(f) {
			if err != nil {
				err = fmt.Errorf("%s: %w", f.Name(), err)
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// Append writes a line, all of it in one call of the system, so that a killed
// process loses none of the lines before. Steps must not go back.
func (r *Run) Append(line Line) error {
	j, err := r.journal()
	if err != nil {
		return err
	}
	return j.append(line)
}

// Sync makes the lines so far outlast a loss of power. Call it before a
// checkpoint is saved.
func (r *Run) Sync() error {
	j, err := r.journal()
	if err != nil {
		return err
	}
	return j.file.Sync()
}

// Truncate keeps the first lines and removes the rest: what was written after
// the checkpoint that the run goes on from. Lines are counted, because those of
// the checkpoint's own step may have been written before or after it.
func (r *Run) Truncate(lines int64) error {
	j, err := r.journal()
	if err != nil {
		return err
	}
	kept, err := j.cut(func(number int64, _ Line) bool { return number <= lines })
	if err == nil && kept < lines {
		err = fmt.Errorf("%s has %d lines, %d had been written: it was changed since", j.file.Name(),
			kept, lines)
	}
	return err
}

// journal opens the metrics for appending.
func (r *Run) journal() (*journal, error) {
	if err := r.mustBeLocked("write metrics"); err != nil {
		return nil, err
	}
	if r.metrics == nil {
		j, err := openJournal(r.path(metricsFile))
		if err != nil {
			return nil, fmt.Errorf("write metrics: %w", err)
		}
		r.metrics = j
	}
	return r.metrics, nil
}

// A journal is the metrics file, opened for appending.
type journal struct {
	file *os.File
	end  int64 // where the last whole line ends, and the next one begins
	last int64 // its step
}

// openJournal opens the file, making it if need be, and cuts a torn last line off.
func openJournal(path string) (*journal, error) {
	f, err := openToChange(path)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f}
	if _, err := j.cut(func(int64, Line) bool { return true }); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// cut ends the file before the first line, numbered from 1, that keep refuses,
// and returns how many are left.
func (j *journal) cut(keep func(number int64, line Line) bool) (lines int64, err error) {
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	var end, last int64
	for line, err := range placedLines(j.file) {
		if err != nil {
			return 0, fmt.Errorf("%s: %w", j.file.Name(), err)
		}
		if !keep(lines+1, line.Line) {
			break
		}
		lines++
		end += line.bytes
		last = line.Step
	}
	if err := j.file.Truncate(end); err != nil {
		return 0, err
	}
	if err := j.file.Sync(); err != nil {
		return 0, err
	}
	j.end, j.last = end, last
	return lines, nil
}

func (j *journal) append(line Line) error {
	if err := line.check(); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	if line.Step < j.last {
		return fmt.Errorf("write metrics: step %d after step %d; to go back, truncate first",
			line.Step, j.last)
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write metrics of step %d: %w", line.Step, err)
	}
	text = append(text, '\n')
	if len(text) > maxLine {
		return fmt.Errorf("write metrics of step %d: %d bytes in a line, at most %d", line.Step,
			len(text), maxLine)
	}
	if _, err := j.file.WriteAt(text, j.end); err != nil {
		// Part of the line may be there, as on a full disk.
		return errors.Join(fmt.Errorf("write metrics of step %d: %w", line.Step, err),
			j.file.Truncate(j.end))
	}
	j.end += int64(len(text))
	j.last = line.Step
	return nil
}

func (j *journal) close() error { return j.file.Close() }
