package main

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

// drawing is an image of grey values, row by row.
func drawing(width int, values ...uint8) image.Image {
	img := image.NewGray(image.Rect(3, 5, 3+width, 5+len(values)/width))
	copy(img.Pix, values)
	return img
}

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// folder writes files, zipped if its name ends so.
func folder(t testing.TB, name string, files map[string][]byte) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), name)
	if filepath.Ext(name) == ".zip" {
		out, err := os.Create(root)
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(out)
		for at, content := range files {
			f, err := w.Create(at)
			if err == nil {
				_, err = f.Write(content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		return root
	}
	for at, content := range files {
		path := filepath.Join(root, filepath.FromSlash(at))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// letters are two alphabets of two characters, two images of each, different ones all.
func letters(t testing.TB) map[string][]byte {
	files := map[string][]byte{"top/.DS_Store": []byte("x"), "__MACOSX/top/A/one/1.png": []byte("x")}
	n := uint8(0)
	for _, class := range []string{"A/one", "A/two", "B/one", "B/two"} {
		for _, name := range []string{"1.png", "2.png"} {
			n++
			files["top/"+class+"/"+name] = encoded(t, drawing(2, 255, 0, n, 0))
		}
	}
	return files
}

func records(t *testing.T, c config) ([]task.Record, task.Description) {
	t.Helper()
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Describe()
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for id := range d.Records() {
		ids = append(ids, id)
	}
	all, err := data.Source.Get(ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if err := r.Verify(d); err != nil {
			t.Fatal(err)
		}
	}
	return all, d
}

// TestRead: folders and zip files give the same, with classes, superclasses and turns.
func TestRead(t *testing.T) {
	c := defaults
	c.Superclasses, c.Height, c.Width = true, 2, 2
	c.Paths = []string{folder(t, "letters", letters(t))}
	fromFolder, d := records(t, c)
	c.Paths = []string{folder(t, "letters.zip", letters(t))}
	fromZip, zipped := records(t, c)
	if len(fromFolder) != 8 || d.Digest != zipped.Digest || d.Splits[0].Name != "all" {
		t.Errorf("%d records, digests %s and %s", len(fromFolder), d.Digest, zipped.Digest)
	}
	var names []string
	for _, class := range d.Fields[1].Classes {
		names = append(names, class.Super+" "+class.Name)
	}
	if got := strings.Join(names, ", "); got != "A A/one, A A/two, B B/one, B B/two" {
		t.Errorf("classes %s", got)
	}
	for i, r := range fromFolder {
		if !slices.Equal(r.Cells[0].Floats, fromZip[i].Cells[0].Floats) ||
			!slices.Equal(r.Cells[0].Floats, []float64{1, 0, float64(i+1) / 255, 0}) ||
			r.Cells[1].Ints[0] != int64(i/2) {
			t.Errorf("record %d: %v", i, r.Cells)
		}
	}
	c.Rotations, c.Invert, c.Test = true, true, c.Paths
	turned, d := records(t, c)
	if len(turned) != 64 || len(d.Fields[1].Classes) != 16 || d.Splits[1].Records != 32 ||
		d.Fields[1].Classes[1].Name != "A/one, 90°" || d.Fields[1].Classes[3].Super != "A" {
		t.Errorf("%d records, %+v", len(turned), d.Fields[1].Classes)
	}
	// The first image is 1 0 / 1⁄255 0, inverted 0 1 / 254⁄255 1; turned, the corner that was
	// on the right is on top.
	const grey = 254. / 255
	for turn, want := range [][]float64{{0, 1, grey, 1}, {1, 1, 0, grey}, {1, grey, 1, 0},
		{grey, 0, 1, 1}} {
		if got := turned[turn].Cells[0].Floats; !near(got, want) ||
			turned[turn].Cells[1].Ints[0] != int64(turn) {
			t.Errorf("turned %d times: %v, want %v", turn, got, want)
		}
	}
}

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-9 })
}

// TestScale: a pixel is the mean of what falls into it, in every format and with every
// number of channels.
func TestScale(t *testing.T) {
	c := config{Height: 1, Width: 2, Channels: 1}
	got, err := c.size().Decode(encoded(t, drawing(3, 0, 90, 255, 60, 90, 255)))
	// Thirds: a pixel has one and a half columns of two rows.
	if want := []uint8{50, 200}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	c = config{Height: 3, Width: 4, Channels: 1}
	if got, err = c.size().Decode(encoded(t, drawing(2, 10, 20))); err != nil ||
		!slices.Equal(got, []uint8{10, 10, 20, 20, 10, 10, 20, 20, 10, 10, 20, 20}) {
		t.Errorf("larger: %v, %v", got, err)
	}
	red := image.NewNRGBA(image.Rect(0, 0, 1, 2))
	red.Set(0, 0, color.NRGBA{R: 255, A: 255}) // and below, nothing: white
	c = config{Height: 2, Width: 1, Channels: 3}
	if got, err = c.size().Decode(encoded(t, red)); err != nil ||
		!slices.Equal(got, []uint8{255, 0, 0, 255, 255, 255}) {
		t.Errorf("colours: %v, %v", got, err)
	}
	c = config{Height: 1, Width: 1, Channels: 1}
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"jpeg": func(out *bytes.Buffer) error { return jpeg.Encode(out, drawing(1, 77), nil) },
		"gif":  func(out *bytes.Buffer) error { return gif.Encode(out, drawing(1, 77), nil) },
	} {
		var out bytes.Buffer
		if err := encode(&out); err != nil {
			t.Fatal(err)
		}
		if got, err := c.size().Decode(out.Bytes()); err != nil || math.Abs(float64(got[0])-77) > 8 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	dot := encoded(t, drawing(1, 1))
	huge := encoded(t, drawing(1, 1))
	copy(huge[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff})
	for _, row := range []struct {
		name   string
		files  map[string][]byte
		change func(*config)
		want   string
	}{
		{"x", map[string][]byte{"1.png": dot}, nil, "1.png: it is not in a folder that is its class"},
		{"x", map[string][]byte{"a/1.png": dot}, func(c *config) { c.Superclasses = true },
			"it is not in a folder that is its class, in one that is its superclass"},
		{"x", map[string][]byte{"a/1.png": dot, "a/notes.txt": []byte("hello")}, nil,
			"a/notes.txt: it does not decode as a PNG, JPEG or GIF"},
		{"x", map[string][]byte{"a/1.png": dot[:len(dot)-20]}, nil,
			"a/1.png: it does not decode as a png"},
		{"x", map[string][]byte{"a/1.png": huge}, nil, "a/1.png: "},
		{"x", map[string][]byte{"p/a/1.png": dot, "q/a/1.png": dot}, nil,
			`the class "a" is in "p" and in "q": give its folder another name, or set superclasses = true`},
		{"x", map[string][]byte{".hidden": dot}, nil, "it holds no image"},
		{"x.zip", map[string][]byte{}, nil, "it holds no image"},
		{"x.zip", map[string][]byte{"a/1.png": []byte("no")}, nil, "x.zip: a/1.png: it does not decode"},
		{"x", map[string][]byte{"a/1.png": dot}, func(c *config) { c.Paths[0] += "/a/1.png" },
			"it is no folder and no zip file"},
		{"x", map[string][]byte{"a/1.png": dot}, func(c *config) { c.Paths = []string{"nowhere"} },
			"paths: there is no folder or zip file nowhere\n    it should hold images"},
		{"x", map[string][]byte{"a/1.png": dot}, func(c *config) { c.Test = []string{"nowhere"} },
			"test: there is no folder"},
		{"x", nil, func(c *config) { c.Paths = nil }, "paths: no folder or zip file is named"},
		{"x", nil, func(c *config) { c.Channels = 2 }, "channels: 2, want 1 or 3"},
		{"x", nil, func(c *config) { c.Rotations, c.Width = true, 20 }, "rotations: images of 28 x 20"},
	} {
		c := defaults
		c.Paths = []string{folder(t, row.name, row.files)}
		if row.change != nil {
			row.change(&c)
		}
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v, want %q", err, row.want)
		}
	}
}

func TestConformance(t *testing.T) {
	tasktest.Run(t, images, func(c *config) {
		c.Paths, c.Superclasses, c.Rotations = []string{folder(t, "x.zip", letters(t))}, true, true
	})
}

// TestOmniglot reads the two small sets, which share two alphabets: 10 alphabets are 8, and
// what is in both is of one class.
func TestOmniglot(t *testing.T) {
	c := defaults
	c.Superclasses, c.Invert = true, true
	for _, name := range []string{"images_background_small1.zip", "images_background_small2.zip"} {
		c.Paths = append(c.Paths, tasktest.Data(t, "omniglot/"+name))
	}
	all, d := records(t, c)
	supers, ink := map[string]bool{}, 0.0
	for _, class := range d.Fields[1].Classes {
		supers[class.Super] = true
		if shared := class.Super == "Latin" || class.Super == "Greek"; class.Count != 20 && !shared ||
			class.Count != 40 && shared {
			t.Errorf("%+v", class)
		}
	}
	for _, v := range all[0].Cells[0].Floats {
		ink += v
	}
	if len(all) != 5840 || len(supers) != 8 || len(d.Fields[1].Classes) != 242 ||
		!(ink > 10 && ink < 200) {
		t.Errorf("%d images of %d classes and %d alphabets; %v of 784 is ink", len(all),
			len(d.Fields[1].Classes), len(supers), ink)
	}
}

// FuzzImages: a zip file is refused, or gives records that are what they claim to be.
func FuzzImages(f *testing.F) {
	for _, files := range []map[string][]byte{letters(f), {"a/1.png": []byte("x")}} {
		content, err := os.ReadFile(folder(f, "seed.zip", files))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		c := defaults
		c.Height, c.Width = 3, 2
		c.Paths = []string{filepath.Join(t.TempDir(), "x.zip")}
		if err := os.WriteFile(c.Paths[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(c); err == nil {
			records(t, c)
		}
	})
}
