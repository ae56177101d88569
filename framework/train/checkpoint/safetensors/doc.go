// Package safetensors reads and writes the safetensors format: a file of named
// arrays that can be checked in full before any of it is used.
//
//	err := safetensors.Write(w, &safetensors.File{
//		Metadata: map[string]string{"step": "500"},
//		Tensors:  []safetensors.Tensor{{Name: "w", Shape: []int{2}, Values: []float32{1, 2}}},
//	})
//	file, err := safetensors.Read(r, size)
//
// The layout, from https://github.com/huggingface/safetensors ("Format"):
//
//	8 bytes    length N of the header, little-endian
//	N bytes    JSON object, begins with '{', may be padded with spaces at its end:
//	           {"__metadata__": {"key": "text"},
//	            "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}}
//	the rest   the values, little-endian and row-major; offsets count from here
//
// A file is a pure function of the arrays and the metadata, whatever their
// order: arrays lie in the order of their alignment and then their name, as the
// reference implementation lays them out, and the header is padded to eight
// bytes, so every array is aligned for its type.
//
// What is read is not trusted. The header is limited; a name may occur once;
// the ranges must lie one after the other, match type and shape, and fill the
// file to its last byte; and an array is allocated only after the file has been
// found long enough to hold it. Anything else is a *FormatError.
package safetensors
