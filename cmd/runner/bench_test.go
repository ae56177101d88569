package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

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
		"arena_mb": m.ArenaMB, "arena_alive_mb": m.AliveMB,
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
	checkCosts(t, m.Costs)
	if len(m.Losses) != 2 || len(m.Reference) != 2 || m.furthest() > tolerance {
		t.Errorf("losses %v, of the reference executor %v", m.Losses, m.Reference)
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("profile %v, %v", info, err)
	}
	checkDump(t, dump)
}

// checkCosts: the clusters that take longest come first, and are no more than all there is.
func checkCosts(t *testing.T, costs []cost) {
	t.Helper()
	share := 0.0
	for i, c := range costs {
		share += c.Share
		if c.Unit == "" || c.Times < 1 || !(c.Seconds > 0) || c.Bytes <= 0 ||
			i > 0 && c.Share > costs[i-1].Share {
			t.Errorf("cluster %d is %+v", i, c)
		}
	}
	if len(costs) != mostCostly || !(share > 0 && share <= 1) {
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

// TestBenchPrints for people what it measured.
func TestBenchPrints(t *testing.T) {
	var out strings.Builder
	m := measurement{Experiment: "e", Kernels: "avx2", Workers: 2, WarmUp: 3, Steps: 10,
		MedianStep: 0.25, MinStep: 0.2, MaxStep: 0.5, Compile: 0.75, Shapes: 1, Programs: 3,
		FLOPs:    37e9,
		Elements: 1e9, GFLOPS: 148, PeakGFLOPS: 200, PeakShare: 0.74, TokensPerSecond: 51200,
		ArenaMB: 83, AliveMB: 80, NaiveMB: 434, PeakRSSMB: 200, PeakRSSAllMB: 280,
		Allocs: 1000, AllocMB: 1,
		Costs: []cost{
			{Unit: "dot [8,4] [4,2] at a.go:1", Times: 10, Seconds: 2e-3, Share: 0.5, FLOPs: 2e8},
			{Unit: "[8 4]: add exp at a.go:2", Times: 5, Seconds: 1e-3, Share: 0.25, Bytes: 1e7},
		},
		Losses: []float64{1.5, 1.25, 1}, Reference: []float64{1.5, 1.25003}}
	if err := m.print(&out); err != nil {
		t.Fatal(err)
	}
	const want = `experiment   e, 10 steps after 3, 2 workers, avx2 kernels
step         0.25 s in the median, from 0.2 to 0.5
compilation  0.75 s, 3 programs for 1 shapes
arithmetic   37 GFLOP in matrix products, 1000 million elements of other operations
speed        148 GFLOP/s, 74 % of the 200 GFLOP/s of a large matrix product; 5.12e+04 tokens/s
memory       arena of 83 MB a worker: 80 MB alive at once, of 434 MB
resident     at most 200 MB, with plugins 280 MB
allocations  1000 a step, 1 MB
clusters     50.0 %    10 ×    200.0 µs  100.0 GFLOP/s  dot [8,4] [4,2] at a.go:1
             25.0 %     5 ×    200.0 µs   10.0 GB/s     [8 4]: add exp at a.go:2
losses       1.500000 1.250000 1.000000
reference    1.500000 1.250030; furthest 2.4e-05
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := m.deviation(); err != nil {
		t.Error(err)
	}
	for _, wrong := range []float64{1.26, math.NaN()} {
		m.Losses[1] = wrong
		if err := m.deviation(); err == nil {
			t.Errorf("no error at a loss of %v", wrong)
		}
	}
}

// benchmark runs the runner in testdata and returns what it measured.
func benchmark(t *testing.T, args ...string) *measurement {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), runner, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "testdata", &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	var m measurement
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return &m
}
