# Which initial parameters: few-shot intents of other domains from those that training leaves.
#
# What adapts, to five intents of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131,
# CC BY 3.0) of domains that were not trained on, are ten steps of fixed length from some initial
# parameters; they are at random in the row untrained. Here they are what multi-task pre-training
# leaves, by steps of SGD that are of fixed length, fall along half a cosine, or warm up before
# (-var schedule=fixed, cosine or warmup). -var from=RUN begins with another run's, and with
# steps=0 ends with them too:
#
#   by Adam                  a run of crossdomain_finetune_clinc150.hcl
#   by meta-training         a run of crossdomain_maml_clinc150.hcl, or another of the set
#   by both                  one of crossdomain_finetune_clinc150.hcl goes on here
#
# The test episodes are those of crossdomain_*_clinc150.hcl, so that `runner runs compare` pairs
# them.
#
#   runner run experiments/initial_clinc150.hcl -var schedule=warmup

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "finetune" { source = "../plugins/metalearners/finetune" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "clinc150_domains" {
  default     = "data/clinc150/domains.json"
  description = "domains.json beside it"
}

variable "shot" {
  default     = 5
  description = "labelled queries of an intent"
}

variable "steps" {
  default     = 2000
  description = "training steps"
}

variable "schedule" {
  default     = "fixed"
  description = "of the steps of SGD: fixed, cosine or warmup"
}

variable "learning_rate" {
  default     = 0.3
  description = "of SGD, at most"
}

variable "from" {
  default     = ""
  description = "a run's folder to begin with"
}

variable "inner_lr" {
  default     = 0.3
  description = "of the steps that adapt"
}

variable "episodes" {
  default     = 400
  description = "test episodes"
}

variable "validation_episodes" {
  default     = 100
  description = "episodes that a state is chosen by"
}

locals {
  rates = {
    fixed  = constant(var.learning_rate)
    cosine = cosine(var.learning_rate)
    warmup = warmup(200, cosine(var.learning_rate))
  }
}

tokenizer "main" {
  kind = "words"
  size = 8000
}

experiment "initial-clinc150" {
  description = "intents of other domains, from initial parameters of several origins"
  seed        = 7

  init {
    from = var.from
    only = ["backbone/**"]
  }

  backbone "transformer" {
    kind      = "encoder"
    layers    = 1
    width     = 64
    heads     = 4
    mlp       = 64
    dropout   = 0.1
    positions = "none"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "all_intents" {}
  head "classification" "all_domains" {}
  head "classification" "intent" {}

  task "text" "queries" {
    path         = var.clinc150
    domains      = var.clinc150_domains
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "all_intents" {
      head   = head.all_intents
      target = "intent"
    }
    predict "all_domains" {
      head   = head.all_domains
      target = "domain"
    }
    split {
      by         = "superclass"
      field      = "intent"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 25 }
  }

  task "text" "intents" {
    path         = var.clinc150
    domains      = var.clinc150_domains
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    split {
      by         = "superclass"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 5
      shot  = var.shot
      query = 5
    }
  }

  sampling {
    rule    = "weighted"
    weights = { queries = 1, intents = 0 }
  }

  metalearner "finetune" {
    inner_steps = 10
    inner_lr    = var.inner_lr
    optimizer "sgd" { learning_rate = local.rates[var.schedule] }
  }

  train {
    steps      = var.steps
    meta_batch = 4
  }

  evaluate {
    tasks               = ["intents"]
    every               = 500
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 10]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1.0] }
    }
  }
}
