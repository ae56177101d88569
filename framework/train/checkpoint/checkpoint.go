package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"quickstudy/framework/regular"
	"quickstudy/framework/train/checkpoint/safetensors"
)

// The groups that every run has. Others may be added under other names.
const (
	Parameters = "parameters" // leaves, by address
	Learner    = "learner"    // the meta-learner's own state
	Slots      = "slots"      // the optimizer's state
)

// FormatVersion is the version of the layout. It grows when an older program
// would misread the file.
const FormatVersion = 1

// Keys of the metadata. A counter named n is at counterPrefix + n.
const (
	versionKey    = "checkpoint.version"
	stepKey       = "checkpoint.step"
	arithmeticKey = "checkpoint.arithmetic"
	checksumKey   = "checkpoint.crc32c"
	counterPrefix = "counter."
)

// ErrDamaged is wrapped by errors about files that are torn or altered, as
// opposed to those that could not be read, or that another version wrote.
var ErrDamaged = errors.New("damaged checkpoint")

// A Checkpoint is the state of a run after a step.
type Checkpoint struct {
	Step       int64
	Arithmetic string // what decides about the bits; resuming on another changes them
	Groups     map[string][]safetensors.Tensor

	counters map[string]string // JSON
}

// New returns a checkpoint without arrays and counters.
func New(step int64, arithmetic string) *Checkpoint {
	return &Checkpoint{Step: step, Arithmetic: arithmetic,
		Groups: map[string][]safetensors.Tensor{}, counters: map[string]string{}}
}

// SetCounter keeps v, which must have a JSON form: NaN and infinities have none.
// Integers and finite floats come back exactly.
func (c *Checkpoint) SetCounter(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("counter %q: %w", name, err)
	}
	if c.counters == nil {
		c.counters = map[string]string{}
	}
	c.counters[name] = string(text)
	return nil
}

// Counter stores the counter's value in what v points to. A counter that is not
// there, or of another type, is an error; so are members of an object that v's
// type lacks, since they would be lost.
func (c *Checkpoint) Counter(name string, v any) error {
	text, ok := c.counters[name]
	if !ok {
		return fmt.Errorf("the checkpoint of step %d has no counter %q; it has %q", c.Step, name,
			c.Counters())
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("counter %q of the checkpoint of step %d: %.80s does not fit %T: %w", name,
			c.Step, text, v, err)
	}
	return nil
}

// Counters returns the names of the counters, sorted.
func (c *Checkpoint) Counters() []string { return slices.Sorted(maps.Keys(c.counters)) }

// Write writes the checkpoint as a safetensors file. The same state gives the
// same bytes.
func (c *Checkpoint) Write(w io.Writer) error {
	f, err := c.file()
	if err != nil {
		return err
	}
	return safetensors.Write(w, f)
}

func (c *Checkpoint) file() (*safetensors.File, error) {
	if c.Step < 0 {
		return nil, fmt.Errorf("checkpoint of step %d, want at least 0", c.Step)
	}
	f := &safetensors.File{Metadata: map[string]string{
		versionKey:    strconv.Itoa(FormatVersion),
		stepKey:       strconv.FormatInt(c.Step, 10),
		arithmeticKey: c.Arithmetic,
	}}
	for name, text := range c.counters {
		f.Metadata[counterPrefix+name] = text
	}
	for group, tensors := range c.Groups {
		if group == "" || strings.Contains(group, "/") {
			return nil, fmt.Errorf("group %q of a checkpoint: want a name without \"/\"", group)
		}
		for _, t := range tensors {
			t.Name = group + "/" + t.Name
			f.Tensors = append(f.Tensors, t)
		}
	}
	sum, err := checksum(f)
	if err != nil {
		return nil, err
	}
	f.Metadata[checksumKey] = sum
	return f, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the CRC-32C of the file that f makes before its checksum is
// added.
func checksum(f *safetensors.File) (string, error) {
	h := crc32.New(castagnoli)
	if err := safetensors.Write(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%08x", h.Sum32()), nil
}

// Load reads a checkpoint. Errors about a file that is torn or altered wrap
// ErrDamaged.
func Load(path string) (*Checkpoint, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := Read(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w", path, err)
	}
	return c, nil
}

// Is reports whether a safetensors file with this metadata is a checkpoint, of
// whatever version.
func Is(metadata map[string]string) bool { return metadata[versionKey] != "" }

// Read reads a checkpoint of size bytes; see Load.
func Read(r io.Reader, size int64) (*Checkpoint, error) {
	f, err := safetensors.Read(r, size)
	var format *safetensors.FormatError
	if errors.As(err, &format) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err != nil {
		return nil, err
	}
	if err := verify(f); err != nil {
		return nil, err
	}
	c := New(0, f.Metadata[arithmeticKey])
	if c.Step, err = strconv.ParseInt(f.Metadata[stepKey], 10, 64); err != nil || c.Step < 0 {
		return nil, fmt.Errorf("%w: %s is %q, want an integer from 0", ErrDamaged, stepKey,
			f.Metadata[stepKey])
	}
	for key, text := range f.Metadata {
		name, isCounter := strings.CutPrefix(key, counterPrefix)
		if !isCounter {
			continue
		}
		if !json.Valid([]byte(text)) {
			return nil, fmt.Errorf("%w: counter %q is not JSON", ErrDamaged, name)
		}
		c.counters[name] = text
	}
	for _, t := range f.Tensors {
		group, name, ok := strings.Cut(t.Name, "/")
		if !ok || group == "" || name == "" {
			return nil, fmt.Errorf("%w: tensor %q, want <group>/<name>", ErrDamaged, t.Name)
		}
		t.Name = name
		c.Groups[group] = append(c.Groups[group], t)
	}
	return c, nil
}

// verify checks the checksum, which it takes out of the metadata, and the
// version. A file of another version may be summed in another way, or not.
func verify(f *safetensors.File) error {
	want, summed := f.Metadata[checksumKey]
	delete(f.Metadata, checksumKey)
	got, err := checksum(f)
	if err != nil {
		return err
	}
	if summed && got != want {
		return fmt.Errorf("%w: its content has the checksum %s, what was written had %q", ErrDamaged,
			got, want)
	}
	switch version := f.Metadata[versionKey]; {
	case version == "":
		return fmt.Errorf("a safetensors file, but no checkpoint: its metadata lacks %q", versionKey)
	case version != strconv.Itoa(FormatVersion):
		return fmt.Errorf("version %q of the checkpoint format, this program reads %d", version,
			FormatVersion)
	case !summed:
		return fmt.Errorf("%w: its metadata lacks %q", ErrDamaged, checksumKey)
	}
	return nil
}
