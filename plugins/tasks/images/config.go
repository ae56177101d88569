package main

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/task/picture"
)

// config is the attributes of the plugin's block.
type config struct {
	Paths        []string `config:"paths,required,path" doc:"folders or zip files of the training split, or of all images" example:"[\"data/images.zip\"]"`
	Validation   []string `config:"validation,path" doc:"those of the validation split, if there is one"`
	Test         []string `config:"test,path" doc:"those of the test split, if there is one"`
	Superclasses bool     `config:"superclasses" doc:"the folders of classes stand in folders of superclasses"`
	Height       int      `config:"height" doc:"pixels that images are scaled to" min:"1" max:"1024"`
	Width        int      `config:"width" doc:"pixels that images are scaled to" min:"1" max:"1024"`
	Channels     int      `config:"channels" doc:"1: grey; 3: red, green and blue" min:"1" max:"3"`
	Invert       bool     `config:"invert" doc:"take 1 - value, so that ink on paper is 1"`
	Rotations    bool     `config:"rotations" doc:"make classes of the images that are turned by 90, 180 and 270 degrees"`
	Licence      string   `config:"licence" doc:"the licence of the data, for reports"`
	Origin       string   `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var defaults = config{Height: 28, Width: 28, Channels: 1}

var images = task.Define(
	"images",
	"images with a class each, in folders or zip files, such as Omniglot's",
	defaults,
	open,
)

// size is what images are scaled to.
func (c config) size() picture.Size {
	return picture.Size{Height: c.Height, Width: c.Width, Channels: c.Channels}
}

// shown is an image as it is kept: pixels [H, W, C], 0 to 255.
type shown struct {
	class  string
	super  string
	pixels []uint8
}

// collection is everything that there is.
type collection struct {
	config
	description task.Description
	pictures    []shown
	classes     map[string]int64 // by name, those that are turned among them
	turns       int              // of every picture: 1, or 4 with rotations
}

func open(c config) (task.Dataset, error) {
	if c.Channels == 2 {
		return task.Dataset{}, fmt.Errorf("channels: 2, want 1 or 3")
	}
	if c.Rotations && c.Height != c.Width {
		return task.Dataset{}, fmt.Errorf("rotations: images of %d x %d pixels change their size when "+
			"they are turned; make height and width the same", c.Height, c.Width)
	}
	all := &collection{config: c, turns: 1}
	if c.Rotations {
		all.turns = 4
	}
	splits := []struct {
		name, attribute string
		paths           []string
	}{{"train", "paths", c.Paths}, {"validation", "validation", c.Validation},
		{"test", "test", c.Test}}
	if len(c.Validation)+len(c.Test) == 0 {
		splits = splits[:1]
		splits[0].name = "all"
	}
	d := newDigest()
	for _, s := range splits {
		if len(s.paths) == 0 {
			continue
		}
		found, err := c.read(s.attribute, s.paths, d)
		if err != nil {
			return task.Dataset{}, err
		}
		all.description.Splits = append(all.description.Splits,
			task.Split{Name: s.name, Records: len(found) * all.turns})
		all.pictures = append(all.pictures, found...)
	}
	if len(all.description.Splits) == 0 {
		return task.Dataset{}, fmt.Errorf("paths: no folder or zip file is named")
	}
	all.describe()
	all.description.Digest = hex.EncodeToString(d.Sum(nil))
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return all.description, nil },
		Get:      all.get,
	}}, nil
}

// describe numbers the classes in the order of their names, each followed by its turned
// ones.
func (all *collection) describe() {
	size := []int{all.Height, all.Width}
	if all.Channels > 1 {
		size = append(size, all.Channels)
	}
	counts, supers := map[string]int{}, map[string]string{}
	for _, p := range all.pictures {
		counts[p.class]++
		supers[p.class] = p.super
	}
	field := task.Field{Name: "class", Kind: task.ClassOf}
	all.classes = map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		for turn := range all.turns {
			all.classes[turned(name, turn)] = int64(len(field.Classes))
			field.Classes = append(field.Classes, task.Class{Name: turned(name, turn),
				Super: supers[name], Count: counts[name]})
		}
	}
	image := task.Field{Name: "image", Kind: task.Image, Size: size, White: 1}
	if all.Invert {
		image.Black, image.White = 1, 0
	}
	all.description.Fields = []task.Field{image, field}
	all.description.Licence, all.description.Origin = all.Licence, all.Origin
}

// turned names the class of images that are turned.
func turned(class string, turn int) string {
	if turn == 0 {
		return class
	}
	return fmt.Sprintf("%s, %d°", class, 90*turn)
}

// get makes records: those of a picture follow each other, turned further each time.
func (all *collection) get(ids []int64) ([]task.Record, error) {
	records := make([]task.Record, len(ids))
	for i, id := range ids {
		if n := int64(len(all.pictures) * all.turns); id < 0 || id >= n {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id, n-1)
		}
		p, turn := all.pictures[id/int64(all.turns)], int(id)%all.turns
		records[i] = task.Record{ID: id, Cells: []task.Cell{
			{Floats: all.values(p.pixels, turn)},
			{Ints: []int64{all.classes[turned(p.class, turn)]}},
		}}
	}
	return records, nil
}

// values are the pixels of an image turned by so many quarters, counter-clockwise, 0 to 1.
func (all *collection) values(pixels []uint8, turn int) []float64 {
	values := make([]float64, len(pixels))
	n := all.Width // with turns, the height too
	for y := range all.Height {
		for x := range all.Width {
			row, column := y, x
			for range turn {
				row, column = column, n-1-row
			}
			for c := range all.Channels {
				v := float64(pixels[(row*n+column)*all.Channels+c]) / 255
				if all.Invert {
					v = 1 - v
				}
				values[(y*n+x)*all.Channels+c] = v
			}
		}
	}
	return values
}

// missing says that a path is not there, what it should be, and where that comes from.
func (c config) missing(attribute, path string) error {
	told := func(what, attribute string) string {
		if what == "" {
			return fmt.Sprintf("the experiment does not say; its attribute %q can", attribute)
		}
		return what
	}
	return fmt.Errorf("%s", strings.Join([]string{
		fmt.Sprintf("%s: there is no folder or zip file %s", attribute, path),
		"it should hold images in folders by class",
		"from:    " + told(c.Origin, "origin"),
		"licence: " + told(c.Licence, "licence"),
		fmt.Sprintf("fetch it, and name its place by the attribute %q", attribute),
	}, "\n    "))
}
