package metric

import "math"

// Regression sums the errors of predicted values. The zero value has summed
// nothing.
type Regression struct {
	N              float64
	Targets        float64 // Σ y
	SquaredTargets float64 // Σ y²
	SquaredErrors  float64 // Σ (ŷ-y)²
	AbsoluteErrors float64 // Σ |ŷ-y|
}

// Count adds one example.
func (r *Regression) Count(target, predicted float64) {
	e := predicted - target
	r.Add(Regression{N: 1, Targets: target, SquaredTargets: target * target,
		SquaredErrors: e * e, AbsoluteErrors: math.Abs(e)})
}

// Add adds what another part of the data summed.
func (r *Regression) Add(other Regression) {
	r.N += other.N
	r.Targets += other.Targets
	r.SquaredTargets += other.SquaredTargets
	r.SquaredErrors += other.SquaredErrors
	r.AbsoluteErrors += other.AbsoluteErrors
}

// MSE returns the mean squared error.
func (r *Regression) MSE() float64 { return ratio(r.SquaredErrors, r.N) }

// MAE returns the mean absolute error.
func (r *Regression) MAE() float64 { return ratio(r.AbsoluteErrors, r.N) }

// R2 returns the share of the targets' variance that is explained,
// 1 - Σ(ŷ-y)²/Σ(y-mean)²; NaN if all targets are the same, where scikit-learn
// says 0 or 1. The sum of squares around the mean is Σy² - (Σy)²/n, which loses
// digits for targets whose mean is millions of times their spread.
func (r *Regression) R2() float64 {
	return r2(r.N, r.Targets, r.SquaredTargets, r.SquaredErrors)
}

func r2(n, targets, squaredTargets, squaredErrors float64) float64 {
	around := squaredTargets - targets*ratio(targets, n)
	// What rounding leaves of a variance of zero is at most a few units in the last place of Σy².
	if around <= 4*epsilon*squaredTargets {
		return math.NaN()
	}
	return 1 - squaredErrors/around
}

// epsilon is the distance from 1 to the next float64.
const epsilon = 0x1p-52
