package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// specFile is the specification of a data set, as its conversion writes it:
// meta_dataset/data/dataset_spec.py.
const specFile = "dataset_spec.json"

// Limits of what a specification says.
const (
	maxClasses = 1 << 20
	maxImages  = 1 << 26
)

// spec is the classes of a data set, those of each split after those of the one before.
type spec struct {
	pattern string // of the files' names: {} stands for the class
	classes []class
}

type class struct {
	id          string // in the name of its file
	name, super string
	split       string
	images      int
}

// splits by their names in specifications, in the order of their classes.
var splits = []struct{ written, name string }{
	{"TRAIN", "train"}, {"VALID", "validation"}, {"TEST", "test"},
}

// written is the members of a specification, of all three kinds.
type written struct {
	Class       string                     `json:"__class__"`
	FilePattern string                     `json:"file_pattern"`
	ClassNames  map[string]json.RawMessage `json:"class_names"`
	Images      json.RawMessage            `json:"images_per_class"`

	ClassesPerSplit map[string]int `json:"classes_per_split"`

	SuperclassesPerSplit map[string]int             `json:"superclasses_per_split"`
	ClassesPerSuperclass map[string]int             `json:"classes_per_superclass"`
	SuperclassNames      map[string]json.RawMessage `json:"superclass_names"`

	SplitSubgraphs map[string][]struct {
		ID       string   `json:"wn_id"`
		Children []string `json:"children_ids"`
	} `json:"split_subgraphs"`
}

// decodeSpec reads a specification.
func decodeSpec(data []byte) (spec, error) {
	var w written
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&w); err != nil {
		return spec{}, err
	}
	s := spec{pattern: w.FilePattern}
	var err error
	switch w.Class {
	case "DatasetSpecification":
		s.classes, err = w.flat()
	case "BiLevelDatasetSpecification":
		s.classes, err = w.bilevel()
	case "HierarchicalDatasetSpecification":
		s.classes, err = w.leaves()
	default:
		return spec{}, fmt.Errorf("__class__ is %.80q, want DatasetSpecification, "+
			"BiLevelDatasetSpecification or HierarchicalDatasetSpecification", w.Class)
	}
	if err != nil {
		return spec{}, err
	}
	if strings.Count(s.pattern, "{}") != 1 || strings.ContainsAny(s.pattern, `/\`) {
		return spec{}, fmt.Errorf("file_pattern is %.80q, want a name with one {}, as {}.tfrecords: a "+
			"file for each class; shards are not read", s.pattern)
	}
	return s, s.verify()
}

// verify checks what all kinds have in common.
func (s spec) verify() error {
	if len(s.classes) == 0 {
		return fmt.Errorf("there is no class")
	}
	names := map[string]bool{}
	total := 0
	for _, c := range s.classes {
		if c.name == "" || names[c.name] {
			return fmt.Errorf("the class %s is called %.80q, want a name of its own", c.id, c.name)
		}
		names[c.name] = true
		if total += c.images; c.images < 1 || total > maxImages {
			return fmt.Errorf("the class %.80q has %d images, want at least 1 and at most %d in all",
				c.name, c.images, maxImages)
		}
	}
	return nil
}

// flat is the classes of splits, numbered through.
func (w written) flat() ([]class, error) {
	counts, err := w.counts()
	if err != nil {
		return nil, err
	}
	var classes []class
	for _, split := range splits {
		n := w.ClassesPerSplit[split.written]
		if n < 0 || n > maxClasses-len(classes) {
			return nil, fmt.Errorf("classes_per_split: %d of %s, want 0 to %d in all", n, split.written,
				maxClasses)
		}
		for range n {
			c, err := w.class(len(classes), counts)
			if err != nil {
				return nil, err
			}
			c.split = split.name
			classes = append(classes, c)
		}
	}
	return classes, nil
}

// bilevel is the classes of superclasses, which are those of splits; both are numbered through.
func (w written) bilevel() ([]class, error) {
	counts, err := w.counts()
	if err != nil {
		return nil, err
	}
	var classes []class
	super := 0
	for _, split := range splits {
		n := w.SuperclassesPerSplit[split.written]
		if n < 0 || n > maxClasses-super {
			return nil, fmt.Errorf("superclasses_per_split: %d of %s, want 0 to %d in all", n,
				split.written, maxClasses)
		}
		for range n {
			id := strconv.Itoa(super)
			super++
			name, err := text(w.SuperclassNames[id])
			if err != nil || name == "" {
				return nil, fmt.Errorf("superclass_names: superclass %s has no name", id)
			}
			has := w.ClassesPerSuperclass[id]
			if has < 1 || has > maxClasses-len(classes) {
				return nil, fmt.Errorf("classes_per_superclass: %d of superclass %s, want at least 1 and "+
					"at most %d in all", has, id, maxClasses)
			}
			for range has {
				c, err := w.class(len(classes), counts)
				if err != nil {
					return nil, err
				}
				c.split, c.super = split.name, name
				classes = append(classes, c)
			}
		}
	}
	return classes, nil
}

// leaves is the classes of a graph of concepts: those without children, by split and identifier.
// Their files are called by the numbers that class_names gives them.
func (w written) leaves() ([]class, error) {
	var images map[string]map[string]int
	if err := json.Unmarshal(w.Images, &images); err != nil {
		return nil, fmt.Errorf("images_per_class: want the numbers of images by split and WordNet "+
			"identifier: %w", err)
	}
	files := map[string]string{} // the number of a class by its identifier
	for number := range w.ClassNames {
		id, err := text(w.ClassNames[number])
		if err != nil || files[id] != "" {
			return nil, fmt.Errorf("class_names: class %.80q has the identifier %.80q, want one of its own",
				number, id)
		}
		files[id] = number
	}
	var classes []class
	for _, split := range splits {
		first := len(classes)
		for _, node := range w.SplitSubgraphs[split.written] {
			if len(node.Children) > 0 {
				continue
			}
			number := files[node.ID]
			if number == "" {
				return nil, fmt.Errorf("split_subgraphs: %s: the leaf %.80q is no class of class_names",
					split.written, node.ID)
			}
			order, err := strconv.ParseUint(number, 10, 31)
			if err != nil {
				return nil, fmt.Errorf("class_names: class %.80q has no number", number)
			}
			classes = append(classes, class{id: strconv.FormatUint(order, 10), name: node.ID,
				split: split.name, images: images[split.written][node.ID]})
		}
		slices.SortFunc(classes[first:], func(a, b class) int { return cmp.Compare(a.name, b.name) })
	}
	return classes, nil
}

// class is the one with a number, without its split.
func (w written) class(number int, counts map[string]int) (class, error) {
	id := strconv.Itoa(number)
	name, err := text(w.ClassNames[id])
	if err != nil {
		return class{}, fmt.Errorf("class_names: class %s: %w", id, err)
	}
	n, known := counts[id]
	if !known {
		return class{}, fmt.Errorf("images_per_class: there is no class %s", id)
	}
	return class{id: id, name: name, images: n}, nil
}

// counts reads how many images each class has.
func (w written) counts() (map[string]int, error) {
	var counts map[string]int
	if err := json.Unmarshal(w.Images, &counts); err != nil {
		return nil, fmt.Errorf("images_per_class: want a number for each class; pools of examples "+
			"within a class are not read: %w", err)
	}
	return counts, nil
}

// text is a name: a string, or a number as text.
func text(raw json.RawMessage) (string, error) {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		return name, nil
	}
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return "", fmt.Errorf("want a name")
	}
	return number.String(), nil
}
