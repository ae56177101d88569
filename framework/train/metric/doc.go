// Package metric turns what an evaluation counted into scores, and scores of
// episodes into a mean that says how far it can be trusted.
//
//	var c metric.Classes
//	c.Count(truth, predicted)          // for every example
//	f1 := c.MacroF1()
//	fmt.Println(metric.Mean(scores))   // 0.8120 ± 0.0114, over episodes
//
// Every metric is computed from sums over examples, never from means of parts:
// sums of two parts add up to the sums of the whole, so it makes no difference
// how a data set was cut into batches or over workers. Counts add up exactly,
// whatever the order; sums of reals do so up to rounding, and whoever adds them
// keeps one order.
//
// A head returns its sums as named arrays, and says how the total is finished into a
// score (head.Finish); Finish has the formulas.
//
// A score without a value, as the accuracy over no examples, is NaN. It is never
// replaced by 0 or 1.
package metric
