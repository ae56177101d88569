package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func write(t *testing.T, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The file was assembled byte by byte from the text of the format.
func TestReadFileMadeByHand(t *testing.T) {
	got, err := read(readFile(t, "testdata/by_hand.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		Metadata: map[string]string{"made": "by hand"},
		Tensors: []Tensor{
			{Name: "steps", Shape: []int{}, Values: []int64{-7}},
			{Name: "w", Shape: []int{2, 3}, Values: []float32{1, 0, 0.5,
				float32(math.Inf(1)), math.SmallestNonzeroFloat32, 3.25}},
			{Name: "mask", Shape: []int{3}, Values: []uint8{1, 0, 255}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if w := got.Tensors[1].Values.([]float32); !math.Signbit(float64(w[1])) {
		t.Errorf("w[1] = %v, want negative zero", w[1])
	}
}

// The file was written by the reference implementation, safetensors 0.8.0 for
// Python, from arrays given in another order.
func TestBytesOfReferenceImplementation(t *testing.T) {
	want := readFile(t, "testdata/reference_0.8.0.safetensors")
	f := &File{
		Metadata: map[string]string{"k": "v <&> \n"},
		Tensors: []Tensor{
			{Name: "b/two", Shape: []int{3}, Values: []uint8{0, 1, 2}},
			{Name: "steps", Values: []int64{5}},
			{Name: "a/<x>", Shape: []int{1, 2}, Values: []float32{1.5, -2}},
			{Name: "i", Shape: []int{3}, Values: []int32{1, -2, 3}},
			{Name: "d", Shape: []int{1}, Values: []float64{math.Pi}},
			{Name: `é"q`, Shape: []int{2, 0}, Values: []float32{}},
		},
	}
	for range 10 {
		rand.Shuffle(len(f.Tensors), func(i, j int) {
			f.Tensors[i], f.Tensors[j] = f.Tensors[j], f.Tensors[i]
		})
		if got := write(t, f); !bytes.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
	got, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	if again := write(t, got); !bytes.Equal(again, want) {
		t.Errorf("read and written again: %q\nwant %q", again, want)
	}
}

// Values that do not end at a chunk's edge, and every bit pattern of a NaN.
func TestRoundTripKeepsBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 7, chunkBytes/8 - 1, chunkBytes / 4, chunkBytes + 3} {
		f32, f64 := make([]float32, n), make([]float64, n)
		i32, i64, u8 := make([]int32, n), make([]int64, n), make([]uint8, n)
		for i := range n {
			f32[i], f64[i] = math.Float32frombits(rng.Uint32()), math.Float64frombits(rng.Uint64())
			i32[i], i64[i], u8[i] = int32(rng.Uint32()), int64(rng.Uint64()), uint8(rng.Uint32())
		}
		shape := []int{n}
		file := write(t, &File{Tensors: []Tensor{{"a", shape, u8}, {"b", shape, f32},
			{"c", shape, i32}, {"d", shape, f64}, {"e", shape, i64}}})
		got, err := read(file)
		if err != nil {
			t.Fatalf("n = %d: %v", n, err)
		}
		if again := write(t, got); !bytes.Equal(again, file) {
			t.Errorf("n = %d: bits differ after a round trip", n)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	one := []float32{1}
	for _, test := range []struct {
		name string
		file File
		want string
	}{
		{"no name", File{Tensors: []Tensor{{"", nil, one}}}, "has no name"},
		{"reserved name", File{Tensors: []Tensor{{"__metadata__", nil, one}}}, "reserved"},
		{"bytes as name", File{Tensors: []Tensor{{"\xff", nil, one}}}, "not UTF-8"},
		{"bytes as metadata", File{Metadata: map[string]string{"a": "\xff"}}, "not UTF-8"},
		{"type", File{Tensors: []Tensor{{"x", nil, []string{"a"}}}}, "values are []string"},
		{"no values", File{Tensors: []Tensor{{"x", nil, nil}}}, "values are <nil>"},
		{"count", File{Tensors: []Tensor{{"x", []int{2}, one}}}, "1 values for shape [2], want 2"},
		{"negative axis", File{Tensors: []Tensor{{"x", []int{-1}, one}}}, "shape [-1] is not one"},
		{"overflow", File{Tensors: []Tensor{{"x", []int{1 << 62, 4}, one}}}, "is not one"},
		{"twice", File{Tensors: []Tensor{{"x", nil, one}, {"x", nil, []int64{1}}}}, "given twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Write(io.Discard, &test.file)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// assemble returns a file with this header and so many bytes of values.
func assemble(header string, dataBytes int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, dataBytes)...)
}

func TestReadRefuses(t *testing.T) {
	x := func(dtype, shape, offsets string) string {
		return `{"x":{"dtype":"` + dtype + `","shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "has 0 bytes"},
		{"header over the cap", append(binary.LittleEndian.AppendUint64(nil, MaxHeader+1), '{', '}'),
			"format allows 100000000"},
		{"header of 2^64-1", bytes.Repeat([]byte{0xff}, 64), "format allows"},
		{"header cut off", assemble("{}", 0)[:9], "cut off"},
		{"no header", assemble("", 0), "does not begin with '{'"},
		{"leading space", assemble(" {}", 0), "does not begin with '{'"},
		{"array", assemble("[]", 0), "does not begin with '{'"},
		{"not UTF-8", assemble("{\"\xff\":1}", 0), "not UTF-8"},
		{"JSON cut off", assemble(`{"x":`, 0), "JSON is cut off"},
		{"not JSON", assemble(`{x}`, 0), "header's JSON"},
		{"object after object", assemble("{} {}", 0), "follows the header's object"},
		{"newline after object", assemble("{}\n", 0), "follows the header's object"},
		{"trailing bytes", assemble("{}", 1), "1 bytes follow the last value"},
		{"metadata not an object", assemble(`{"__metadata__":3}`, 0), "want an object"},
		{"metadata not text", assemble(`{"__metadata__":{"a":1}}`, 0), "want a string"},
		{"metadata twice", assemble(`{"__metadata__":{},"__metadata__":{}}`, 0), "occurs twice"},
		{"metadata key twice", assemble(`{"__metadata__":{"a":"","a":""}}`, 0), "occurs twice"},
		{"entry not an object", assemble(`{"x":[]}`, 0), "want an object"},
		{"no name", assemble(`{"":{}}`, 0), "has no name"},
		{"key missing", assemble(`{"x":{"dtype":"U8","shape":[]}}`, 1), "has not all of"},
		{"key twice", assemble(`{"x":{"dtype":"U8","dtype":"U8"}}`, 1), "dtype occurs twice"},
		{"unknown key", assemble(`{"x":{"stride":[1]}}`, 1), `unknown key "stride"`},
		{"dtype we lack", assemble(x("BF16", "[]", "[0,2]"), 2), `dtype "BF16", want one of`},
		{"dtype not text", assemble(`{"x":{"dtype":8}}`, 2), "want a string"},
		{"shape not an array", assemble(x("U8", "1", "[0,1]"), 1), "want an array"},
		{"negative axis", assemble(x("U8", "[-1]", "[0,1]"), 1), "integers from 0"},
		{"fraction", assemble(x("U8", "[1.0]", "[0,1]"), 1), "integers from 0"},
		{"axis over 64 bits", assemble(x("U8", "[99999999999999999999]", "[0,1]"), 1),
			"integers from 0"},
		{"axis is text", assemble(x("U8", `["1"]`, "[0,1]"), 1), "integers from 0"},
		{"shape overflows", assemble(x("U8", "[4294967296,4294967296]", "[0,1]"), 1), "too large"},
		{"bytes overflow", assemble(x("I64", "[4611686018427387904]", "[0,1]"), 1), "too large"},
		{"rank", assemble(x("U8", "["+strings.Repeat("1,", 64)+"1]", "[0,1]"), 1), "more than 64"},
		{"three offsets", assemble(x("U8", "[]", "[0,1,2]"), 1), "more than 2"},
		{"one offset", assemble(x("U8", "[]", "[0]"), 1), "want [begin, end]"},
		{"offsets reversed", assemble(x("U8", "[]", "[1,0]"), 1), "want [begin, end]"},
		{"size of another shape", assemble(x("F32", "[2]", "[0,4]"), 4),
			"4 bytes for F32 of shape [2], want 8"},
		{"values cut off", assemble(x("F32", "[2]", "[0,8]"), 7), "cut off"},
		{"gap at the start", assemble(x("U8", "[]", "[1,2]"), 2), "leave a gap"},
		{"same range", assemble(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "inside those"},
		{"name twice", assemble(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "occurs twice"},
		{"name twice by escape", assemble(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},`+
			`"\u0078":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "occurs twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.file)
			var format *FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a FormatError with %q", err, test.want)
			}
		})
	}
}

// A file cut at any byte is refused, and so is one with a byte too many.
func TestReadRefusesEveryPrefix(t *testing.T) {
	whole := readFile(t, "testdata/by_hand.safetensors")
	var format *FormatError
	for n := range whole {
		if _, err := read(whole[:n]); !errors.As(err, &format) {
			t.Errorf("first %d of %d bytes: got %v, want a FormatError", n, len(whole), err)
		}
		if _, err := Read(bytes.NewReader(whole[:n]), int64(len(whole))); !errors.As(err, &format) {
			t.Errorf("%d bytes announced as %d: got %v, want a FormatError", n, len(whole), err)
		}
	}
	if _, err := read(append(whole, 0)); !errors.As(err, &format) {
		t.Errorf("a byte too many: got %v, want a FormatError", err)
	}
}

// A short file that speaks of huge arrays costs no memory.
func TestReadAllocatesAfterChecking(t *testing.T) {
	file := assemble(
		`{"x":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}`, 8)
	var format *FormatError
	if _, err := read(file); !errors.As(err, &format) {
		t.Errorf("got %v, want a FormatError", err)
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

func (w *full) Write(b []byte) (int, error) {
	if len(b) > w.room {
		return w.room, syscall.ENOSPC
	}
	w.room -= len(b)
	return len(b), nil
}

func TestWriteKeepsTheWritersError(t *testing.T) {
	file := &File{Tensors: []Tensor{{"a", []int{4}, []float64{1, 2, 3, 4}}, {"b", nil, []uint8{1}}}}
	size := len(write(t, file))
	for room := range size {
		if err := Write(&full{room}, file); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("room for %d of %d bytes: got %v, want ENOSPC", room, size, err)
		}
	}
}

// Whatever is accepted is written back as an equal file, and headers and
// values agree.
func FuzzRead(f *testing.F) {
	for _, path := range []string{"testdata/by_hand.safetensors",
		"testdata/reference_0.8.0.safetensors"} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(assemble("{}", 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := read(b)
		if err != nil {
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("got %v, want a FormatError", err)
			}
			return
		}
		again, err := read(write(t, file))
		if err != nil {
			t.Fatalf("written again: %v", err)
		}
		if !bytes.Equal(write(t, again), write(t, file)) {
			t.Error("a second round trip changed the file")
		}
	})
}
