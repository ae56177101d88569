# Multi-task and meta-learning in one run: MAML over two weighted tasks with heads
# of their own on one shared encoder over characters.
#
# Each step draws episodes of both tasks: five-way intents of CLINC150 (Larson et al.
# 2019, https://aclanthology.org/D19-1131, CC BY 3.0), and in which of three languages
# a name is written (Unicode CLDR, compiled in). The outer loss is the weighted sum of
# the losses after adaptation, Σ wᵢ Lᵢ(θᵢ′). The tasks share no text, so of neither has
# anything of the meta-test been trained on. No published number exists.
#
#   runner run experiments/maml_two_tasks_clinc150_names.hcl -var clinc150=...

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "names" { source = "../plugins/tasks/names" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
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
  kind = "characters"
  size = 2000
}

experiment "maml-two-tasks-clinc150-names" {
  description = "episodes of intents and of languages, adapted by one initialisation"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = 1
    width  = 32
    heads  = 4
    mlp    = 64
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
      truncate   = true
    }
  }

  head "classification" "intent" {}
  head "classification" "language" {}

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

  task "names" "languages" {
    inputs { tokens = "text" }
    predict "language" {
      head   = head.language
      target = "language"
      weight = 0.5
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
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
