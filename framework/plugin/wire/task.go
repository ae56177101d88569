package wire

import (
	"fmt"
	"math"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/task"
)

// EncodeDataset converts a description of data for the wire. Generator says
// which of the two kinds of data sets it describes.
func EncodeDataset(d task.Description, generator bool) (*pluginv1.Dataset, error) {
	m := &pluginv1.Dataset{
		Form: pluginv1.DatasetForm_DATASET_FORM_SOURCE, Licence: d.Licence, Origin: d.Origin,
		Digest: d.Digest,
	}
	if generator {
		m.Form = pluginv1.DatasetForm_DATASET_FORM_GENERATOR
	}
	for _, f := range d.Fields {
		field := &pluginv1.Field{Name: f.Name, Kind: string(f.Kind), Doc: f.Doc, Of: f.Of,
			Vocabulary: f.Vocabulary, Black: f.Black, White: f.White}
		for _, axis := range f.Size {
			if int(int32(axis)) != axis {
				return nil, fmt.Errorf("field %q: size %v has an axis beyond 32 bits", f.Name,
					f.Size)
			}
			field.Size = append(field.Size, int32(axis))
		}
		for _, c := range f.Classes {
			field.Classes = append(field.Classes,
				&pluginv1.Class{Name: c.Name, Super: c.Super, Count: int64(c.Count)})
		}
		m.Fields = append(m.Fields, field)
	}
	for _, s := range d.Splits {
		m.Splits = append(m.Splits, &pluginv1.Split{Name: s.Name, Records: int64(s.Records)})
	}
	return m, nil
}

// DecodeDataset converts a description of data from the wire and verifies it.
func DecodeDataset(m *pluginv1.Dataset) (d task.Description, generator bool, err error) {
	switch m.GetForm() {
	case pluginv1.DatasetForm_DATASET_FORM_SOURCE:
	case pluginv1.DatasetForm_DATASET_FORM_GENERATOR:
		generator = true
	default:
		return d, false, fmt.Errorf("data set of unknown form %d", m.GetForm())
	}
	d = task.Description{Licence: m.GetLicence(), Origin: m.GetOrigin(), Digest: m.GetDigest()}
	for _, f := range m.GetFields() {
		field := task.Field{Name: f.GetName(), Kind: task.FieldKind(f.GetKind()), Doc: f.GetDoc(),
			Of:         f.GetOf(),
			Vocabulary: f.GetVocabulary(), Black: f.GetBlack(), White: f.GetWhite()}
		for _, axis := range f.GetSize() {
			field.Size = append(field.Size, int(axis))
		}
		for _, c := range f.GetClasses() {
			if c.GetCount() > math.MaxInt || c.GetCount() < 0 {
				return task.Description{}, false,
					fmt.Errorf("class %q: count %d", c.GetName(), c.GetCount())
			}
			field.Classes = append(field.Classes,
				task.Class{Name: c.GetName(), Super: c.GetSuper(), Count: int(c.GetCount())})
		}
		d.Fields = append(d.Fields, field)
	}
	for _, s := range m.GetSplits() {
		if s.GetRecords() > math.MaxInt || s.GetRecords() < 0 {
			return task.Description{}, false,
				fmt.Errorf("split %q: %d records", s.GetName(), s.GetRecords())
		}
		d.Splits = append(d.Splits, task.Split{Name: s.GetName(), Records: int(s.GetRecords())})
	}
	if err := d.Verify(); err != nil {
		return task.Description{}, false, err
	}
	return d, generator, nil
}

// EncodeRecord converts a record for the wire.
func EncodeRecord(r task.Record) (*pluginv1.Record, error) {
	m := &pluginv1.Record{Id: r.ID}
	for i, c := range r.Cells {
		if len(c.Text) > task.MaxTextBytes {
			return nil, fmt.Errorf("record %d, cell %d: a text of %d bytes, at most %d can be sent: cut it",
				r.ID, i, len(c.Text), task.MaxTextBytes)
		}
		if err := utf8Text(fmt.Sprintf("record %d, cell %d", r.ID, i), c.Text); err != nil {
			return nil, err
		}
		for _, w := range c.Words {
			if err := utf8Text(fmt.Sprintf("record %d, cell %d", r.ID, i), w); err != nil {
				return nil, err
			}
		}
		m.Cells = append(m.Cells, &pluginv1.Cell{Text: c.Text, Words: c.Words, Ints: c.Ints,
			Floats: c.Floats})
	}
	return m, nil
}

// DecodeRecord converts a record from the wire and verifies it against the
// description of its data set, which must be verified already.
func DecodeRecord(m *pluginv1.Record, d task.Description) (task.Record, error) {
	r := task.Record{ID: m.GetId()}
	for _, c := range m.GetCells() {
		r.Cells = append(r.Cells, task.Cell{Text: c.GetText(), Words: c.GetWords(),
			Ints: c.GetInts(), Floats: c.GetFloats()})
	}
	if err := r.Verify(d); err != nil {
		return task.Record{}, err
	}
	return r, nil
}
