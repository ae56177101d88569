# Parts of the backbone that are a task's own, and patterns of what trains and adapts.
plugins {
  task "text" { source = "text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "maml" }
}

tokenizer "raw" {
  kind = "characters"
  from = "runs/before"
}

experiment "adapters" {
  freeze = ["backbone/layers/**/w"]
  backbone "transformer" {
    layers = 2
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.raw
      max_length = 16
    }
    adapter "lora" {
      on    = "layers/*/attention/{q,v}"
      rank  = 2
      scale = 4
      per   = "task"
    }
    adapter "bottleneck" {
      on   = "layers/*/mlp"
      rank = 3
    }
    adapter "norm" {
      on  = "**"
      per = "task"
    }
    experts { count = 3 }
  }
  head "classification" "label" {}
  task "text" "texts" {
    path = "texts.jsonl"
    inputs { tokens = "text" }
    predict "label" {
      head   = head.label
      target = "label"
    }
    episodes {
      way  = 2
      shot = 1
    }
  }
  metalearner "maml" {
    inner_lr = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 1 }
}
