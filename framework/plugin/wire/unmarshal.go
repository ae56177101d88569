package wire

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Limits of one message from another process. An empty nested message takes two
// bytes on the wire and a hundred in memory, so entries are counted before the
// message is decoded.
const (
	maxEntries = 8 << 20 // nested messages, strings and byte strings
	maxNesting = 32
)

// Unmarshal decodes a message like proto.Unmarshal, but refuses one with too
// many or too deeply nested entries before it allocates anything for them.
func Unmarshal(data []byte, m proto.Message) error {
	left := maxEntries
	if err := countEntries(data, m.ProtoReflect().Descriptor(), &left, 0); err != nil {
		return err
	}
	return proto.Unmarshal(data, m)
}

// countEntries walks the encoded fields and takes every entry from left.
func countEntries(data []byte, m protoreflect.MessageDescriptor, left *int, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("message %s nests deeper than %d", m.FullName(), maxNesting)
	}
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("message %s: %w", m.FullName(), protowire.ParseError(n))
		}
		data = data[n:]
		if kind == protowire.StartGroupType {
			return fmt.Errorf("message %s: field %d is a group, which the protocol does not use",
				m.FullName(), number)
		}
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, data); n < 0 {
				return fmt.Errorf("message %s: %w", m.FullName(), protowire.ParseError(n))
			}
			data = data[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return fmt.Errorf("message %s: %w", m.FullName(), protowire.ParseError(n))
		}
		data = data[n:]
		if *left--; *left < 0 {
			return fmt.Errorf("message with more than %d entries", maxEntries)
		}
		if f := m.Fields().ByNumber(number); f != nil && f.Kind() == protoreflect.MessageKind {
			if err := countEntries(content, f.Message(), left, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
