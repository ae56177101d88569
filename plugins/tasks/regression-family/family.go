package main

import (
	"math"
	"math/rand/v2"
)

// family is a distribution of functions.
type family struct {
	draw   func(rng *rand.Rand, dimensions int) function
	source string
}

// function is one task of a family: where it is seen, and what is seen there.
type function struct {
	point func(rng *rand.Rand) []float64
	at    func(x []float64) float64
}

var families = map[string]family{
	"sinusoid": {sinusoid, "Finn, Abbeel & Levine 2017, https://arxiv.org/abs/1703.03400"},
	"harmonic": {harmonic, "Lacoste et al. 2018, https://arxiv.org/abs/1806.07528"},
	"linear":   {linear, "Garg et al. 2022, https://arxiv.org/abs/2208.01066"},
}

// The distribution of waves y = A sin(x - φ), each uniform.
const (
	minAmplitude, maxAmplitude = 0.1, 5.0
	maxPhase                   = math.Pi
	maxX                       = 5.0 // x from -maxX
)

func sinusoid(rng *rand.Rand, _ int) function {
	amplitude, phase := uniform(rng, minAmplitude, maxAmplitude), uniform(rng, 0, maxPhase)
	return function{
		point: func(rng *rand.Rand) []float64 { return []float64{uniform(rng, -maxX, maxX)} },
		at:    func(x []float64) float64 { return amplitude * math.Sin(x[0]-phase) },
	}
}

// The distribution of sums of a wave and one of twice its frequency.
const (
	minFrequency, maxFrequency = 5.0, 7.0
	maxCentre                  = 4.0 // of x, from -maxCentre
)

func harmonic(rng *rand.Rand, _ int) function {
	centre, frequency := uniform(rng, -maxCentre, maxCentre), uniform(rng, minFrequency, maxFrequency)
	a, b := rng.NormFloat64(), uniform(rng, 0, 2*math.Pi)
	c, d := rng.NormFloat64(), uniform(rng, 0, 2*math.Pi)
	return function{
		point: func(rng *rand.Rand) []float64 { return []float64{centre + rng.NormFloat64()} },
		at: func(x []float64) float64 {
			angle := float64(frequency * x[0])
			return float64(a*math.Sin(angle+b)) + float64(c*math.Sin(float64(2*angle)+d))
		},
	}
}

func linear(rng *rand.Rand, dimensions int) function {
	w := normal(rng, dimensions)
	return function{
		point: func(rng *rand.Rand) []float64 { return normal(rng, dimensions) },
		at:    func(x []float64) float64 { return dot(w, x) },
	}
}

func uniform(rng *rand.Rand, lo, hi float64) float64 { return lo + float64((hi-lo)*rng.Float64()) }

func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// dot rounds every product and every sum, on every processor.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}
