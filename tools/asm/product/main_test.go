package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The assembly that is checked in is what the generator writes.
func TestUpToDate(t *testing.T) {
	folder, kernels := t.TempDir(), "../../../framework/kernel"
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		got, err := os.ReadFile(filepath.Join(kernels, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("framework/kernel/%s is not what the generator writes: run go generate there",
				file.Name())
		}
	}
}
