package metric

import "math"

// Classes counts the outcomes of a classification, class by class. The zero
// value has counted nothing; it grows to the classes it meets.
type Classes struct {
	TruePositives  []int64 // of class c, predicted as c
	FalsePositives []int64 // of another class, predicted as c
	FalseNegatives []int64 // of class c, predicted as another
}

// Count adds one example. Classes are numbered from 0.
func (c *Classes) Count(truth, predicted int) {
	c.grow(max(truth, predicted) + 1)
	if truth == predicted {
		c.TruePositives[truth]++
		return
	}
	c.FalseNegatives[truth]++
	c.FalsePositives[predicted]++
}

// Add adds what another part of the data counted.
func (c *Classes) Add(other Classes) {
	c.grow(len(other.TruePositives))
	for i := range other.TruePositives {
		c.TruePositives[i] += other.TruePositives[i]
		c.FalsePositives[i] += other.FalsePositives[i]
		c.FalseNegatives[i] += other.FalseNegatives[i]
	}
}

func (c *Classes) grow(n int) {
	for len(c.TruePositives) < n {
		c.TruePositives = append(c.TruePositives, 0)
		c.FalsePositives = append(c.FalsePositives, 0)
		c.FalseNegatives = append(c.FalseNegatives, 0)
	}
}

// Accuracy returns the share of examples predicted right.
func (c *Classes) Accuracy() float64 {
	var right, wrong int64
	for i := range c.TruePositives {
		right += c.TruePositives[i]
		wrong += c.FalseNegatives[i]
	}
	return ratio(float64(right), float64(right+wrong))
}

// F1 returns the harmonic mean of precision and recall, 2tp/(2tp+fp+fn); NaN if
// the class was neither there nor predicted.
func (c *Classes) F1(class int) float64 {
	return f1(float64(c.TruePositives[class]), float64(c.FalsePositives[class]),
		float64(c.FalseNegatives[class]))
}

// MacroF1 returns the mean F1 of the classes that were there or were predicted.
// The others are left out, as in scikit-learn: an episode says nothing of a class
// it does not have.
func (c *Classes) MacroF1() float64 {
	return meanOfDefined(len(c.TruePositives), c.F1)
}

func f1(truePositives, falsePositives, falseNegatives float64) float64 {
	return ratio(2*truePositives, 2*truePositives+falsePositives+falseNegatives)
}

// meanOfDefined returns the mean of score(0) to score(n-1) without the NaNs.
func meanOfDefined(n int, score func(int) float64) float64 {
	var sum, count float64
	for i := range n {
		if s := score(i); !math.IsNaN(s) {
			sum += s
			count++
		}
	}
	return ratio(sum, count)
}

// ratio is a/b, and NaN where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
