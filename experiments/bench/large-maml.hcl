# A large program: second-order MAML of an encoder of 12 layers and width 768, the size of
# BERT-base, by five inner steps.
#
# What is of interest is how long it takes to compile, which does not depend on the
# data, so that there is little of it: one episode a step, five-way one-shot with one
# query of a class, 32 tokens each. Otherwise as in w1-maml.hcl.
#
#   runner bench experiments/bench/large-maml.hcl -warmup 0 -steps 1

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "maml" { source = "../../plugins/metalearners/maml" }
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-large-maml" {
  description = "time of the compilation of a large program"
  seed        = 1

  backbone "transformer" {
    kind       = "encoder"
    layers     = 12
    width      = 768
    heads      = 12
    mlp        = 3072
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
      shot  = 1
      query = 1
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
    meta_batch = 1
  }
}
