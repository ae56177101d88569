# Workload W2: a multi-task step, three tasks with heads of 2, 5 and 20 classes.
#
# An encoder of 4 layers, width 256, 4 heads, MLP 1024, 32 sequences of exactly 128
# tokens for each task, vocabulary 8192. The losses are weighted 0.5, 0.3 and 0.2; one
# Adam step of rate 1e-3 on their sum. Otherwise as w1-maml.hcl.
#
#   runner bench experiments/bench/w2-mtl.hcl

plugins {
  task "random-tokens" { source = "../../plugins/tasks/random-tokens" }
  head "classification" { source = "../../plugins/heads/classification" }
  metalearner "mtl" { source = "../../plugins/metalearners/mtl" }
}

tokenizer "main" {
  kind = "words"
  size = 8192
}

experiment "bench-w2-mtl" {
  description = "time of a multi-task step"
  seed        = 1

  backbone "transformer" {
    kind       = "encoder"
    layers     = 4
    width      = 256
    heads      = 4
    mlp        = 1024
    activation = "gelu"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 128
    }
  }

  head "classification" "two" {}
  head "classification" "five" {}
  head "classification" "twenty" {}

  task "random-tokens" "two" {
    classes    = 2
    vocabulary = 8190
    length     = 128
    records    = 6400
    seed       = 1
    inputs { tokens = "tokens" }
    predict "two" {
      head   = head.two
      target = "class"
      weight = 0.5
    }
    split { by = "source" }
    batches { size = 32 }
  }

  task "random-tokens" "five" {
    classes    = 5
    vocabulary = 8190
    length     = 128
    records    = 6400
    seed       = 2
    inputs { tokens = "tokens" }
    predict "five" {
      head   = head.five
      target = "class"
      weight = 0.3
    }
    split { by = "source" }
    batches { size = 32 }
  }

  task "random-tokens" "twenty" {
    classes    = 20
    vocabulary = 8190
    length     = 128
    records    = 6400
    seed       = 3
    inputs { tokens = "tokens" }
    predict "twenty" {
      head   = head.twenty
      target = "class"
      weight = 0.2
    }
    split { by = "source" }
    batches { size = 32 }
  }

  metalearner "mtl" {
    normalize = false
    optimizer "adam" {
      learning_rate = 1e-3
    }
  }

  train {
    steps = 100
  }
}
