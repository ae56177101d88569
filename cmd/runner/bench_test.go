package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"quickstudy/framework/bench"
	"quickstudy/framework/train/checkpoint/safetensors"
)

// TestBench: every field is filled in, the losses are those of the reference executor, and
// what is dumped is what the steps are made from.
func TestBench(t *testing.T) {
	dump := filepath.Join(t.TempDir(), "steps.safetensors")
	profile := filepath.Join(t.TempDir(), "cpu.prof")
	m := benchmark(t, "bench", "names.hcl", "-json", "-warmup=1", "-steps=1", "-workers=1", "-check",
		"-dump="+dump, "-cpuprofile="+profile)
	if m.Experiment != "names" || m.Workers != 1 || m.WarmUp != 1 || m.Steps != 1 || m.Kernels == "" {
		t.Errorf("measured %+v", m)
	}
	for name, x := range map[string]float64{"median_step_s": m.MedianStep, "compile_s": m.Compile,
		"flops": float64(m.FLOPs), "elements": float64(m.Elements), "gflops": m.GFLOPS,
		"peak_gflops": m.PeakGFLOPS, "peak_share": m.PeakShare, "tokens_per_s": m.TokensPerSecond,
		"first_step_s": m.FirstStep, "arena_mb": m.ArenaMB, "arena_alive_mb": m.AliveMB,
		"allocs_per_step": m.Allocs, "alloc_mb_per_step": m.AllocMB,
		"compiled_shapes": float64(m.Shapes), "compiled_programs": float64(m.Programs)} {
		if !(x > 0) || math.IsInf(x, 0) {
			t.Errorf("%s is %v", name, x)
		}
	}
	if m.AliveMB > m.ArenaMB || m.ArenaMB > m.NaiveMB {
		t.Errorf("arena of %v MB, %v MB alive, %v MB in all", m.ArenaMB, m.AliveMB, m.NaiveMB)
	}
	if m.MinStep > m.MedianStep || m.MedianStep > m.MaxStep || m.GFLOPS > m.PeakGFLOPS {
		t.Errorf("steps of %v, %v and %v s, %v of %v GFLOP/s", m.MinStep, m.MedianStep, m.MaxStep,
			m.GFLOPS, m.PeakGFLOPS)
	}
	if known := m.PeakRSSMB > 1 && m.PeakRSSAllMB > m.PeakRSSMB; known != (runtime.GOOS == "linux") {
		t.Errorf("resident memory of %v MB, with plugins %v MB", m.PeakRSSMB, m.PeakRSSAllMB)
	}
	if known := m.PluginTime > 0; known != (runtime.GOOS == "linux") {
		t.Errorf("plugins took %v s a step", m.PluginTime)
	}
	checkCosts(t, m.Costs)
	if len(m.Losses) != 2 || len(m.Reference) != 2 || m.Furthest() > bench.Tolerance {
		t.Errorf("losses %v, of the reference executor %v", m.Losses, m.Reference)
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("profile %v, %v", info, err)
	}
	checkDump(t, dump)
}

// checkCosts: the clusters that take longest come first, and are no more than all there is.
func checkCosts(t *testing.T, costs []bench.Cost) {
	t.Helper()
	share := 0.0
	for i, c := range costs {
		share += c.Share
		if c.Unit == "" || c.Times < 1 || !(c.Seconds > 0) || c.Bytes <= 0 ||
			i > 0 && c.Share > costs[i-1].Share {
			t.Errorf("cluster %d is %+v", i, c)
		}
	}
	if len(costs) != bench.MostCostly || !(share > 0 && share <= 1) {
		t.Errorf("%d clusters have %v of the time", len(costs), share)
	}
}

func checkDump(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Read(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, tensor := range file.Tensors {
		found[tensor.Name] = len(tensor.Shape)
	}
	for name, rank := range map[string]int{"parameters/heads/language/w": 2,
		"data/0/languages/0/support/input/tokens": 2, "data/1/languages/1/query/language/class": 1} {
		if got, ok := found[name]; !ok || got != rank {
			t.Errorf("%s: found %t, of rank %d, want %d", name, ok, got, rank)
		}
	}
}

// benchmark runs the runner in testdata and returns what it measured.
func benchmark(t *testing.T, args ...string) *bench.Measurement {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), runner, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "testdata", &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	var m bench.Measurement
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return &m
}
