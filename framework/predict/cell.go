package predict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"quickstudy/framework/regular"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
	"quickstudy/framework/task/picture"
)

// cell decodes a member as its field has it.
func (l *Lines) cell(field int, value json.RawMessage) (task.Cell, error) {
	f := l.description.Fields[field]
	null := bytes.Equal(bytes.TrimSpace(value), []byte("null"))
	switch f.Kind {
	case task.Text:
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return task.Cell{}, wanted(value, "a string")
		}
		return task.Cell{Text: *text}, nil
	case task.Words:
		words, err := list(value)
		return task.Cell{Words: words}, err
	case task.ClassOf:
		if null {
			return task.Cell{}, nil
		}
		name, err := scalar(value)
		if err != nil {
			return task.Cell{}, err
		}
		class, err := l.class(field, name)
		return task.Cell{Ints: []int64{int64(class)}}, err
	case task.ClassSet:
		names, err := list(value)
		if err != nil {
			return task.Cell{}, err
		}
		var all []int64
		for _, name := range names {
			class, err := l.class(field, name)
			if err != nil {
				return task.Cell{}, err
			}
			all = append(all, int64(class))
		}
		slices.Sort(all)
		return task.Cell{Ints: slices.Compact(all)}, nil
	case task.IDs:
		names, err := list(value)
		if err != nil {
			return task.Cell{}, err
		}
		var all []int64
		for _, name := range names {
			i := slices.Index(f.Vocabulary, name)
			if i < 0 {
				return task.Cell{}, fmt.Errorf("%q is not in the vocabulary.%s", name,
					schema.Hint(name, f.Vocabulary))
			}
			all = append(all, int64(i))
		}
		return task.Cell{Ints: all}, nil
	case task.Span:
		if null {
			return task.Cell{}, nil
		}
		var ends []int64
		if err := json.Unmarshal(value, &ends); err != nil || len(ends) != 2 {
			return task.Cell{}, wanted(value, "[first character, character after the last], or null")
		}
		return task.Cell{Ints: ends}, nil
	case task.Value:
		var x *float64
		if err := json.Unmarshal(value, &x); err != nil {
			return task.Cell{}, wanted(value, "a number")
		}
		if x == nil {
			return task.Cell{}, nil
		}
		return task.Cell{Floats: []float64{*x}}, nil
	}
	var path *string
	if f.Kind == task.Image && json.Unmarshal(value, &path) == nil && path != nil {
		return l.image(f, *path)
	}
	return numbers(f, value)
}

// image reads an image file, whose path begins at the folder of the file that names it, as
// the records have images: scaled to their size, with their black and white.
func (l *Lines) image(f task.Field, path string) (task.Cell, error) {
	if f.Black == f.White || slices.Min(f.Size) < 1 {
		return task.Cell{}, errors.New("the task does not say what it makes of image files; give numbers")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.name), path)
	}
	content, err := regular.Read(path, maxImage)
	if err != nil {
		return task.Cell{}, err
	}
	size := picture.Size{Height: f.Size[0], Width: f.Size[1], Channels: 1}
	if len(f.Size) > 2 {
		size.Channels = f.Size[2]
	}
	pixels, err := size.Decode(content)
	if err != nil {
		return task.Cell{}, fmt.Errorf("%s: %w", path, err)
	}
	var cell task.Cell
	for _, v := range pixels {
		cell.Floats = append(cell.Floats, f.Black+(f.White-f.Black)*(float64(v)/255))
	}
	return cell, nil
}

// maxImage is the most bytes of an image file.
const maxImage = 1 << 26

// class is the number of a class by its name. In an open field it may be new.
func (l *Lines) class(field int, name string) (int, error) {
	f := &l.description.Fields[field]
	if i := slices.IndexFunc(f.Classes, func(c task.Class) bool { return c.Name == name }); i >= 0 {
		return i, nil
	}
	if field == l.open {
		f.Classes = append(f.Classes, task.Class{Name: name})
		return len(f.Classes) - 1, nil
	}
	var names []string
	for _, c := range f.Classes {
		names = append(names, c.Name)
	}
	return 0, fmt.Errorf("%q is none of the %d classes.%s", name, len(names),
		schema.Hint(name, names))
}

// numbers decodes the numbers of a vector, an image or a sequence, nested as its shape is
// or one after the other.
func numbers(f task.Field, value json.RawMessage) (task.Cell, error) {
	var top []any
	if err := json.Unmarshal(value, &top); err != nil {
		return task.Cell{}, wanted(value, "a list of numbers")
	}
	size := f.Size
	if len(top) > 0 {
		if _, flat := top[0].(float64); flat {
			size = []int{-1}
		}
	}
	all, err := flatten(nil, top, size)
	if err != nil {
		return task.Cell{}, err
	}
	return task.Cell{Floats: all}, nil
}

// flatten appends the numbers of nested lists whose lengths are size; -1: any.
func flatten(to []float64, from []any, size []int) ([]float64, error) {
	if size[0] >= 0 && len(from) != size[0] {
		return nil, fmt.Errorf("a list of %d items, want %d", len(from), size[0])
	}
	for _, item := range from {
		switch item := item.(type) {
		case float64:
			if len(size) != 1 {
				return nil, fmt.Errorf("a number, want a list of %d axes", len(size)-1)
			}
			to = append(to, item)
		case []any:
			if len(size) == 1 {
				return nil, fmt.Errorf("a list inside of a list of numbers")
			}
			var err error
			if to, err = flatten(to, item, size[1:]); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("an item is no number")
		}
	}
	return to, nil
}

// scalar decodes a string, a number or a boolean as the name that it is.
func scalar(value json.RawMessage) (string, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber() // a name of many digits stays itself
	var one any
	if err := d.Decode(&one); err == nil {
		switch one := one.(type) {
		case string:
			return one, nil
		case json.Number:
			return one.String(), nil
		case bool:
			return fmt.Sprint(one), nil
		}
	}
	return "", wanted(value, "a string, number or boolean")
}

// list decodes a list of names, or a string of them with white space between.
func list(value json.RawMessage) ([]string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(value, &items); err != nil || items == nil {
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return nil, wanted(value, "a list of strings, or a string of words")
		}
		return strings.Fields(*text), nil
	}
	names := []string{}
	for i, item := range items {
		name, err := scalar(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		names = append(names, name)
	}
	return names, nil
}

// wanted says what a value is not.
func wanted(value json.RawMessage, what string) error {
	const most = 60
	text := string(value)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Errorf("%s, want %s", text, what)
}
