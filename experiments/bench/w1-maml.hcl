# Workload W1: second-order MAML, four episodes a step, five inner steps.
#
# An encoder of 2 layers, width 64, 4 heads, MLP 256, sequences of exactly 32 tokens
# of a vocabulary of 1000, five-way five-shot with 15 queries of a class: 25 sequences
# in the support and 75 in the query. Pre-norm, exact GELU, learned positions, mean
# pooling, no dropout, no padding. The inner steps are SGD of rate 0.01 over all
# parameters, the outer is Adam of rate 1e-3. Words and classes are random: nothing
# can be learnt, and nothing but the time of a step is of interest.
#
#   runner bench experiments/bench/w1-maml.hcl
#   runner bench experiments/bench/w1-maml.hcl -var inner_steps=20 -var recompute=true

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "maml" { source = "../../plugins/metalearners/maml" }
}

variable "inner_steps" {
  default = 5
}

variable "recompute" {
  default = false
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-w1-maml" {
  description = "time of a step of second-order MAML"
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
    inner_steps = var.inner_steps
    inner_lr    = 0.01
    optimizer "adam" {
      learning_rate = 1e-3
    }
    adaptation {
      recompute = var.recompute
    }
  }

  train {
    steps      = 100
    meta_batch = 4
  }
}
