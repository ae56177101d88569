package sampling

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/task"
)

// ZeroShot describes episodes without a labelled example: their support is a text for each
// class, what it is called or a description of it, and their query is records of these classes.
// A head that compares the query with the support tells classes apart that it has no example of
// (Chang et al. 2008, https://aaai.org/papers/00830-AAAI08-132, dataless classification).
type ZeroShot struct {
	Way, Query int
	// Texts are descriptions by the name of the class; nil: the names themselves, see ClassText.
	Texts map[string]string
	// MinExamples leaves out classes with fewer records; see Report.
	MinExamples int
}

func (z ZeroShot) verify() error {
	if z.Way < 2 || z.Query < 1 || z.MinExamples < 0 {
		return fmt.Errorf("zero_shot: way %d, query %d and min_examples %d, want at least 2, 1 and 0",
			z.Way, z.Query, z.MinExamples)
	}
	return nil
}

// compose draws the classes of an episode.
func (z ZeroShot) compose(s stream, m *members) composition {
	return composition{classes: s.choose(len(m.classes), z.Way), shots: make([]int, z.Way),
		query: z.Query}
}

// ClassText is the name of a class as text: its underscores, hyphens and slashes are spaces.
func ClassText(name string) string {
	apart := strings.NewReplacer("_", " ", "-", " ", "/", " ").Replace(name)
	return strings.Join(strings.Fields(apart), " ")
}

// classTexts returns the text of every class, or what is wrong with the descriptions.
func (z ZeroShot) classTexts(f task.Field) ([]string, error) {
	var texts, without []string
	known := map[string]bool{}
	for _, class := range f.Classes {
		known[class.Name] = true
		text := ClassText(class.Name)
		if z.Texts != nil {
			text = strings.TrimSpace(z.Texts[class.Name])
		}
		if text == "" {
			without = append(without, class.Name)
		}
		texts = append(texts, text)
	}
	for _, name := range slices.Sorted(maps.Keys(z.Texts)) {
		if !known[name] {
			return nil, fmt.Errorf("zero_shot: texts has %q, which is no class of %q", name, f.Name)
		}
	}
	if len(without) > 0 {
		return nil, fmt.Errorf("zero_shot: %d classes of %q have no text, the first %q", len(without),
			f.Name, without[0])
	}
	return texts, nil
}

// classRecords are the support of an episode: a record for each of its classes, with the class's
// text in what the inputs read. Their ids are below those of the data.
func (t *Task) classRecords(classes []int) []task.Record {
	fields := t.pool.description.Fields
	var records []task.Record
	for _, class := range classes {
		r := task.Record{ID: int64(-1 - class), Cells: make([]task.Cell, len(fields))}
		r.Cells[t.pool.classField].Ints = []int64{int64(class)}
		for _, in := range t.inputs {
			for _, field := range in.fields {
				if fields[field].Kind == task.Words {
					r.Cells[field].Words = strings.Fields(t.classTexts[class])
				} else {
					r.Cells[field].Text = t.classTexts[class]
				}
			}
		}
		records = append(records, r)
	}
	return records
}

// bindZeroShot checks that a class's text can stand where the inputs read a record's, and that
// nothing but the class is predicted, of which alone its record says something.
func (t *Task) bindZeroShot() error {
	if len(t.inputs) != 1 || t.inputs[0].Kind != Tokens || len(t.inputs[0].fields) != 1 {
		return fmt.Errorf("zero_shot: the text of a class is read by one input of one text field")
	}
	for _, target := range t.targets {
		if !target.local {
			return fmt.Errorf("zero_shot: predict %q is not of the classes that the episodes are made "+
				"of, and their texts say nothing else", target.name)
		}
	}
	var err error
	t.classTexts, err = t.config.ZeroShot.classTexts(
		t.pool.description.Fields[t.pool.classField])
	return err
}
