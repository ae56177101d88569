# Five-way intent classification, adapted in five steps.
plugins {
  task "text" { source = "./plugins/tasks/text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "./bin/maml" }
}

variable "inner_lr" {
  default     = 0.05
  description = "rate of the inner step"
}

variable "width" {
  type    = number
  default = 64
}

locals {
  mlp  = local.fold * var.width
  fold = 4
}

tokenizer "main" {
  kind = "words"
  size = 4000
}

experiment "few-shot-intents" {
  seed   = 7
  freeze = ["backbone/embed/**"]

  init {
    from = "pretrained.safetensors"
    only = ["backbone/**"]
  }

  backbone "transformer" {
    kind   = "encoder"
    layers = 2
    width  = var.width
    heads  = 4
    mlp    = local.mlp
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
    }
    input "numeric" {}
  }

  head "classification" "intent" {}
  head "classification" "domain" {
    smoothing = 0.1
  }

  task "text" "intents" {
    path = "data/clinc150/data_full.json" # the plugin's own attributes
    options = {
      "odd key" = { fraction = 0.5 }
    }
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    predict "domain" {
      head   = head.domain
      target = "domain"
      weight = 0.5
    }
    split {
      by         = "class"
      field      = "intent"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way  = 5
      shot = 5
    }
  }

  task "text" "pairs" {
    path = "/data/pairs.json"
    inputs "left" { tokens = "a" }
    inputs "right" { tokens = "b" }
    predict "same" {
      head   = head.intent
      target = "same"
    }
    split { by = "source" }
    batches { size = 32 }
  }

  metalearner "maml" {
    inner_steps = 5
    inner_lr    = var.inner_lr
    optimizer "adamw" {
      learning_rate = warmup(100, cosine(1e-3))
    }
    adaptation {
      recompute = true
    }
  }

  train {
    steps       = 2000
    meta_batch  = 4
    micro_batch = auto
  }

  evaluate {
    episodes    = 600
    every       = 500
    inner_steps = [0, 1, 3, 5, 10]
    rows        = ["centroid", "chance"]
    untrained {
      tune = {
        inner_lr = [0.05, 0.1, 0.5]
      }
    }
  }
}
