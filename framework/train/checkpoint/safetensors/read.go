package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// MaxHeader is the longest header in bytes, as in the reference implementation.
const MaxHeader = 100_000_000

// A FormatError says why bytes are not a safetensors file: torn, damaged or
// made by something else. It is not used for errors of the reader.
type FormatError struct {
	Tensor  string // or "" where none is concerned
	Message string
}

func (e *FormatError) Error() string {
	if e.Tensor == "" {
		return "safetensors: " + e.Message
	}
	return fmt.Sprintf("safetensors: tensor %q: %s", e.Tensor, e.Message)
}

func malformed(tensor, format string, args ...any) error {
	return &FormatError{Tensor: tensor, Message: fmt.Sprintf(format, args...)}
}

// An Entry is what the header says of one array.
type Entry struct {
	Name       string
	DType      DType
	Shape      []int
	Begin, End int64 // bytes, from the end of the header
}

// A Header is a file without its values.
type Header struct {
	Metadata map[string]string
	Entries  []Entry // in the order of their values in the file
}

// ReadHeader reads and checks the header of a file of size bytes and leaves r
// at the first value. What it returns is sound: arrays of types this package
// has, which lie one after the other and end with the file.
func ReadHeader(r io.Reader, size int64) (*Header, error) {
	if size < 8 {
		return nil, malformed("", "the file has %d bytes, the length of its header alone needs 8",
			size)
	}
	var prefix [8]byte
	if err := readFull(r, prefix[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case length > MaxHeader:
		return nil, malformed("", "header of %d bytes, the format allows %d", length, MaxHeader)
	case int64(length) > size-8:
		return nil, malformed("", "header of %d bytes in a file of %d: it is cut off", length, size)
	}
	text := make([]byte, length)
	if err := readFull(r, text); err != nil {
		return nil, err
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	return h, h.check(size - 8 - int64(length))
}

// check checks that the arrays fill exactly the bytes that follow the header.
func (h *Header) check(dataBytes int64) error {
	var end int64
	for _, e := range h.Entries {
		n, ok := elements(e.Shape)
		if !ok || n > math.MaxInt/e.DType.Size() {
			return malformed(e.Name, "shape %v is too large", e.Shape)
		}
		want := int64(n * e.DType.Size())
		switch {
		case e.Begin < end:
			return malformed(e.Name, "its values begin at byte %d, inside those of the one before, "+
				"which end at %d", e.Begin, end)
		case e.Begin > end:
			return malformed(e.Name, "its values begin at byte %d and leave a gap, want %d", e.Begin,
				end)
		case e.End-e.Begin != want:
			return malformed(e.Name, "%d bytes for %s of shape %v, want %d", e.End-e.Begin, e.DType,
				e.Shape, want)
		}
		end = e.End
	}
	if end > dataBytes {
		return malformed("", "the file is cut off: %d bytes of values, the header speaks of %d",
			dataBytes, end)
	}
	if end < dataBytes {
		return malformed("", "%d bytes follow the last value", dataBytes-end)
	}
	return nil
}

// Read reads a whole file of size bytes. The tensors come in the order of the
// file; they share no memory with anything.
func Read(r io.Reader, size int64) (*File, error) {
	h, err := ReadHeader(r, size)
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: h.Metadata, Tensors: make([]Tensor, len(h.Entries))}
	buf := make([]byte, chunkBytes)
	for i, e := range h.Entries {
		values, err := e.read(r, buf)
		if err != nil {
			return nil, err
		}
		f.Tensors[i] = Tensor{Name: e.Name, Shape: e.Shape, Values: values}
	}
	return f, nil
}

// read reads the values of a checked entry through buf, which has chunkBytes.
func (e Entry) read(r io.Reader, buf []byte) (any, error) {
	n := int(e.End-e.Begin) / e.DType.Size()
	switch e.DType {
	case Float32:
		return readChunks(r, buf, n, 4, func(b []byte) float32 {
			return math.Float32frombits(binary.LittleEndian.Uint32(b))
		})
	case Float64:
		return readChunks(r, buf, n, 8, func(b []byte) float64 {
			return math.Float64frombits(binary.LittleEndian.Uint64(b))
		})
	case Int32:
		return readChunks(r, buf, n, 4, func(b []byte) int32 {
			return int32(binary.LittleEndian.Uint32(b))
		})
	case Int64:
		return readChunks(r, buf, n, 8, func(b []byte) int64 {
			return int64(binary.LittleEndian.Uint64(b))
		})
	default: // Uint8: parseHeader lets no other type through
		values := make([]uint8, n)
		return values, readFull(r, values)
	}
}

func readChunks[T any](r io.Reader, buf []byte, n, size int, get func([]byte) T) ([]T, error) {
	values := make([]T, n)
	for chunk := range slices.Chunk(values, len(buf)/size) {
		bytes := buf[:len(chunk)*size]
		if err := readFull(r, bytes); err != nil {
			return nil, err
		}
		for i := range chunk {
			chunk[i] = get(bytes[i*size:])
		}
	}
	return values, nil
}

// readFull is io.ReadFull, where an early end means that the file is shorter
// than the size it was announced with.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed("", "the file ends before its announced size")
	}
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}
