// Package bench measures the steps of an experiment: time, arithmetic, speed, memory, what its
// parts cost, and what its plugins take.
//
//	m, err := bench.Run(ctx, bench.Config{Session: s, Trial: t, Workers: 2, WarmUp: 3, Steps: 10})
//	err = m.WriteText(os.Stdout)
//
// The steps are those that a run makes: each has new data and updates the parameters. Nothing is
// evaluated or kept.
package bench
