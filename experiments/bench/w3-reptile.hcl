# Workload W3: Reptile, four episodes a step, five inner Adam steps on 25 sequences.
#
# The model is that of w1-maml.hcl. The outer step goes 0.1 of the way to the mean of
# the adapted parameters. An episode must have a query, which Reptile only looks at: it
# is as small as it can be, 5 sequences, and costs 1.3 % of the step's arithmetic.
#
#   runner bench experiments/bench/w3-reptile.hcl

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "reptile" { source = "../../plugins/metalearners/reptile" }
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-w3-reptile" {
  description = "time of a step of Reptile"
  seed        = 1

  backbone "transformer" {
    kind       = "encoder"
    layers     = 2
    width      = 64
    heads      = 4
    mlp        = 256
    activation = "gelu"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
    }
  }

  head "classification" "class" {}

  task "random-tokens" "noise" {
    classes    = 5
    vocabulary = 998
    length     = 32
    records    = 20000
    inputs { tokens = "tokens" }
    predict "class" {
      head   = head.class
      target = "class"
    }
    split { by = "source" }
    episodes {
      way   = 5
      shot  = 5
      query = 1
    }
  }

  metalearner "reptile" {
    inner_steps     = 5
    inner_lr        = 1e-3
    inner_optimizer = "adam"
    epsilon         = 0.1
  }

  train {
    steps      = 100
    meta_batch = 4
  }
}
