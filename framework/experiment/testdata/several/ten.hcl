# Ten mistakes, and ten diagnostics: none hides another, none is told twice.
plugins {
  task "text" { source = "text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "maml" }
}

variable "steps" {
  type    = number
  default = "many"
}

tokenizer "main" { kind = "word" }

experiment "ten" {
  backbone "transformer" {
    layer = 2
    width = 64
    heads = 4
    input "tokens" {
      tokenizer  = tokenizer.mian
      max_length = 32
    }
  }

  head "classification" "intent" { smoothing = 1.5 }

  task "text" "intents" {
    path    = "intents.json"
    options = { part = { fracton = 0.5 } }
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intnet
      target = "intent"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.3
    }
    episodes {
      way  = 5
      shot = 5
    }
  }

  metalearner "mmal" { inner_lr = 0.1 }

  trian { steps = var.steps }
  evaluate { episodes = 600 }
}
