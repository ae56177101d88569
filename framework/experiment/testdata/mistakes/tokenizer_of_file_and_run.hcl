plugins {
  task "text" { source = "./text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "./maml" }
}

tokenizer "main" {
  file = "tokenizer.json"
  from = "runs/before"
}

experiment "small" {
  seed = 7
  backbone "transformer" {
    layers = 2
    width  = 64
    heads  = 4
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
    }
  }
  head "classification" "intent" {}
  task "text" "intents" {
    path = "data.json"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    split {
      by    = "class"
      train = 0.6
      test  = 0.4
    }
    episodes {
      way  = 5
      shot = 1
    }
  }
  metalearner "maml" {
    inner_lr = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 10 }
  evaluate {
    untrained {
      tune = { inner_lr = [0.1, 0.2] }
    }
  }
}
