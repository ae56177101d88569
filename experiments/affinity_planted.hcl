# Which tasks help which: four tasks, of which two share one rule and two another.
#
#   runner affinity experiments/affinity_planted.hcl
#
# Every class is told by some words; which ones is the tasks' rule. Nothing tells the
# framework that "north" and "south" have one rule, "east" and "west" another.

plugins {
  task "random-tokens" { source = "../plugins/tasks/random-tokens" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "steps" {
  default = 300
}

tokenizer "main" {
  kind = "words"
  size = 202
}

locals {
  rules = { north = 1, east = 2, south = 1, west = 2 }
}

experiment "affinity-planted" {
  description = "which of four tasks share a rule"
  seed        = 1

  backbone "transformer" {
    kind    = "encoder"
    layers  = 1
    width   = 16
    heads   = 2
    pooling = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
    }
  }

  head "classification" "north" {}
  head "classification" "east" {}
  head "classification" "south" {}
  head "classification" "west" {}

  task "random-tokens" "north" {
    rule       = local.rules.north
    seed       = 1
    classes    = 8
    vocabulary = 200
    length     = 16
    records    = 400
    inputs { tokens = "tokens" }
    predict "north" {
      head   = head.north
      target = "class"
    }
    split { by = "source" }
    batches { size = 16 }
  }

  task "random-tokens" "east" {
    rule       = local.rules.east
    seed       = 2
    classes    = 8
    vocabulary = 200
    length     = 16
    records    = 400
    inputs { tokens = "tokens" }
    predict "east" {
      head   = head.east
      target = "class"
    }
    split { by = "source" }
    batches { size = 16 }
  }

  task "random-tokens" "south" {
    rule       = local.rules.south
    seed       = 3
    classes    = 8
    vocabulary = 200
    length     = 16
    records    = 400
    inputs { tokens = "tokens" }
    predict "south" {
      head   = head.south
      target = "class"
    }
    split { by = "source" }
    batches { size = 16 }
  }

  task "random-tokens" "west" {
    rule       = local.rules.west
    seed       = 4
    classes    = 8
    vocabulary = 200
    length     = 16
    records    = 400
    inputs { tokens = "tokens" }
    predict "west" {
      head   = head.west
      target = "class"
    }
    split { by = "source" }
    batches { size = 16 }
  }

  metalearner "mtl" {
    optimizer "adam" {
      learning_rate = 2e-3
    }
  }

  train {
    steps = var.steps
  }

  evaluate {
    rows = ["majority"]
  }
}
