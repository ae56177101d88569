# Few-shot intent classification on CLINC150, meta-trained by second-order MAML.
#
# CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0) has
# 150 intents; a seeded rule puts 60 % of them into meta-training, 20 % each into
# validation and meta-test, so the meta-test's intents were never trained on.
# Three files, maml_clinc150.hcl, fomaml_clinc150.hcl and reptile_clinc150.hcl, differ
# in nothing but the meta-learner, its plugin, this header and the names of the
# experiments.
# A thousand steps take a minute on two cores; no published number for a Transformer of
# this size from scratch exists.
#
# Finn, Abbeel and Levine 2017, Algorithm 2,
# https://arxiv.org/abs/1703.03400.
#
#   runner run experiments/maml_clinc150.hcl -var clinc150=/path/to/data_full.json

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "steps" {
  default     = 1000
  description = "meta-training steps"
}

variable "episodes" {
  default     = 200
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 40
  description = "frozen episodes of the validation"
}

tokenizer "main" {
  kind = "words"
  size = 4000
}

experiment "maml-clinc150" {
  description = "five-way five-shot intents of CLINC150"
  seed        = 7

  backbone "transformer" {
    kind    = "encoder"
    layers  = 1
    width   = 32
    heads   = 4
    mlp     = 64
    pooling = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "intent" {}

  task "text" "intents" {
    path         = var.clinc150
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
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

  metalearner "maml" {
    inner_steps = 3
    inner_lr    = 0.1
    optimizer "adam" {
      learning_rate = cosine(3e-3)
    }
  }

  train {
    steps            = var.steps
    meta_batch       = 4
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
