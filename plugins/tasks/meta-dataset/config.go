package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/task/datafile"
	"quickstudy/framework/task/picture"
)

// config is the attributes of the plugin's block.
type config struct {
	Path     string `config:"path,required,path" doc:"the folder with dataset_spec.json and a file for each class" example:"records/cu_birds"`
	Height   int    `config:"height" doc:"pixels that images are scaled to" min:"1" max:"1024"`
	Width    int    `config:"width" doc:"pixels that images are scaled to" min:"1" max:"1024"`
	Channels int    `config:"channels" doc:"1: grey; 3: red, green and blue" min:"1" max:"3"`
	Invert   bool   `config:"invert" doc:"take 1 - value, so that ink on paper is 1"`
	Licence  string `config:"licence" doc:"the licence of the data, for reports"`
	Origin   string `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

// The size is that of Meta-Dataset: data_config_common.gin.
var metaDataset = task.Define(
	"meta-dataset",
	"images in the TFRecord layout of Meta-Dataset, a file for each class",
	config{Height: 84, Width: 84, Channels: 3},
	open,
)

// dataset is where every image is.
type dataset struct {
	config
	description task.Description
	images      []stored
	files       []string // by class
}

// stored is the place of a record's content in the file of its class.
type stored struct {
	class  int
	number int // of the record in its file, from 1
	at     int64
	size   int
}

func open(c config) (task.Dataset, error) {
	if c.Channels == 2 {
		return task.Dataset{}, fmt.Errorf("channels: 2, want 1 or 3")
	}
	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
	file, err := from.Read("path", filepath.Join(c.Path, specFile),
		"the specification of a converted data set, beside a file of records for each class")
	if err != nil {
		return task.Dataset{}, err
	}
	spec, err := decodeSpec(file.Data)
	if err != nil {
		return task.Dataset{}, fmt.Errorf("%s: %w", file.Path, err)
	}
	d := &dataset{config: c}
	size := []int{c.Height, c.Width}
	if c.Channels > 1 {
		size = append(size, c.Channels)
	}
	field := task.Field{Name: "class", Kind: task.ClassOf}
	digest := sha256.New()
	digest.Write(file.Data)
	for class, of := range spec.classes {
		name := filepath.Join(c.Path, strings.Replace(spec.pattern, "{}", of.id, 1))
		d.files = append(d.files, name)
		found, err := scan(name, digest)
		if err != nil {
			return task.Dataset{}, fmt.Errorf("%s: %w", name, err)
		}
		if len(found) != of.images {
			return task.Dataset{}, fmt.Errorf("%s: %d records, and %s says that the class has %d", name,
				len(found), specFile, of.images)
		}
		for i := range found {
			found[i].class = class
		}
		d.images = append(d.images, found...)
		field.Classes = append(field.Classes, task.Class{Name: of.name, Super: of.super,
			Count: of.images})
		splits := &d.description.Splits
		if n := len(*splits); n == 0 || (*splits)[n-1].Name != of.split {
			*splits = append(*splits, task.Split{Name: of.split})
		}
		(*splits)[len(*splits)-1].Records += len(found)
	}
	image := task.Field{Name: "image", Kind: task.Image, Size: size, White: 1}
	if d.Invert {
		image.Black, image.White = 1, 0
	}
	d.description.Fields = []task.Field{image, field}
	d.description.Licence, d.description.Origin = c.Licence, c.Origin
	d.description.Digest = hex.EncodeToString(digest.Sum(nil))
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d.description, nil },
		Get:      d.get,
	}}, nil
}

func (d *dataset) get(ids []int64) ([]task.Record, error) {
	records := make([]task.Record, len(ids))
	for i, id := range ids {
		if n := int64(len(d.images)); id < 0 || id >= n {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id, n-1)
		}
		one := d.images[id]
		values, err := d.read(one)
		if err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", d.files[one.class], one.number, err)
		}
		records[i] = task.Record{ID: id, Cells: []task.Cell{{Floats: values},
			{Ints: []int64{int64(one.class)}}}}
	}
	return records, nil
}

// read returns the pixels of an image, 0 to 1.
func (d *dataset) read(one stored) ([]float64, error) {
	file, err := os.Open(d.files[one.class])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content := make([]byte, one.size)
	if _, err := file.ReadAt(content, one.at); err != nil {
		return nil, err
	}
	image, err := decodeExample(content)
	if err != nil {
		return nil, err
	}
	pixels, err := picture.Size{Height: d.Height, Width: d.Width, Channels: d.Channels}.Decode(image)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(pixels))
	for i, v := range pixels {
		values[i] = float64(v) / 255
		if d.Invert {
			values[i] = 1 - values[i]
		}
	}
	return values, nil
}
