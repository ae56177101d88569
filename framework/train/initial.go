package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quickstudy/framework/nn"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/record"
)

// Loaded is what another run or a file gives to the leaves of a model.
type Loaded struct {
	Path string // the file that was read
	// Step is the step of the run that the values are of; -1 for a file that is no
	// checkpoint.
	Step   int64
	Values map[string][]float64 // by address, for Config.Initial
	Unused []string             // what else the file holds, sorted
	Kept   []string             // leaves that keep their own initial values, sorted
	// Skipped says why later checkpoints of the run were passed over, the latest first.
	Skipped []error
}

// LoadLeaves reads initial values for leaves from a run's folder or a .safetensors
// file. Of a run it takes the newest checkpoint, and of a checkpoint the state that
// validation selected, if one did; in any other file an array's name is the leaf's
// address. Only leaves that match one of the patterns are taken, or all, without
// patterns. A pattern that takes nothing is an error, as is a leaf of another shape.
func LoadLeaves(from string, only []string, leaves []nn.Leaf) (*Loaded, error) {
	l, tensors, err := readLeaves(from)
	if err == nil {
		err = l.choose(tensors, only, leaves)
	}
	if err != nil {
		return nil, fmt.Errorf("initial values from %s: %w", from, err)
	}
	return l, nil
}

// readLeaves finds and reads the file.
func readLeaves(from string) (*Loaded, []safetensors.Tensor, error) {
	info, err := os.Stat(from)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		return readFile(from, info)
	}
	run, err := record.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("the folder is not that of a run, which has a run.json; name "+
			"a run's folder or a .safetensors file: %w", err)
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := checkpoint.Latest(run.Checkpoints())
	if err != nil {
		return nil, nil, err
	}
	l, tensors, err := selected(found.Path, found.Checkpoint)
	if err == nil {
		l.Skipped = found.Skipped
	}
	return l, tensors, err
}

// readFile reads a checkpoint, or any other file of arrays.
func readFile(path string, info fs.FileInfo) (*Loaded, []safetensors.Tensor, error) {
	if !info.Mode().IsRegular() || filepath.Ext(path) != ".safetensors" {
		return nil, nil, errors.New("want a run's folder or a file whose name ends in .safetensors")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	header, err := safetensors.ReadHeader(f, info.Size())
	if err != nil {
		return nil, nil, err
	}
	if checkpoint.Is(header.Metadata) {
		c, err := checkpoint.Load(path)
		if err != nil {
			return nil, nil, err
		}
		return selected(path, c)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	file, err := safetensors.Read(f, info.Size())
	if err != nil {
		return nil, nil, err
	}
	return &Loaded{Path: path, Step: -1}, file.Tensors, nil
}

// selected returns the leaves of a checkpoint.
func selected(path string, c *checkpoint.Checkpoint) (*Loaded, []safetensors.Tensor, error) {
	var count counters
	if err := c.Counter(counterName, &count); err != nil {
		return nil, nil, err
	}
	if count.Best != nil {
		return &Loaded{Path: path, Step: count.Best.Step}, c.Groups[BestParameters], nil
	}
	return &Loaded{Path: path, Step: c.Step}, c.Groups[checkpoint.Parameters], nil
}

// choose takes the values of the leaves that match.
func (l *Loaded) choose(tensors []safetensors.Tensor, only []string, leaves []nn.Leaf) error {
	l.Values = map[string][]float64{}
	byName := map[string]safetensors.Tensor{}
	for _, t := range tensors {
		byName[t.Name] = t
	}
	used := make([]bool, len(only))
	for _, leaf := range leaves {
		t, there := byName[leaf.Address]
		matches := len(only) == 0
		for i, pattern := range only {
			if there && nn.Match(pattern, leaf.Address) {
				matches, used[i] = true, true
			}
		}
		if !there || !matches || leaf.Episodic {
			l.Kept = append(l.Kept, leaf.Address)
			continue
		}
		values, err := leafValues(t, leaf)
		if err != nil {
			return err
		}
		l.Values[leaf.Address] = values
		delete(byName, leaf.Address)
	}
	l.Unused = slices.Sorted(maps.Keys(byName))
	slices.Sort(l.Kept)
	if i := slices.Index(used, false); i >= 0 {
		return fmt.Errorf("only %q takes no leaf: none that both the model and the file have matches; "+
			"the file has %s", only[i], list(slices.Sorted(maps.Keys(byName))))
	}
	if len(l.Values) == 0 {
		return fmt.Errorf("it has no leaf of the model; it has %s", list(l.Unused))
	}
	return nil
}

// leafValues checks the array for a leaf.
func leafValues(t safetensors.Tensor, leaf nn.Leaf) ([]float64, error) {
	if !slices.Equal(t.Shape, leaf.Shape) {
		return nil, fmt.Errorf("%s has shape %v, the model's has %v; to keep the model's own initial "+
			"value, choose others by only", t.Name, t.Shape, leaf.Shape)
	}
	values := make([]float64, leaf.Shape.Size())
	switch numbers := t.Values.(type) {
	case []float32:
		widen(values, numbers)
	case []float64:
		copy(values, numbers)
	default:
		return nil, fmt.Errorf("%s holds %s, want %s or %s", t.Name, t.DType(), safetensors.Float32,
			safetensors.Float64)
	}
	for i, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s: element %d is %v", t.Name, i, x)
		}
	}
	return values, nil
}

// list names a few of several.
func list(names []string) string {
	const few = 8
	if len(names) == 0 {
		return "nothing else"
	}
	if len(names) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}

// String says in a few lines what was loaded and what was not.
func (l *Loaded) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d leaves from %s", len(l.Values), l.Path)
	if l.Step >= 0 {
		fmt.Fprintf(&b, ", after step %d", l.Step)
	}
	for _, part := range []struct {
		what  string
		names []string
	}{{"in the file and not used", l.Unused}, {"not from the file", l.Kept}} {
		if len(part.names) > 0 {
			fmt.Fprintf(&b, "\n%s: %s", part.what, strings.Join(part.names, ", "))
		}
	}
	for _, err := range l.Skipped {
		fmt.Fprintf(&b, "\na later checkpoint is passed over: %v", err)
	}
	return b.String()
}
