package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// TestRunAdapters trains two tasks on one encoder whose own layers are frozen: what adapts
// them is shared or a task's own, as the file says, and what is frozen keeps its bits.
func TestRunAdapters(t *testing.T) {
	const adapters = `layers = 1
    adapter "lora" {
      on   = "layers/*/attention/{q,v}"
      rank = 4
    }
    adapter "bottleneck" {
      on   = "layers/*/mlp"
      rank = 8
      per  = "task"
    }
    adapter "norm" {
      on  = "{layers/*/norm*,norm}"
      per = "task"
    }
    experts { count = 2 }`
	path := edited(t, "heads.hcl", "layers = 1", adapters, "seed = 4",
		"seed = 4\n  freeze = [\"backbone/{layers,norm}/**\"]", "steps = 60", "steps = 8")
	sentences(t, filepath.Join(filepath.Dir(path), "sentences.jsonl"))
	dir, _, _ := trained(t, path, t.TempDir())
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := checkpoint.Latest(run.Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	moved, held := map[string]int{}, 0
	for _, leaf := range found.Groups[checkpoint.Parameters] {
		owner, _, _ := strings.Cut(strings.TrimPrefix(leaf.Name, "private/"), "/")
		values, _ := leaf.Values.([]float32)
		changed := slices.ContainsFunc(values, func(x float32) bool { return x != 0 })
		switch {
		case strings.Contains(leaf.Name, "/up") ||
			strings.HasPrefix(leaf.Name, "private/") && strings.Contains(leaf.Name, "/norm"):
			if !changed { // it began at 0
				t.Errorf("%s has not moved", leaf.Name)
			}
			moved[owner]++
		case strings.HasPrefix(leaf.Name, "backbone/layers/") &&
			strings.HasSuffix(leaf.Name, "/b"):
			if held++; changed {
				t.Errorf("%s is frozen and has moved", leaf.Name)
			}
		}
	}
	// Two updates of the layer; a bottleneck and three norms of each task.
	if moved["adapters"] != 2 || moved["sentences"] != 8 || moved["pairs"] != 8 || held != 6 {
		t.Errorf("moved %v, want 2 shared and 8 of each task; %d frozen biases, want 6", moved, held)
	}
}
