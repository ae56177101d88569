package plugin

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"quickstudy/framework/plugin/wire"
)

// sendChunks sends an encoded message in pieces of chunkSize; an empty message
// is one empty piece.
func sendChunks(m proto.Message, send func(chunk []byte) error) error {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return err
	}
	if len(data) > maxTransfer {
		return fmt.Errorf("a message of %d MiB, at most %d MiB can be sent", len(data)>>20,
			maxTransfer>>20)
	}
	for {
		n := min(len(data), chunkSize)
		if err := send(data[:n]); err != nil {
			return err
		}
		if data = data[n:]; len(data) == 0 {
			return nil
		}
	}
}

// receiveChunks puts a message together from the pieces that next returns,
// until io.EOF.
func receiveChunks(into proto.Message, next func() ([]byte, error)) error {
	var data []byte
	for {
		chunk, err := next()
		if errors.Is(err, io.EOF) {
			return wire.Unmarshal(data, into)
		}
		if err != nil {
			return err
		}
		if len(data)+len(chunk) > maxTransfer {
			return fmt.Errorf("a message of more than %d MiB", maxTransfer>>20)
		}
		data = append(data, chunk...)
	}
}
