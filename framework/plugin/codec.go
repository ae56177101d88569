package plugin

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that hostCodec wraps
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"quickstudy/framework/plugin/wire"
)

// hostCodec is gRPC's own codec, but counts what a message from a plugin holds
// before decoding it.
type hostCodec struct{ encoding.CodecV2 }

func newHostCodec() hostCodec { return hostCodec{encoding.GetCodecV2("proto")} }

// Unmarshal decodes one message.
func (c hostCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return fmt.Errorf("cannot decode into a %T", v)
	}
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free()
	return wire.Unmarshal(whole.ReadOnlyData(), m)
}
