# Second of three: meta-train from the pre-trained encoder.
#
# CLINC150: Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0. The
# same seeded rule divides the intents in all three, so nothing that the meta-test
# is about was seen before; the tokenizer is trained on the same texts in all three.
#
#   runner run experiments/chain_1_pretrain_clinc150.hcl
#   runner run experiments/chain_2_metatrain_clinc150.hcl -var pretrained=$PWD/RUN
#   runner run experiments/chain_3_metatest_clinc150.hcl -var metatrained=$PWD/RUN
#
# RUN is the folder that the run before has printed; a path that is not absolute
# would start at this file's folder. What was loaded from it, and what was not, is
# printed.

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "pretrained" {
  type        = string
  description = "run folder of chain_1_pretrain_clinc150.hcl, or a .safetensors file"
}

variable "steps" {
  default     = 150
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

experiment "chain-2-metatrain-clinc150" {
  description = "MAML from a pre-trained encoder"
  seed        = 7

  init {
    from = var.pretrained
    only = ["backbone/**"]
  }

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
      field      = "intent"
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
    checkpoint_every = 50
  }

  evaluate {
    episodes            = var.episodes
    every               = 50
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 5]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1.0] }
    }
  }
}
