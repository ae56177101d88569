# What a variable leaves out: initial values, parts of the backbone, training records, tasks.
plugins {
  task "text" { source = "text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "maml" }
}

variable "from" { default = "" }
variable "per" { default = "none" }
variable "experts" { default = 0 }

tokenizer "raw" { kind = "bytes" }

experiment "left-out" {
  init { from = var.from }
  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.raw
      max_length = 16
    }
    adapter "norm" {
      on  = "**"
      per = var.per
    }
    experts { count = var.experts }
  }
  head "classification" "label" {}
  task "text" "texts" {
    path = "texts.jsonl"
    inputs { tokens = "text" }
    predict "label" {
      head   = head.label
      target = "label"
    }
    split {
      by          = "source"
      train_share = 0.1
      seed        = 3
    }
    batches { size = 4 }
    rates {
      loss = linear(1, 0)
      own  = warmup(10, cosine(2))
    }
  }
  task "text" "others" {
    path = "others.jsonl"
    inputs { tokens = "text" }
    predict "label" {
      head   = head.label
      target = "label"
    }
    split {
      by          = "record"
      train       = 0.5
      test        = 0.5
      train_share = 0.25
    }
    batches { size = 4 }
  }
  metalearner "maml" {
    inner_lr = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 1 }
  evaluate { tasks = ["others"] }
}
