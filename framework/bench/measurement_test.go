package bench

import (
	"math"
	"strings"
	"testing"
)

// TestWriteText: for people.
func TestWriteText(t *testing.T) {
	var out strings.Builder
	m := Measurement{Experiment: "e", Kernels: "avx2", Workers: 2, WarmUp: 3, Steps: 10,
		MedianStep: 0.25, MinStep: 0.2, MaxStep: 0.5, Compile: 0.75,
		FirstStep: 1.5, PluginTime: 0.002, Shapes: 1, Programs: 3,
		FLOPs:    37e9,
		Elements: 1e9, GFLOPS: 148, PeakGFLOPS: 200, PeakShare: 0.74, TokensPerSecond: 51200,
		ArenaMB: 83, AliveMB: 80, NaiveMB: 434, PeakRSSMB: 200, PeakRSSAllMB: 280,
		Allocs: 1000, AllocMB: 1,
		Costs: []Cost{
			{Unit: "dot [8,4] [4,2] at a.go:1", Times: 10, Seconds: 2e-3, Share: 0.5, FLOPs: 2e8,
				Floor: 1e-3},
			{Unit: "[8 4]: add exp at a.go:2", Times: 5, Seconds: 1e-3, Share: 0.25, Bytes: 1e7,
				Floor: 5e-4},
		},
		Losses: []float64{1.5, 1.25, 1}, Reference: []float64{1.5, 1.25003}}
	if err := m.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	const want = `experiment   e, 10 steps after 3, 2 workers, avx2 kernels
step         0.25 s in the median, from 0.2 to 0.5
compilation  0.75 s, 3 programs for 1 shapes
first step   1.5 s after the start
plugins      2 ms of their processors' time a step
arithmetic   37 GFLOP in matrix products, 1000 million elements of other operations
speed        148 GFLOP/s, 74 % of the 200 GFLOP/s of a large matrix product; 5.12e+04 tokens/s
memory       arena of 83 MB a worker: 80 MB alive at once, of 434 MB
resident     at most 200 MB, with plugins 280 MB
allocations  1000 a step, 1 MB
clusters     50.0 %    10 ×    200.0 µs, floor    100.0  100.0 GFLOP/s  dot [8,4] [4,2] at a.go:1
             25.0 %     5 ×    200.0 µs, floor    100.0   10.0 GB/s     [8 4]: add exp at a.go:2
losses       1.500000 1.250000 1.000000
reference    1.500000 1.250030; furthest 2.4e-05
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := m.Deviation(); err != nil {
		t.Error(err)
	}
	for _, wrong := range []float64{1.26, math.NaN()} {
		m.Losses[1] = wrong
		if err := m.Deviation(); err == nil {
			t.Errorf("no error at a loss of %v", wrong)
		}
	}
}
