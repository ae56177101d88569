# Workload W1fo: first-order MAML, otherwise w1-maml.hcl.
#
#   runner bench experiments/bench/w1-fomaml.hcl

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "maml" { source = "../../plugins/metalearners/maml" }
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-w1-fomaml" {
  description = "time of a step of first-order MAML"
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
      query = 15
    }
  }

  metalearner "maml" {
    inner_steps = 5
    inner_lr    = 0.01
    first_order = true
    optimizer "adam" {
      learning_rate = 1e-3
    }
  }

  train {
    steps      = 100
    meta_batch = 4
  }
}
