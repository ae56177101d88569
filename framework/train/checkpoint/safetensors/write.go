package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// Write writes the file. The same arrays and metadata give the same bytes
// whatever order they come in. An error of w is returned wrapped, so that
// errors.Is finds it.
func Write(w io.Writer, f *File) error {
	tensors, err := inOrder(f.Tensors)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	header, err := header(f.Metadata, tensors)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	if _, err := w.Write(append(length, header...)); err != nil {
		return fmt.Errorf("safetensors: header: %w", err)
	}
	buf := make([]byte, 0, chunkBytes)
	for _, t := range tensors {
		if err := t.write(w, buf); err != nil {
			return fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

// header returns the JSON object of sorted tensors, padded to eight bytes.
func header(metadata map[string]string, sorted []Tensor) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(metadata) > 0 {
		fmt.Fprintf(&b, "%q:{", metadataKey)
		for i, key := range slices.Sorted(maps.Keys(metadata)) {
			if !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
				return nil, fmt.Errorf("metadata %q: %q is not UTF-8", key, metadata[key])
			}
			separate(&b, i)
			writeString(&b, key)
			b.WriteByte(':')
			writeString(&b, metadata[key])
		}
		b.WriteByte('}')
	}
	offset := 0
	for _, t := range sorted {
		if t.len() > (math.MaxInt-offset)/t.DType().Size() {
			return nil, fmt.Errorf("tensor %q: the file would be longer than %d bytes", t.Name,
				math.MaxInt)
		}
		end := offset + t.len()*t.DType().Size()
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		writeString(&b, t.Name)
		fmt.Fprintf(&b, `:{"dtype":%q,"shape":[`, t.DType())
		for i, axis := range t.Shape {
			separate(&b, i)
			fmt.Fprint(&b, axis)
		}
		fmt.Fprintf(&b, `],"data_offsets":[%d,%d]}`, offset, end)
		offset = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > MaxHeader {
		return nil, fmt.Errorf("header of %d tensors has %d bytes, the format allows %d",
			len(sorted), b.Len(), MaxHeader)
	}
	return b.Bytes(), nil
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// writeString writes s as JSON and leaves <, > and & as they are.
func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)         // a string into memory: no error is possible
	b.Truncate(b.Len() - 1) // the encoder's newline
}

// chunkBytes is how much is converted between two calls of the writer or
// reader: enough to make their cost vanish, little beside any array.
const chunkBytes = 1 << 16

// write writes the values through buf, which is empty and has chunkBytes.
func (t Tensor) write(w io.Writer, buf []byte) error {
	switch v := t.Values.(type) {
	case []float32:
		return writeChunks(w, buf, v, 4, func(b []byte, x float32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		})
	case []float64:
		return writeChunks(w, buf, v, 8, func(b []byte, x float64) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		})
	case []int32:
		return writeChunks(w, buf, v, 4, func(b []byte, x int32) []byte {
			return binary.LittleEndian.AppendUint32(b, uint32(x))
		})
	case []int64:
		return writeChunks(w, buf, v, 8, func(b []byte, x int64) []byte {
			return binary.LittleEndian.AppendUint64(b, uint64(x))
		})
	case []uint8:
		_, err := w.Write(v)
		return err
	}
	return fmt.Errorf("values are %T", t.Values)
}

func writeChunks[T any](w io.Writer, buf []byte, values []T, size int,
	put func([]byte, T) []byte) error {
	for chunk := range slices.Chunk(values, chunkBytes/size) {
		buf = buf[:0]
		for _, x := range chunk {
			buf = put(buf, x)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
