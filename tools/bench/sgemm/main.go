// Sgemm times the matrix products of framework/kernel for compare.py: for every line of
// standard input it prints the median time of a product, in seconds.
//
//	echo avx512 1 800 64 256 NT 0.1 | sgemm
//
// A line names the instruction set, the batch, the rows and columns of the result, the
// length of the sums, which operands are stored transposed, and how many seconds to spend.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"quickstudy/framework/kernel"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		seconds, err := answer(lines.Text())
		if err != nil {
			fmt.Fprintf(os.Stderr, "sgemm: %q: %v\n", lines.Text(), err)
			os.Exit(1)
		}
		fmt.Println(seconds)
	}
}

func answer(line string) (float64, error) {
	var name, layout string
	var batch, m, n, k int
	var budget float64
	if _, err := fmt.Sscan(line, &name, &batch, &m, &n, &k, &layout, &budget); err != nil {
		return 0, err
	}
	all := kernel.Available()
	i := slices.IndexFunc(all, func(isa kernel.ISA) bool { return isa.String() == name })
	if i < 0 {
		return 0, fmt.Errorf("this processor runs %v, not %s", all, name)
	}
	p := kernel.Product{M: m, N: n, K: k, A: kernel.Strides{Row: k, Col: 1},
		B: kernel.Strides{Row: n, Col: 1}, C: kernel.Strides{Row: n, Col: 1},
		Batch: []kernel.BatchAxis{{Length: batch, A: m * k, B: k * n, C: m * n}}}
	switch layout {
	case "NN", "NT", "TN", "TT":
	default:
		return 0, fmt.Errorf("operands %q, want NN, NT, TN or TT", layout)
	}
	if layout[0] == 'T' {
		p.A = kernel.Strides{Row: 1, Col: m}
	}
	if layout[1] == 'T' {
		p.B = kernel.Strides{Row: 1, Col: k}
	}
	g, err := kernel.For(all[i]).NewProduct(p)
	if err != nil {
		return 0, err
	}
	return median(g, time.Duration(budget*float64(time.Second))), nil
}

// median runs a product for so long and returns the median seconds of a run. Runs that are
// too short for the clock are timed together.
func median(g *kernel.Gemm, budget time.Duration) float64 {
	a, b := random(g.M*g.K*g.Batches()), random(g.K*g.N*g.Batches())
	c, work := make([]float32, g.M*g.N*g.Batches()), make([]float32, g.Workspace())
	const together = 1 << 20 // multiplications, about 20 µs
	repeats := max(1, together/g.Multiplications())
	var times []float64
	g.Run(c, a, b, nil, work)
	for end := time.Now().Add(budget); time.Now().Before(end) || len(times) < 3; {
		start := time.Now()
		for range repeats {
			g.Run(c, a, b, nil, work)
		}
		times = append(times, time.Since(start).Seconds()/float64(repeats))
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func random(n int) []float32 {
	r, x := rand.New(rand.NewPCG(1, 1)), make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
