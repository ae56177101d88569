plugins {
  task "text" { source = "../../../plugins/tasks/text" }
  head "classification" { source = "../../../plugins/heads/classification" }
  metalearner "maml" { source = "../../../plugins/metalearners/maml" }
}

variable "clinc150" { default = "missing/data_full.json" }

tokenizer "main" { kind = "words" }

experiment "text" {
  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 8
    }
  }
  head "classification" "intent" {}
  task "text" "intents" {
    path   = var.clinc150
    format = "clinc150"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    batches { size = 8 }
  }
  metalearner "maml" {
    inner_steps = 2
    inner_lr    = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 1 }
}
