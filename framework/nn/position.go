package nn

import (
	"math"
	"slices"

	"quickstudy/framework/graph"
)

// wavelengths is the base of the geometric progression of wavelengths of Sinusoidal
// and Rotary, from 2π to 2π times it.
const wavelengths = 10000

// Sinusoidal returns the vectors of positions 0 to T-1 as a constant [T, D], D even:
//
//	PE[t, 2i] = sin(t / 10000^(2i/D)),  PE[t, 2i+1] = cos(t / 10000^(2i/D))
//
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.5.
func Sinusoidal(dtype graph.DType, t, d int) *graph.Node {
	sines, cosines := waves("sinusoidal", t, d)
	var values []float64
	for i, sine := range sines {
		values = append(values, sine, cosines[i])
	}
	return graph.Const(dtype, graph.Shape{t, d}, values)
}

// RotaryAngles returns the cosines and sines by which Rotary turns positions 0 to
// T-1, constants [T, E/2], E even. The angle of pair i at position t is
// t · 10000^(-2i/E).
func RotaryAngles(dtype graph.DType, t, e int) (cosines, sines *graph.Node) {
	s, c := waves("rotary", t, e)
	shape := graph.Shape{t, e / 2}
	return graph.Const(dtype, shape, c), graph.Const(dtype, shape, s)
}

// waves returns sin and cos of t / 10000^(2i/width), row by row of [T, width/2].
func waves(op string, t, width int) (sines, cosines []float64) {
	if width%2 != 0 || width < 2 || t < 1 {
		graph.Failf(op, "%d positions of width %d: want at least one, of an even width", t, width)
	}
	for position := range t {
		for i := range width / 2 {
			angle := float64(position) / math.Pow(wavelengths, float64(2*i)/float64(width))
			sine, cosine := math.Sincos(angle)
			sines, cosines = append(sines, sine), append(cosines, cosine)
		}
	}
	return sines, cosines
}

// Rotary turns every pair of elements of queries or keys by an angle proportional to
// the position, so that q·k depends on the distance alone:
//
//	y₁ = x₁ cos θ - x₂ sin θ,  y₂ = x₂ cos θ + x₁ sin θ
//
// x: [..., E]; cosines, sines: broadcastable to [..., E/2] (RotaryAngles). The pairs
// are (i, i+E/2), not (2i, 2i+1) as in the paper: the columns of the maps to q and k
// in another order, and elements that lie together are read together.
// Su et al. 2021, https://arxiv.org/abs/2104.09864, eq. 34.
func Rotary(x, cosines, sines *graph.Node) *graph.Node {
	axis, half := x.Shape().Rank()-1, last(x)/2
	x1, x2 := graph.Slice(x, axis, 0, half), graph.Slice(x, axis, half, 2*half)
	y1 := graph.Sub(graph.Mul(x1, cosines), graph.Mul(x2, sines))
	y2 := graph.Add(graph.Mul(x2, cosines), graph.Mul(x1, sines))
	return graph.Concat(axis, y1, y2)
}

// RelativeBuckets is the number of rows of RelativeBias's table, and
// relativeDistance the distance from which all fall into one bucket; T5's.
const (
	RelativeBuckets  = 32
	relativeDistance = 128
)

// RelativeBias returns what a learned table adds to the scores of a query and a key
// at a distance. table: [32, H]; distance: Int32 [..., T, S] (Distances); result
// [..., H, T, S]. Small distances have a bucket each, larger ones share it on a
// logarithmic scale. If causal, distances above 0 are never seen, and all buckets are
// of the past.
// Raffel et al. 2020, https://arxiv.org/abs/1910.10683, section 2.1.
func RelativeBias(table, distance *graph.Node, causal bool) *graph.Node {
	if table.Shape().Rank() != 2 || table.Shape()[0] != RelativeBuckets {
		graph.Failf("relative bias", "table %v: want [%d, H]", table.Shape(), RelativeBuckets)
	}
	var buckets []float64
	for d := -relativeDistance; d <= relativeDistance; d++ {
		buckets = append(buckets, float64(relativeBucket(d, causal)))
	}
	ids := graph.Const(graph.Int32, graph.Shape{len(buckets)}, buckets)
	far := graph.ConstLike(distance, relativeDistance)
	near := graph.ConstLike(distance, -relativeDistance)
	index := graph.Sub(graph.Max(graph.Min(distance, far), near), near) // from 0
	bias := graph.Gather(graph.Gather(table, ids), index)               // [..., T, S, H]
	perm := make([]int, bias.Shape().Rank())
	n := len(perm)
	for i := range n {
		perm[i] = i
	}
	copy(perm[n-3:], []int{n - 1, n - 3, n - 2})
	return graph.Transpose(bias, perm...) // [..., H, T, S]
}

// relativeBucket is the bucket of a distance. Without causal the upper half is for
// keys after the query.
func relativeBucket(distance int, causal bool) int {
	buckets, first := RelativeBuckets, 0
	if !causal {
		buckets /= 2
		if distance > 0 {
			first = buckets
		}
		distance = max(distance, -distance)
	} else {
		distance = max(-distance, 0)
	}
	exact := buckets / 2
	if distance < exact {
		return first + distance
	}
	// The logarithm is a whole number at powers of 2, where rounding must not decide.
	log := func(distance int) float64 { return math.Log(float64(distance) / float64(exact)) }
	share := log(distance) / log(relativeDistance)
	return first + min(exact+int(share*float64(buckets-exact)+1e-9), buckets-1)
}

// ALiBi returns a penalty on scores that grows with the distance between query and
// key, by another slope in every head: -mₕ·|j - i|. distance: Int32 [..., T, S]
// (Distances); result [..., H, T, S].
// Press, Smith & Lewis 2022, https://arxiv.org/abs/2108.12409, section 3; they have
// keys before the query alone, and here a key after it costs as much.
func ALiBi(dtype graph.DType, distance *graph.Node, heads int) *graph.Node {
	n := distance.Shape().Rank()
	away := graph.Abs(graph.Convert(distance, dtype))
	away = graph.Reshape(away, slices.Insert(distance.Shape().Clone(), n-2, 1)...) // [..., 1, T, S]
	slopes := graph.Const(dtype, graph.Shape{heads, 1, 1}, alibiSlopes(heads))
	return graph.Neg(graph.Mul(away, slopes))
}

// alibiSlopes returns the geometric sequence 2^(-8/H), 2^(-16/H), ..., 2^-8. If H is
// no power of 2, the heads above the next lower one P take every other slope of 2P,
// as in the authors' code.
func alibiSlopes(heads int) []float64 {
	power := 1
	for 2*power <= heads {
		power *= 2
	}
	var slopes []float64
	for h := range power {
		slopes = append(slopes, math.Exp2(-8*float64(h+1)/float64(power)))
	}
	for h := range heads - power {
		slopes = append(slopes, math.Exp2(-4*float64(2*h+1)/float64(power)))
	}
	return slopes
}
