// Plugin sinusoid generates the regression tasks on which MAML was introduced
// (Finn, Abbeel & Levine 2017, https://arxiv.org/abs/1703.03400, section 5.1):
// every episode is a sine wave of its own amplitude and phase, seen at a few
// points.
//
//	task "sinusoid" "waves" {
//	  shots   = 10
//	  queries = 10
//	  inputs { numeric = "x" }
//	  predict "wave" { head = head.wave  target = "y" }
//	}
//
// A record has the fields "x", a sequence, and "y". With layout "points" every
// point is a record of its own; with "set" the points of an episode are one
// sequence with a value for every position.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(sinusoid) }
