// Package proto holds the plugin protocol, quickstudy.plugin.v1, as protocol
// buffers. The definitions under quickstudy/plugin/v1 are the reference for
// plugins in other languages; package pluginv1 is generated from them and
// imported by the packages plugin and wire alone.
//
// After a change run go generate in this folder. What it runs is pinned: buf in
// tools/buf/go.mod, the generators of Go in buf.gen.yaml.
//
// Within version 1 fields are added, never renumbered or reused. The file
// v1.binpb is the image of version 1 at its freeze, with which .ci/run compares by
//
//	buf breaking --against v1.binpb
//
// It was made once, in this folder, by
//
//	buf build --exclude-source-info -o v1.binpb
package proto

//go:generate go tool -modfile=../../../tools/buf/go.mod buf lint
//go:generate go tool -modfile=../../../tools/buf/go.mod buf format -w
//go:generate go tool -modfile=../../../tools/buf/go.mod buf generate
