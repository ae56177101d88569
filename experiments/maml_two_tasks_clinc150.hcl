# Multi-task and meta-learning in one run: MAML over two weighted tasks with heads
# of their own on one shared encoder.
#
# Each step draws episodes of both tasks: five-way intents and three-way domains of
# CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0). The
# outer loss is the weighted sum of the losses after adaptation, Σ wᵢ Lᵢ(θᵢ′). Of
# both, the classes of the meta-test were never trained on as classes; a query may
# be seen by the other task under its other label. No published number exists.
#
#   runner run experiments/maml_two_tasks_clinc150.hcl -var clinc150=... -var clinc150_domains=...

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "clinc150_domains" {
  default     = "data/clinc150/domains.json"
  description = "domains.json of https://github.com/clinc/oos-eval"
}

variable "steps" {
  default     = 200
  description = "meta-training steps"
}

variable "episodes" {
  default     = 200
  description = "frozen episodes of the meta-test of each task"
}

variable "validation_episodes" {
  default     = 40
  description = "frozen episodes of the validation"
}

tokenizer "main" {
  kind = "words"
  size = 4000
}

experiment "maml-two-tasks-clinc150" {
  description = "episodes of intents and of domains, adapted by one initialisation"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = 1
    width  = 32
    heads  = 4
    mlp    = 64
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "intent" {}
  head "classification" "domain" {}

  task "text" "intents" {
    path         = var.clinc150
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
      weight = 1
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 5
      shot  = 5
      query = 5
    }
  }

  task "text" "domains" {
    path         = var.clinc150
    format       = "clinc150"
    domains      = var.clinc150_domains
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "domain" {
      head   = head.domain
      target = "domain"
      weight = 0.5
    }
    split {
      by         = "class"
      train      = 0.4
      validation = 0.3
      test       = 0.3
    }
    episodes {
      way   = 3
      shot  = 5
      query = 5
    }
  }

  metalearner "maml" {
    inner_steps = 3
    inner_lr    = 0.1
    optimizer "adam" {
      learning_rate = cosine(3e-3)
    }
  }

  train {
    steps            = var.steps
    meta_batch       = 2
    checkpoint_every = 100
  }

  evaluate {
    episodes            = var.episodes
    every               = 100
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 5]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1.0] }
    }
  }
}
