package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"quickstudy/framework/train/checkpoint/safetensors"
)

// sample is a checkpoint with every group and type.
func sample(t *testing.T, step int64) *Checkpoint {
	t.Helper()
	c := New(step, "avx2-fma-kc256")
	c.Groups[Parameters] = []safetensors.Tensor{
		{Name: "backbone/norm/bias", Shape: []int{2}, Values: []float32{float32(step), -0.5}},
		{Name: "backbone/norm/scale", Shape: []int{2}, Values: []float32{1, 2}},
	}
	c.Groups[Learner] = []safetensors.Tensor{
		{Name: "alpha/backbone/norm/bias", Shape: []int{2}, Values: []float32{0.1, 0.2}},
	}
	c.Groups[Slots] = []safetensors.Tensor{
		{Name: "adam/count", Shape: []int{}, Values: []int64{1<<53 + 1}},
		{Name: "adam/m/backbone/norm/bias", Shape: []int{2}, Values: []float64{1e-300, 2}},
	}
	for name, v := range map[string]any{
		"episodes":   uint64(math.MaxUint64),
		"best":       map[string]float64{"accuracy": 0.1 + 0.2},
		"weights":    []float64{1.0 / 3, 2.0 / 3},
		"never_true": false,
	} {
		if err := c.SetCounter(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func save(t *testing.T, folder string, step int64, keep int) string {
	t.Helper()
	path, err := Save(folder, sample(t, step), keep)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func steps(t *testing.T, folder string) []int64 {
	t.Helper()
	files, err := Files(folder)
	if err != nil {
		t.Fatal(err)
	}
	var steps []int64
	for _, f := range files {
		steps = append(steps, f.Step)
	}
	return steps
}

func TestSaveAndLoad(t *testing.T) {
	want := sample(t, 500)
	path, err := Save(filepath.Join(t.TempDir(), "run", "checkpoints"), want, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Base(path); got != "step-000000000500.safetensors" {
		t.Errorf("saved as %s", got)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Checkpoint{}),
		cmpopts.SortSlices(func(a, b safetensors.Tensor) bool { return a.Name < b.Name })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var episodes uint64
	var weights []float64
	err = errors.Join(got.Counter("episodes", &episodes), got.Counter("weights", &weights))
	if err != nil {
		t.Fatal(err)
	}
	if episodes != math.MaxUint64 || weights[0] != 1.0/3 {
		t.Errorf("got %d episodes and weights %v, not the ones saved", episodes, weights)
	}
}

func TestBytesAreAFunctionOfTheState(t *testing.T) {
	var first []byte
	for range 10 {
		c := sample(t, 3)
		for _, tensors := range c.Groups {
			rand.Shuffle(len(tensors), func(i, j int) {
				tensors[i], tensors[j] = tensors[j], tensors[i]
			})
		}
		var b bytes.Buffer
		if err := c.Write(&b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Fatal("the same state gave different bytes")
		}
	}
}

func TestCounterErrors(t *testing.T) {
	c := sample(t, 7)
	var n int
	var object struct{ Loss float64 }
	for _, test := range []struct {
		name string
		into any
		want string
	}{
		{"epochs", &n, `step 7 has no counter "epochs"; ` +
			`it has ["best" "episodes" "never_true" "weights"]`},
		{"weights", &n, "does not fit *int"},
		{"episodes", &n, "does not fit *int"}, // over int64
		{"best", &object, "unknown field"},
	} {
		err := c.Counter(test.name, test.into)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("counter %q: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if err := c.SetCounter("best", math.NaN()); err == nil {
		t.Error("a counter of NaN was accepted")
	}
}

func TestSaveRefuses(t *testing.T) {
	withGroup := func(group string, tensors ...safetensors.Tensor) *Checkpoint {
		c := New(1, "")
		c.Groups[group] = tensors
		return c
	}
	one := safetensors.Tensor{Name: "x", Values: []float32{1}}
	for _, test := range []struct {
		name string
		c    *Checkpoint
		keep int
		want string
	}{
		{"negative step", New(-1, ""), 1, "step -1"},
		{"negative keep", New(1, ""), -1, "last -1"},
		{"group with a slash", withGroup("a/b", one), 1, `"a/b"`},
		{"group without a name", withGroup("", one), 1, `""`},
		{"same name twice", withGroup("a", one, one), 1, "given twice"},
		{"shape", withGroup("a", safetensors.Tensor{Name: "x", Shape: []int{2},
			Values: []float32{1}}), 1, "1 values for shape [2]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "c")
			_, err := Save(folder, test.c, test.keep)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the folder was made although nothing is saved")
			}
		})
	}
}

func TestSaveWhereAFileIsInTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkpoints")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Save(file, sample(t, 1), 0); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}

func TestKeepTheLast(t *testing.T) {
	for _, test := range []struct {
		keep int
		want []int64
	}{
		{0, []int64{400, 300, 200, 100}},
		{1, []int64{400}},
		{2, []int64{400, 300}},
		{9, []int64{400, 300, 200, 100}},
	} {
		folder := t.TempDir()
		notes := filepath.Join(folder, "step-notes.txt")
		if err := os.WriteFile(notes, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		for step := int64(100); step <= 400; step += 100 {
			save(t, folder, step, test.keep)
		}
		if diff := cmp.Diff(test.want, steps(t, folder)); diff != "" {
			t.Errorf("keep %d: -want +got:\n%s", test.keep, diff)
		}
		if _, err := os.Stat(notes); err != nil {
			t.Errorf("a file that is no checkpoint: %v", err)
		}
	}
}

// A run that went back to step 500 leaves no later checkpoint behind, and the
// one it saves is not pruned in favour of those.
func TestSaveAfterGoingBack(t *testing.T) {
	folder := t.TempDir()
	for _, step := range []int64{500, 1000, 1500} {
		save(t, folder, step, 3)
	}
	save(t, folder, 750, 1)
	if diff := cmp.Diff([]int64{750}, steps(t, folder)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Wherever the last file is cut off, and whichever of its bytes is altered,
// the one before is found and the damage is told.
func TestLatestSkipsTheDamaged(t *testing.T) {
	folder := t.TempDir()
	save(t, folder, 100, 0)
	last := save(t, folder, 200, 0)
	whole, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(last, content, 0o644); err != nil {
			t.Fatal(err)
		}
		found, err := Latest(folder)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if found.Step != 100 || len(found.Skipped) != 1 {
			t.Fatalf("%s: found step %d and skipped %v, want step 100 and one skipped", what,
				found.Step, found.Skipped)
		}
		if err := found.Skipped[0]; !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), last) {
			t.Fatalf("%s: skipped for %v, want a damaged %s", what, err, last)
		}
	}
	for n := 0; n < len(whole); n += 7 {
		check("cut off", whole[:n])
	}
	header := 8 + int(binary.LittleEndian.Uint64(whole))
	for i := header; i < len(whole); i++ {
		altered := bytes.Clone(whole)
		altered[i] ^= 1
		check("altered", altered)
	}
	check("zeros", make([]byte, len(whole)))
	check("another step's", bytes.Replace(whole, []byte(`"checkpoint.step":"200"`),
		[]byte(`"checkpoint.step":"201"`), 1))
	for i := range header { // here the file may also become one that is no checkpoint
		altered := bytes.Clone(whole)
		altered[i] ^= 1
		if err := os.WriteFile(last, altered, 0o644); err != nil {
			t.Fatal(err)
		}
		if found, err := Latest(folder); err == nil && found.Step != 100 {
			t.Errorf("byte %d of the header altered: got step %d", i, found.Step)
		}
	}
	if err := os.WriteFile(last, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if found, err := Latest(folder); err != nil || found.Step != 200 || found.Path != last {
		t.Errorf("restored: got %+v, %v, want step 200", found, err)
	}
}

// A process killed between writing and renaming leaves an unfinished file,
// which is not found and which the next Save removes.
func TestUnfinishedIsIgnoredThenRemoved(t *testing.T) {
	folder := t.TempDir()
	save(t, folder, 100, 0)
	unfinished := filepath.Join(folder, ".unfinished-step-000000000200.safetensors-1234")
	var b bytes.Buffer
	if err := sample(t, 200).Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(unfinished, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Latest(folder)
	if err != nil || found.Step != 100 || found.Skipped != nil {
		t.Fatalf("got %+v, %v, want step 100 and nothing skipped", found, err)
	}
	save(t, folder, 200, 0)
	if _, err := os.Stat(unfinished); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished file is still there (%v)", err)
	}
}

func TestLatestWithoutAny(t *testing.T) {
	folder := t.TempDir()
	for _, f := range []string{folder, filepath.Join(folder, "missing")} {
		if _, err := Latest(f); !errors.Is(err, ErrNone) {
			t.Errorf("%s: got %v, want ErrNone", f, err)
		}
	}
	torn := filepath.Join(folder, "step-000000000001.safetensors")
	if err := os.WriteFile(torn, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Latest(folder); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), torn) {
		t.Errorf("got %v, want ErrNone and what is wrong with %s", err, torn)
	}
}

// A file of another version, or one that is no checkpoint, stops Latest: it is
// not damaged, and an older checkpoint would lose work.
func TestLatestStopsAtForeignFiles(t *testing.T) {
	for _, test := range []struct {
		metadata map[string]string
		want     string
	}{
		{map[string]string{versionKey: "2"},
			`version "2" of the checkpoint format, this program reads 1`},
		{nil, "but no checkpoint"},
	} {
		folder := t.TempDir()
		save(t, folder, 100, 0)
		f, err := os.Create(filepath.Join(folder, "step-000000000200.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(safetensors.Write(f, &safetensors.File{Metadata: test.metadata}), f.Close())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Latest(folder); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}

// TestLatestStopsAtAFolder: what is no file may have been put there for one.
func TestLatestStopsAtAFolder(t *testing.T) {
	folder := t.TempDir()
	save(t, folder, 100, 0)
	if err := os.Mkdir(filepath.Join(folder, "step-000000000200.safetensors"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Latest(folder); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("got %v, want that it is no file", err)
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	c := New(3, "a")
	c.Groups[Parameters] = []safetensors.Tensor{{Name: "x", Values: []float32{1}}}
	if err := errors.Join(c.SetCounter("n", 3), c.Write(&b)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := c.Write(&again); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := Read(&again, int64(again.Len())); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
