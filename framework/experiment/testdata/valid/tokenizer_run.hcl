# A tokenizer of a run, which says what a token is.
plugins {
  task "text" { source = "text" }
  head "classification" { source = "classification" }
  metalearner "reptile" { source = "reptile" }
}

tokenizer "pretrained" { from = "runs/before" }

experiment "run" {
  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.pretrained
      max_length = 16
      truncate   = true
    }
  }
  head "classification" "label" {}
  task "text" "texts" {
    path = "texts.jsonl"
    inputs { tokens = "text" }
    predict "label" {
      head   = head.label
      target = "label"
    }
    batches { size = 8 }
  }
  metalearner "reptile" { inner_lr = 0.1 }
  train { steps = 1 }
}
