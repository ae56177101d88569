package bench

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// Measurement is what was found out about the steps of an experiment.
type Measurement struct {
	Experiment string  `json:"experiment"`
	Kernels    string  `json:"kernels"` // the instruction set that they use
	Workers    int     `json:"workers"`
	WarmUp     int     `json:"warmup_steps"`
	Steps      int     `json:"timed_steps"`
	MedianStep float64 `json:"median_step_s"`
	MinStep    float64 `json:"min_step_s"`
	MaxStep    float64 `json:"max_step_s"`
	Compile    float64 `json:"compile_s"`
	// FirstStep is when the first step was made, from Config.Started; 0 where that is not set.
	FirstStep float64 `json:"first_step_s,omitempty"`
	// PluginTime is the processor time that the plugins' processes took for a step. It is left
	// out where the system does not tell.
	PluginTime float64 `json:"plugin_s_per_step,omitempty"`
	Shapes     int     `json:"compiled_shapes"`
	Programs   int     `json:"compiled_programs"`
	// FLOPs is the floating-point operations of the matrix products of a step, Elements
	// what other arithmetic computes, both means over the timed steps.
	FLOPs           int64   `json:"flops"`
	Elements        int64   `json:"elements"`
	GFLOPS          float64 `json:"gflops"`
	PeakGFLOPS      float64 `json:"peak_gflops"`
	PeakShare       float64 `json:"peak_share"`
	BandwidthGB     float64 `json:"bandwidth_gb_per_s"` // of memory, for one processor
	TokensPerSecond float64 `json:"tokens_per_s"`
	// Of the arena of each worker: its size, what cannot be less because it is alive at the
	// same time, and the size if every value had memory of its own.
	ArenaMB float64 `json:"arena_mb"`
	AliveMB float64 `json:"arena_alive_mb"`
	NaiveMB float64 `json:"arena_naive_mb"`
	// Peaks of resident memory, of the runner alone and with its plugins. They are left
	// out where the system does not tell.
	PeakRSSMB    float64   `json:"peak_rss_mb,omitempty"`
	PeakRSSAllMB float64   `json:"peak_rss_all_mb,omitempty"`
	Allocs       float64   `json:"allocs_per_step"`
	AllocMB      float64   `json:"alloc_mb_per_step"`
	Costs        []Cost    `json:"clusters"`                   // the most expensive parts
	Losses       []float64 `json:"losses"`                     // of all steps from the first
	Reference    []float64 `json:"reference_losses,omitempty"` // of the reference executor
}

// Tolerance bounds how far a loss may be from the reference executor's, relative to it or,
// below 1, absolutely. Both compute in single precision, and steps let errors grow.
const Tolerance = 1e-4

// megabytes are of 10⁶ bytes.
func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// memory fills in the peaks of resident memory.
func (m *Measurement) memory(plugins []int) {
	own, err := peakMemory(os.Getpid())
	if err != nil {
		return
	}
	m.PeakRSSMB = megabytes(own)
	all := own
	for _, pid := range plugins {
		peak, err := peakMemory(pid)
		if err != nil {
			return
		}
		all += peak
	}
	m.PeakRSSAllMB = megabytes(all)
}

// Furthest returns how far the losses are from the reference executor's at most.
func (m *Measurement) Furthest() float64 {
	furthest := 0.0
	for i, want := range m.Reference {
		furthest = math.Max(furthest, math.Abs(m.Losses[i]-want)/math.Max(1, math.Abs(want)))
	}
	return furthest
}

// Deviation is an error when they are further than they may be.
func (m *Measurement) Deviation() error {
	if d := m.Furthest(); !(d <= Tolerance) {
		return fmt.Errorf("the losses %.7g differ from the reference executor's %.7g by %.2g, want at "+
			"most %g", m.Losses[:len(m.Reference)], m.Reference, d, Tolerance)
	}
	return nil
}

// WriteText writes the measurement for people.
func (m *Measurement) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("experiment", "%s, %d steps after %d, %d workers, %s kernels", m.Experiment, m.Steps,
		m.WarmUp, m.Workers, m.Kernels)
	line("step", "%.4g s in the median, from %.4g to %.4g", m.MedianStep, m.MinStep, m.MaxStep)
	line("compilation", "%.3g s, %d programs for %d shapes", m.Compile, m.Programs, m.Shapes)
	if m.FirstStep > 0 {
		line("first step", "%.3g s after the start", m.FirstStep)
	}
	if m.PluginTime > 0 {
		line("plugins", "%.3g ms of their processors' time a step", 1e3*m.PluginTime)
	}
	line("arithmetic", "%.4g GFLOP in matrix products, %.4g million elements of other operations",
		float64(m.FLOPs)/1e9, float64(m.Elements)/1e6)
	line("speed", "%.4g GFLOP/s, %.3g %% of the %.4g GFLOP/s of a large matrix product; "+
		"%.4g tokens/s", m.GFLOPS, 100*m.PeakShare, m.PeakGFLOPS, m.TokensPerSecond)
	line("memory", "arena of %.4g MB a worker: %.4g MB alive at once, of %.4g MB", m.ArenaMB,
		m.AliveMB, m.NaiveMB)
	if m.PeakRSSAllMB > 0 {
		line("resident", "at most %.4g MB, with plugins %.4g MB", m.PeakRSSMB, m.PeakRSSAllMB)
	}
	line("allocations", "%.4g a step, %.4g MB", m.Allocs, m.AllocMB)
	for i, c := range m.Costs {
		name := ""
		if i == 0 {
			name = "clusters"
		}
		speed := fmt.Sprintf("%5.1f GB/s", float64(c.Bytes)/1e9/c.Seconds)
		if c.FLOPs > 0 {
			speed = fmt.Sprintf("%5.1f GFLOP/s", float64(c.FLOPs)/1e9/c.Seconds)
		}
		micro := 1e6 / float64(c.Times)
		line(name, "%4.1f %%  %4d × %8.1f µs, floor %8.1f  %-13s  %s", 100*c.Share, c.Times,
			micro*c.Seconds, micro*c.Floor, speed, c.Unit)
	}
	line("losses", "%s", numbers(m.Losses))
	if m.Reference != nil {
		line("reference", "%s; furthest %.2g", numbers(m.Reference), m.Furthest())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// numbers writes losses in a row.
func numbers(losses []float64) string {
	texts := make([]string, len(losses))
	for i, x := range losses {
		texts[i] = fmt.Sprintf("%.6f", x)
	}
	return strings.Join(texts, " ")
}
