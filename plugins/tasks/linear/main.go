// Plugin linear generates noiseless linear regression, by which Garg, Tsipras, Liang &
// Valiant 2022, "What Can Transformers Learn In-Context?",
// https://arxiv.org/abs/2208.01066, section 3, judge what is learned from examples: every
// episode is a linear function of its own, seen at a few points.
//
//	task "linear" "functions" {
//	  features  = 5
//	  min_shots = 1
//	  shots     = 10
//	  queries   = 10
//	  inputs { numeric = "x" }
//	  predict "y" { head = head.y  target = "y" }
//	}
//
// With d features, x and w of N(0, I_d), y = w·x/√d, so that y has variance 1. The paper's y is
// w·x, and its errors are divided by d, which comes to the same. An episode has so many
// examples in its support as are drawn uniformly from min_shots to shots.
//
// What can be known is known: of k examples the minimum-norm least-squares solution, which
// is the posterior mean, has the expected squared error 1 − k/d for k ≤ d, and 0 from there
// on, since w has a part outside the span of k directions of (d−k)/d of its square.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(linear) }
