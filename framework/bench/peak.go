package bench

import (
	"sync"
	"sync/atomic"
	"time"

	"quickstudy/framework/kernel"
)

// peakFLOPs measures how many floating-point operations a second the processors do at
// most: a matrix product that is large, but whose blocks stay in the caches, several times
// over, shared by so many workers. The fastest counts, because whatever else the machine
// does can only slow it down.
func peakFLOPs(workers int) (float64, error) {
	const (
		rounds = 12
		rows   = 960 // of each worker: whole tiles of work, equally many for each
		n, k   = 1536, 1536
	)
	m := rows * workers
	gemm, err := kernel.For(kernel.Best()).NewProduct(kernel.Product{M: m, N: n, K: k,
		A: kernel.Strides{Row: k, Col: 1}, B: kernel.Strides{Row: n, Col: 1},
		C: kernel.Strides{Row: n, Col: 1}, Alpha: 1})
	if err != nil {
		return 0, err
	}
	a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	for i := range a {
		a[i] = float32(i%7) - 3
	}
	for i := range b {
		b[i] = float32(i%5) - 2
	}
	scratch := make([][]float32, workers)
	for i := range scratch {
		scratch[i] = make([]float32, gemm.Workspace())
	}
	fastest := time.Duration(0)
	for range rounds {
		var next atomic.Int64
		var all sync.WaitGroup
		started := time.Now()
		for i := range workers {
			all.Go(func() {
				for tile := int(next.Add(1)) - 1; tile < gemm.Tiles(); tile = int(next.Add(1)) - 1 {
					gemm.RunTile(tile, c, a, b, nil, scratch[i])
				}
			})
		}
		all.Wait()
		if took := time.Since(started); fastest == 0 || took < fastest {
			fastest = took
		}
	}
	return 2 * float64(gemm.Multiplications()) / fastest.Seconds(), nil
}

// bandwidth measures how many bytes a second one processor reads and writes when it copies
// what no cache holds. The fastest of several rounds counts.
func bandwidth() float64 {
	const rounds, size = 5, 128 << 20
	from, to := make([]byte, size), make([]byte, size)
	for i := range from { // pages that were never written are all the same one
		from[i] = 1
	}
	copy(to, from)
	fastest := time.Duration(0)
	for range rounds {
		started := time.Now()
		copy(to, from)
		if took := time.Since(started); fastest == 0 || took < fastest {
			fastest = took
		}
	}
	return 2 * size / fastest.Seconds()
}
