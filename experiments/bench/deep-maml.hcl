# Not tuned for: second-order MAML with dropout and padding, in a deeper model.
#
# 3 layers of width 192, dropout 0.1, sequences of 50 to 100 tokens, so that a quarter
# of the positions is padding; two episodes a step with five queries of a class, the
# rest as in w1-maml.hcl. A speed that the four workloads alone would have had shows here.
#
#   runner bench experiments/bench/deep-maml.hcl

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "maml" { source = "../../plugins/metalearners/maml" }
}

variable "dropout" {
  default     = 0.1
  description = "probability of an element to be dropped; 0 to compare losses"
}

tokenizer "main" {
  kind = "words"
  size = 1000
}

experiment "bench-deep-maml" {
  description = "second-order MAML with dropout and padding"
  seed        = 1

  backbone "transformer" {
    kind       = "encoder"
    layers     = 3
    width      = 192
    heads      = 4
    mlp        = 768
    dropout    = var.dropout
    activation = "gelu"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 100
    }
  }

  head "classification" "class" {}

  task "random-tokens" "noise" {
    classes    = 5
    vocabulary = 998
    length     = 100
    min_length = 50
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
      query = 5
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
    meta_batch = 2
  }
}
