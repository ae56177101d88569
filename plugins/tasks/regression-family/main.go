// Plugin regression-family generates regression tasks: every episode is a function of its own,
// drawn from a family and seen at a few points.
//
//	task "regression-family" "waves" {
//	  family  = "sinusoid"
//	  shots   = 10
//	  queries = 10
//	  inputs { numeric = "x" }
//	  predict "wave" { head = head.wave  target = "y" }
//	}
//
// The families are
//
//   - "sinusoid": y = A sin(x - φ), A in [0.1, 5], φ in [0, π], x in [-5, 5], each uniform, on
//     which MAML was introduced (Finn, Abbeel & Levine 2017, https://arxiv.org/abs/1703.03400,
//     section 5.1);
//   - "harmonic": y = a sin(ωx + b) + c sin(2ωx + d), with a, c ~ N(0, 1), b, d in [0, 2π], ω in
//     [5, 7], and x ~ N(μ, 1) around an episode's own μ in [-4, 4] (Lacoste et al. 2018,
//     https://arxiv.org/abs/1806.07528, section 5.1);
//   - "linear": y = w·x, with x, w ~ N(0, I) of some dimensions d, on which it was shown what
//     Transformers learn in context (Garg et al. 2022, https://arxiv.org/abs/2208.01066, section
//     3). After k points without noise, no predictor has a lower expected error than d - k, that
//     of the least squares of minimal norm: the line to draw a curve beside.
//
// A record has the fields "x", a sequence, and "y". With layout "points" every point is a record
// of its own; with "set" the points of an episode are one sequence with a value for every
// position.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(regression) }
