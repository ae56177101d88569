package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

// dot is an image of one grey pixel.
func dot(t testing.TB, grey uint8) []byte {
	t.Helper()
	one := image.NewGray(image.Rect(0, 0, 1, 1))
	one.SetGray(0, 0, color.Gray{Y: grey})
	var out bytes.Buffer
	if err := png.Encode(&out, one); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// example is a tf.train.Example with features of bytes.
func example(features ...[2]string) []byte {
	message := func(field protowire.Number, content []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), content)
	}
	var all []byte
	for _, f := range features {
		feature := message(1, message(1, []byte(f[1])))
		entry := append(message(1, []byte(f[0])), message(2, feature)...)
		all = append(all, message(1, entry)...)
	}
	label := append(message(1, []byte("label")), message(2, message(3, []byte{0x08, 0x05}))...)
	return message(1, append(message(1, label), all...))
}

// framed writes records as a file of TFRecords.
func framed(records ...[]byte) []byte {
	var out []byte
	for _, r := range records {
		size := binary.LittleEndian.AppendUint64(nil, uint64(len(r)))
		out = append(out, size...)
		out = binary.LittleEndian.AppendUint32(out, masked(size))
		out = append(out, r...)
		out = binary.LittleEndian.AppendUint32(out, masked(r))
	}
	return out
}

// TestMaskedSum: the header of a record of 24 bytes, as every event file of TensorBoard begins.
func TestMaskedSum(t *testing.T) {
	header := framed(make([]byte, 24))[:12]
	if got := hex.EncodeToString(header); got != "1800000000000000a37f4b22" {
		t.Errorf("the header of a record of 24 bytes is %s", got)
	}
}

const (
	flatSpec = `{"name": "dots", "classes_per_split": {"TRAIN": 3, "VALID": 0, "TEST": 2},
	"images_per_class": {"0": 4, "1": 4, "2": 5, "3": 4, "4": 4},
	"class_names": {"0": "a", "1": "b", "2": "7", "3": "d", "4": "e"},
	"path": "/elsewhere", "file_pattern": "{}.tfrecords", "__class__": "DatasetSpecification"}`
	bilevelSpec = `{"name": "dots", "superclasses_per_split": {"TRAIN": 1, "VALID": 0, "TEST": 1},
	"classes_per_superclass": {"0": 3, "1": 2}, "superclass_names": {"0": "A", "1": "B"},
	"images_per_class": {"0": 4, "1": 4, "2": 5, "3": 4, "4": 4},
	"class_names": {"0": "a", "1": "b", "2": 7, "3": "d", "4": "e"},
	"path": "", "file_pattern": "{}.tfrecords", "__class__": "BiLevelDatasetSpecification"}`
	graphSpec = `{"name": "dots", "split_subgraphs": {
		"TRAIN": [{"wn_id": "n0", "children_ids": ["b", "a", "7"], "parents_ids": [], "words": "all"},
			{"wn_id": "a", "children_ids": []}, {"wn_id": "b", "children_ids": []},
			{"wn_id": "7", "children_ids": []}],
		"VALID": [],
		"TEST": [{"wn_id": "d", "children_ids": []}, {"wn_id": "e", "children_ids": []},
			{"wn_id": "n1", "children_ids": ["d", "e"]}]},
	"images_per_class": {"TRAIN": {"a": 4, "b": 4, "7": 5, "n0": 13}, "VALID": {},
		"TEST": {"d": 4, "e": 4, "n1": 8}},
	"class_names": {"0": "a", "1": "b", "2": "7", "3": "d", "4": "e"},
	"path": "", "file_pattern": "{}.tfrecords", "__class__": "HierarchicalDatasetSpecification"}`
)

// write makes the folder of a data set: of class c the images have the greys 10·c + 1, + 2, ...
func write(t testing.TB, spec string, change map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string][]byte{specFile: []byte(spec)}
	for class, n := range []int{4, 4, 5, 4, 4} {
		var records [][]byte
		for i := range n {
			records = append(records, example([2]string{"image", string(dot(t, uint8(10*class+i+1)))}))
		}
		files[fmt.Sprintf("%d.tfrecords", class)] = framed(records...)
	}
	for name, content := range change {
		if files[name] = content; content == nil {
			delete(files, name)
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func small(path string) config {
	return config{Path: path, Height: 1, Width: 1, Channels: 1}
}

func TestConformance(t *testing.T) {
	folder := write(t, bilevelSpec, nil)
	tasktest.Run(t, metaDataset, func(c *config) { *c = small(folder) })
}

func TestLayouts(t *testing.T) {
	for name, spec := range map[string]string{"flat": flatSpec, "two levels": bilevelSpec,
		"graph": graphSpec} {
		t.Run(name, func(t *testing.T) {
			data, err := open(small(write(t, spec, nil)))
			if err != nil {
				t.Fatal(err)
			}
			d, err := data.Describe()
			if err != nil {
				t.Fatal(err)
			}
			splits := []task.Split{{Name: "train", Records: 13}, {Name: "test", Records: 8}}
			if diff := cmp.Diff(splits, d.Splits); diff != "" {
				t.Errorf("splits (-want +got)\n%s", diff)
			}
			var names []string
			for _, c := range d.Fields[1].Classes {
				names = append(names, c.Super+c.Name)
			}
			slices.Sort(names[:3])
			want := map[string]string{"flat": "7 a b d e", "two levels": "A7 Aa Ab Bd Be",
				"graph": "7 a b d e"}[name]
			if got := strings.Join(names, " "); got != want {
				t.Errorf("classes %s, want %s", got, want)
			}
			records, err := data.Source.Get([]int64{20, 0, 4})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range records {
				class := map[string]int{"a": 0, "b": 1, "7": 2, "d": 3, "e": 4}[d.Fields[1].Classes[r.Cells[1].
					Ints[0]].Name]
				first := map[int64]int{20: 4, 0: 1, 4: 1}[r.ID]
				if name == "graph" && r.ID == 4 {
					first = 5 // the class called 7 comes first, and has five
				}
				if got := r.Cells[0].Floats[0] * 255; int(got+0.5) != 10*class+first {
					t.Errorf("record %d of class %d: %v (%d)", r.ID, class, got, i)
				}
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	good := example([2]string{"image", string(dot(t, 1))})
	records := func(last []byte) []byte { return framed(good, good, good, last) }
	damaged := records(good)
	damaged[40] ^= 1
	long := framed(good)
	binary.LittleEndian.PutUint64(long, 1<<40)
	binary.LittleEndian.PutUint32(long[8:], masked(long[:8]))
	edited := func(old, new string) map[string][]byte {
		if !strings.Contains(flatSpec, old) {
			t.Fatalf("no %s in the specification", old)
		}
		return map[string][]byte{specFile: []byte(strings.Replace(flatSpec, old, new, 1))}
	}
	for _, test := range []struct {
		files map[string][]byte
		want  string
	}{
		{map[string][]byte{specFile: nil}, "path: there is no file"},
		{map[string][]byte{"1.tfrecords": nil}, "1.tfrecords: open"},
		{map[string][]byte{specFile: []byte("{")}, specFile + ": unexpected EOF"},
		{edited("DatasetSpecification", "Spec"), `__class__ is "Spec", want DatasetSpecification`},
		{edited("{}.tf", "{}_{}.tf"), "shards are not read"},
		{edited("{}.tf", "../{}.tf"), "want a name with one {}"},
		{edited(`"TEST": 2`, `"TEST": 3`), "class_names: class 5: want a name"},
		{edited(`"TEST": 2`, `"TEST": -1`), "classes_per_split: -1 of TEST"},
		{edited(`"TEST": 2`, `"TEST": 1000000000`), "classes_per_split: 1000000000 of TEST"},
		{edited(`"b"`, `"a"`), `the class 1 is called "a", want a name of its own`},
		{edited(`"1": 4`, `"1": {"train": 3, "test": 1}`), "pools of examples within a class"},
		{edited(`"1": 4`, `"1": 0`), `the class "b" has 0 images`},
		{edited(`"1": 4`, `"1": 3`),
			"1.tfrecords: 4 records, and dataset_spec.json says that the class has 3"},
		{map[string][]byte{"1.tfrecords": damaged}, "1.tfrecords: record 1: the sum of its content is"},
		{map[string][]byte{"1.tfrecords": []byte("no file of TFRecords")},
			"1.tfrecords: record 1: the sum of its length is"},
		{map[string][]byte{"1.tfrecords": long}, "record 1: 1099511627776 bytes, want at most"},
		{map[string][]byte{"1.tfrecords": records(good)[:200]}, "record 2: the file ends early"},
		{map[string][]byte{"1.tfrecords": records([]byte("\xff"))},
			"1.tfrecords: record 4: it is no tf.train.Example"},
		{map[string][]byte{"1.tfrecords": records(example([2]string{"text", "x"}))},
			`record 4: its feature "image" holds 0 values`},
		{map[string][]byte{"1.tfrecords": records(example([2]string{"image", "x"}))},
			"record 4: it does not decode as a PNG, JPEG or GIF"},
	} {
		data, err := open(small(write(t, flatSpec, test.files)))
		if err == nil {
			_, err = data.Source.Get([]int64{4, 5, 6, 7})
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}

// FuzzSpec: a specification is refused, or its classes are whole.
func FuzzSpec(f *testing.F) {
	for _, spec := range []string{flatSpec, bilevelSpec, graphSpec} {
		f.Add([]byte(spec))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeSpec(data)
		if err != nil {
			return
		}
		order := []string{"train", "validation", "test"}
		last := 0
		for _, c := range s.classes {
			at := slices.Index(order, c.split)
			if c.id == "" || c.name == "" || c.images < 1 || at < last {
				t.Errorf("%+v", c)
			}
			last = at
		}
		if len(s.classes) == 0 {
			t.Error("no class and no error")
		}
	})
}

// FuzzRecords: a file is refused, or its records are where they are said to be.
func FuzzRecords(f *testing.F) {
	good := example([2]string{"image", string(dot(f, 1))})
	f.Add(framed(good, good))
	f.Add(framed(nil, []byte("x")))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := scanRecords(bytes.NewReader(data))
		var parts [][]byte
		for _, s := range found {
			content := data[s.at : s.at+int64(s.size)]
			parts = append(parts, content)
			if image, err := decodeExample(content); err == nil && !bytes.Contains(content, image) {
				t.Error("an image that is not in its record")
			}
		}
		whole := framed(parts...)
		if err == nil && !bytes.Equal(whole, data) || !bytes.HasPrefix(data, whole) {
			t.Errorf("%d records of %x are %x", len(found), data, whole)
		}
	})
}

// FuzzExample: a message is refused, or its image is a part of it.
func FuzzExample(f *testing.F) {
	f.Add(example([2]string{"image", "bytes"}))
	f.Add(example([2]string{"other", "bytes"}, [2]string{"image", ""}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if image, err := decodeExample(data); err == nil && !bytes.Contains(data, image) {
			t.Errorf("%x of %x", image, data)
		}
	})
}
