package sampling

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task"
)

// chunk is the number of records asked for at once while a pool is read.
const chunk = 512

// Pool is a task's data, read once and divided. It holds what drawing needs
// (ids and classes), not the records. It is immutable and may be used by
// several goroutines at once.
type Pool struct {
	name        string
	description task.Description
	source      *task.Source
	generator   *task.Generator
	seed        uint64
	classField  int // -1: none
	splits      map[string]*members
	report      Report
}

// members are the records of one split.
type members struct {
	ids     []int64        // ascending
	classes []group        // those that episodes draw from, by index of class
	supers  []super        // their superclasses, by the first class of each; nil: not all have one
	small   []DroppedClass // classes that episodes ask for and that are too small for one
	present []bool         // by index of class: has a record in ids
}

// super is the classes of one superclass, by their position in members.classes.
type super struct {
	name    string
	classes []int
}

// group is the records of one class that episodes draw from: no two have equal inputs.
type group struct {
	class int
	ids   []int64
}

// Report says what became of the records.
type Report struct {
	Splits []SplitReport
	// Unlabelled records have no value in the class field, or in any target,
	// and are left out.
	Unlabelled int
	// Unused training records are beyond Division.TrainShare.
	Unused int
	// Duplicates were removed because an earlier one of test, validation and
	// train holds a record with the same inputs.
	Duplicates int
	// Repeats have the inputs of another record of their split: batches see
	// them as published, episodes only the first.
	Repeats int
	// Dropped classes have fewer records than min_examples of episodes.
	Dropped []DroppedClass
}

// SplitReport counts what a split holds.
type SplitReport struct {
	Name    string
	Records int
	Classes int // that episodes draw from; 0 without a class field
}

// DroppedClass is a class with too few records.
type DroppedClass struct {
	Split, Class  string
	Records, Need int
}

// entry is what is remembered of a record while the pool is divided.
type entry struct {
	id        int64
	published int // index of the published split
	digest    [sha256.Size]byte
	class     int    // -1: not labelled
	split     string // "" until divided, and of duplicates that were removed
	labels    []label
}

// NewPool reads all records of a source, verifies and divides them. Tokenizers
// in the configuration are not used, and may be missing. The pool of a
// generator only describes it: its splits are the generator's own.
func NewPool(data task.Dataset, c Config) (*Pool, error) {
	pool, err := newPool(data, c)
	if err != nil {
		return nil, fmt.Errorf("task %q: %w", c.Name, err)
	}
	return pool, nil
}

func newPool(data task.Dataset, c Config) (*Pool, error) {
	description, err := data.Describe()
	if err != nil {
		return nil, err
	}
	pool := &Pool{
		name:        c.Name,
		description: description,
		source:      data.Source,
		generator:   data.Generator,
		seed:        c.Seed,
		classField:  -1,
	}
	if pool.generator != nil {
		if c.episodic() || c.Batches != nil || c.Division != (Division{}) {
			return nil, fmt.Errorf("a generator composes its own episodes and splits: leave out " +
				"episodes, batches and such, and split")
		}
		return pool, nil
	}
	if err := c.verify(); err != nil {
		return nil, err
	}
	if !c.episodic() && c.Batches == nil {
		return nil, fmt.Errorf("a source needs episodes, meta_dataset, zero_shot or batches")
	}
	if pool.classField, err = c.classField(description); err != nil {
		return nil, err
	}
	entries, err := pool.read(c)
	if err != nil {
		return nil, err
	}
	if err := pool.divide(entries, c.Division); err != nil {
		return nil, err
	}
	pool.gather(entries, c)
	return pool, pool.checkLabels(entries)
}

// read fetches every record and keeps of each what dividing and drawing need.
func (p *Pool) read(c Config) ([]entry, error) {
	var inputs, targets []int
	for _, in := range c.Inputs {
		for _, name := range in.Fields {
			i := p.description.Field(name)
			if i < 0 {
				return nil, p.noField("inputs", name)
			}
			inputs = append(inputs, i)
		}
	}
	for _, predict := range c.Predicts {
		i := p.description.Field(predict.Target)
		if i < 0 {
			return nil, p.noField(fmt.Sprintf("predict %q", predict.Name), predict.Target)
		}
		targets = append(targets, i)
	}
	taught := p.taught(c, targets)
	total := p.description.Records()
	var entries []entry
	published, end := 0, int64(p.description.Splits[0].Records)
	for first := int64(0); first < total; first += chunk {
		ids := make([]int64, 0, chunk)
		for id := first; id < min(first+chunk, total); id++ {
			ids = append(ids, id)
		}
		records, err := p.fetch(ids)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			for r.ID >= end {
				published++
				end += int64(p.description.Splits[published].Records)
			}
			if !p.labelled(r, targets) {
				p.report.Unlabelled++
				continue
			}
			e := entry{id: r.ID, published: published, digest: r.Digest(inputs...), class: -1,
				labels: p.labelsOf(r, taught)}
			if p.classField >= 0 {
				e.class = int(r.Cells[p.classField].Ints[0])
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func (p *Pool) noField(where, name string) error {
	var names []string
	for _, f := range p.description.Fields {
		names = append(names, f.Name)
	}
	return fmt.Errorf("%s: the records have no field %q; they have %s", where, name,
		strings.Join(names, ", "))
}

// labelled says whether a record can be drawn: it has a class where one is
// needed, and at least one of the targets.
func (p *Pool) labelled(r task.Record, targets []int) bool {
	if p.classField >= 0 && len(r.Cells[p.classField].Ints) == 0 {
		return false
	}
	for _, i := range targets {
		switch p.description.Fields[i].Kind {
		case task.ClassOf, task.Value, task.Vector:
			if len(r.Cells[i].Ints) > 0 || len(r.Cells[i].Floats) > 0 {
				return true
			}
		default: // no class, no span or an empty text is an answer, too
			return true
		}
	}
	return len(targets) == 0
}

// fetch gets and verifies records.
func (p *Pool) fetch(ids []int64) ([]task.Record, error) {
	records, err := p.source.Get(ids)
	if err != nil {
		return nil, err
	}
	if len(records) != len(ids) {
		return nil, fmt.Errorf("the source returned %d records for %d ids", len(records), len(ids))
	}
	for i, r := range records {
		if r.ID != ids[i] {
			return nil, fmt.Errorf("the source returned record %d for id %d", r.ID, ids[i])
		}
		if err := r.Verify(p.description); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// Description returns the verified description of the data.
func (p *Pool) Description() task.Description { return p.description }

// ClassField returns the position of the field whose classes episodes are made of
// and a division by class divides, -1 where there is neither.
func (p *Pool) ClassField() int { return p.classField }

// Report says what became of the records. It is empty for a generator.
func (p *Pool) Report() Report { return p.report }

// Records returns the ids of a split in ascending order, nil for a generator.
func (p *Pool) Records(split string) []int64 {
	if m := p.splits[split]; m != nil {
		return append([]int64(nil), m.ids...)
	}
	return nil
}

// Classes returns the classes, as indices of the class field, that a split's
// episodes draw from.
func (p *Pool) Classes(split string) []int {
	var classes []int
	if m := p.splits[split]; m != nil {
		for _, g := range m.classes {
			classes = append(classes, g.class)
		}
	}
	return classes
}

// GeneratedTexts is how many episodes of a generator Texts reads, the first of a split.
const GeneratedTexts = 500

// Texts returns the contents of a text or words field (words joined by spaces)
// of every record of a split: what a vocabulary may be trained on is those of
// Train. Of a generator, whose splits have no end, they are those of the first
// GeneratedTexts episodes that are drawn from it.
func (p *Pool) Texts(split, field string) ([]string, error) {
	i := p.description.Field(field)
	if i < 0 {
		return nil, fmt.Errorf("task %q: %w", p.name, p.noField("texts", field))
	}
	if kind := p.description.Fields[i].Kind; kind != task.Text && kind != task.Words {
		return nil, fmt.Errorf("task %q: field %q is of kind %s and has no text", p.name, field,
			kind)
	}
	if p.generator == nil && p.splits[split] == nil {
		return nil, fmt.Errorf("task %q: there is no split %q of records", p.name, split)
	}
	var texts []string
	err := p.show(split, func(r task.Record) {
		if cell := r.Cells[i]; cell.Words != nil {
			texts = append(texts, strings.Join(cell.Words, " "))
		} else {
			texts = append(texts, cell.Text)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("task %q: %w", p.name, err)
	}
	return texts, nil
}

// show is each, or shows the records of the first episodes of a generator.
func (p *Pool) show(split string, show func(r task.Record)) error {
	if p.generator == nil {
		return p.each(split, show)
	}
	for index := range int64(GeneratedTexts) {
		episode, err := p.generator.Sample(p.seed, split, index)
		if err == nil {
			err = episode.Verify(p.description)
		}
		if err != nil {
			return fmt.Errorf("episode %d of %s: %w", index, split, err)
		}
		for _, r := range slices.Concat(episode.Support, episode.Query) {
			show(r)
		}
	}
	return nil
}

// each shows every record of a split, in the order of their ids.
func (p *Pool) each(split string, show func(r task.Record)) error {
	for ids := p.splits[split].ids; len(ids) > 0; ids = ids[min(chunk, len(ids)):] {
		records, err := p.fetch(ids[:min(chunk, len(ids))])
		if err != nil {
			return err
		}
		for _, r := range records {
			show(r)
		}
	}
	return nil
}
