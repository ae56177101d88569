# Not tuned for: second-order MAML in sizes that divide by nothing convenient.
#
# Width 96 in 3 heads, sequences of 48 tokens, seven-way three-shot; the rest is as in
# w1-maml.hcl. A speed that the four workloads alone would have had shows here.
#
#   runner bench experiments/bench/odd-maml.hcl

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "maml" { source = "../../plugins/metalearners/maml" }
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-odd-maml" {
  description = "second-order MAML in other sizes"
  seed        = 1

  backbone "transformer" {
    kind       = "encoder"
    layers     = 2
    width      = 96
    heads      = 3
    mlp        = 384
    activation = "gelu"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 48
    }
  }

  head "classification" "class" {}

  task "random-tokens" "noise" {
    classes    = 7
    vocabulary = 998
    length     = 48
    records    = 20000
    inputs { tokens = "tokens" }
    predict "class" {
      head   = head.class
      target = "class"
    }
    split { by = "source" }
    episodes {
      way   = 7
      shot  = 3
      query = 15
    }
  }

  metalearner "maml" {
    inner_steps = 5
    inner_lr    = 0.01
    optimizer "adam" {
      learning_rate = 1e-3
    }
  }

  train {
    steps      = 100
    meta_batch = 4
  }
}
