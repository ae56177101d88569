// Package proto holds the plugin protocol, quickstudy.plugin.v1, as protocol
// buffers. The definitions under quickstudy/plugin/v1 are the reference for
// plugins in other languages; package pluginv1 is generated from them and
// imported by the packages plugin and wire alone.
//
// After a change run go generate in this folder. It needs buf v1.75.0,
// protoc-gen-go v1.36.12 and protoc-gen-go-grpc v1.6.2 on the PATH:
//
//	go install github.com/bufbuild/buf/cmd/buf@v1.75.0
//	go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
//	go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
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

//go:generate buf lint
//go:generate buf format -w
//go:generate buf generate
