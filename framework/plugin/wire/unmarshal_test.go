package wire

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"quickstudy/framework/plugin/proto/pluginv1"
)

// TestUnmarshalCountsFirst: two bytes on the wire must not become a hundred in
// memory a million times over.
func TestUnmarshalCountsFirst(t *testing.T) {
	nodes := bytes.Repeat([]byte{3<<3 | 2, 0}, maxEntries+1)
	err := Unmarshal(nodes, &pluginv1.Graph{})
	if err == nil || !strings.Contains(err.Error(), "entries") {
		t.Errorf("many empty nodes: %v", err)
	}
	var nested []byte
	for range 100 {
		nested = protowire.AppendBytes([]byte{14<<3 | 2}, nested)
	}
	err = Unmarshal(nested, &pluginv1.Attribute{})
	if err == nil || !strings.Contains(err.Error(), "nests deeper") {
		t.Errorf("nested attributes: %v", err)
	}
	for _, data := range [][]byte{{0xff}, {1<<3 | 2, 5}, {1<<3 | 3}, {1 << 3}} {
		if err := Unmarshal(data, &pluginv1.Graph{}); err == nil {
			t.Errorf("% x was decoded", data)
		}
	}
}
