package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxRecord is the largest record that is read.
const maxRecord = 64 << 20

// scan finds the records of a file and adds them to a digest. A file of TFRecords is, for each,
//
//	uint64 length, uint32 masked CRC-32C of the length, the record, uint32 masked CRC-32C of it
//
// in little-endian order: https://www.tensorflow.org/tutorials/load_data/tfrecord.
func scan(name string, digest io.Writer) ([]stored, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found, err := scanRecords(bufio.NewReaderSize(io.TeeReader(file, digest), 1<<20))
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", len(found)+1, err)
	}
	return found, nil
}

// scanRecords returns the records before the first that is damaged.
func scanRecords(r io.Reader) (found []stored, err error) {
	var header [12]byte
	var content []byte
	for at := int64(0); ; {
		switch _, err := io.ReadFull(r, header[:]); {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return found, early(err)
		}
		if got, want := binary.LittleEndian.Uint32(header[8:]), masked(header[:8]); got != want {
			return found, fmt.Errorf("the sum of its length is %#08x, want %#08x: the file is damaged, "+
				"or no file of TFRecords", got, want)
		}
		size := binary.LittleEndian.Uint64(header[:8])
		if size > maxRecord {
			return found, fmt.Errorf("%d bytes, want at most %d", size, maxRecord)
		}
		// What is read grows as it arrives, whatever length the file states.
		if content, err = appendRead(content[:0], r, int(size)+4); err != nil {
			return found, early(err)
		}
		got, want := binary.LittleEndian.Uint32(content[size:]), masked(content[:size])
		if got != want {
			return found, fmt.Errorf("the sum of its content is %#08x, want %#08x: the file is damaged",
				got, want)
		}
		found = append(found, stored{number: len(found) + 1, at: at + 12, size: int(size)})
		at += 12 + int64(size) + 4
	}
}

// appendRead reads n bytes, a part at a time.
func appendRead(to []byte, r io.Reader, n int) ([]byte, error) {
	const part = 1 << 16
	for n > 0 {
		first := len(to)
		to = append(to, make([]byte, min(n, part))...)
		if _, err := io.ReadFull(r, to[first:]); err != nil {
			return nil, err
		}
		n -= len(to) - first
	}
	return to, nil
}

func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends early")
	}
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the CRC-32C of data, turned and moved so that the sum of data with sums in it stays
// one.
func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// decodeExample returns the image of a record, a protocol buffer of the type tf.train.Example with
// the features "image", its encoded bytes, and "label":
//
//	message Example  { Features features = 1; }
//	message Features { map<string, Feature> feature = 1; }
//	message Feature  { oneof kind { BytesList bytes_list = 1; ... } }
//	message BytesList { repeated bytes value = 1; }
func decodeExample(data []byte) ([]byte, error) {
	var images [][]byte
	entries, err := values(data, 1, 1)
	for i := 0; i < len(entries) && err == nil; i++ {
		var keys, found [][]byte
		if keys, err = values(entries[i], 1); err != nil || len(keys) != 1 ||
			string(keys[0]) != "image" {
			continue
		}
		found, err = values(entries[i], 2, 1, 1)
		images = append(images, found...)
	}
	if err != nil {
		return nil, fmt.Errorf("it is no tf.train.Example: %w", err)
	}
	if len(images) != 1 {
		return nil, fmt.Errorf("its feature \"image\" holds %d values, want the bytes of one image",
			len(images))
	}
	return images[0], nil
}

// values returns what a message holds along a path of fields of bytes or messages.
func values(data []byte, path ...protowire.Number) (found [][]byte, err error) {
	if len(path) == 0 {
		return [][]byte{data}, nil
	}
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		data = data[n:]
		if n = protowire.ConsumeFieldValue(number, kind, data); n < 0 {
			return nil, protowire.ParseError(n)
		}
		field := data[:n]
		data = data[n:]
		if kind != protowire.BytesType || number != path[0] {
			continue
		}
		value, _ := protowire.ConsumeBytes(field)
		inner, err := values(value, path[1:]...)
		if err != nil {
			return nil, err
		}
		found = append(found, inner...)
	}
	return found, nil
}
