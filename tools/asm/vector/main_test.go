package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const kernels = "../../../framework/kernel"

// The assembly that is checked in is what the generator writes.
func TestUpToDate(t *testing.T) {
	folder := t.TempDir()
	for _, name := range definitions {
		source, err := os.ReadFile(filepath.Join(kernels, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), source, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	for _, m := range []machine{avx2, avx512} {
		for _, suffix := range []string{".s", ".go"} {
			name := "vector_" + m.name + "_amd64" + suffix
			got, err := os.ReadFile(filepath.Join(kernels, name))
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("framework/kernel/%s is not what the generator writes: run go generate there", name)
			}
		}
	}
}
