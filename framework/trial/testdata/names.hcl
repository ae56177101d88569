plugins {
  task "names" { source = "../../../plugins/tasks/names" }
  head "classification" { source = "../../../plugins/heads/classification" }
  metalearner "maml" { source = "../../../plugins/metalearners/maml" }
}

variable "rate" { default = 0.1 }

tokenizer "main" { kind = "characters" }

experiment "names" {
  seed   = 7
  freeze = ["backbone/embed/positions"]

  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 40
      truncate   = true
    }
  }

  head "classification" "language" {}

  task "names" "languages" {
    min_names = 100
    max_names = 100
    inputs { tokens = "text" }
    predict "language" {
      head   = head.language
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 3
      shot  = 2
      query = 4
    }
  }

  metalearner "maml" {
    inner_steps = 2
    inner_lr    = var.rate
    optimizer "adam" { learning_rate = 0.01 }
  }

  train {
    steps      = 2
    meta_batch = 2
  }
  evaluate { episodes = 4 }
}
