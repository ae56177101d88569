# Third of three: meta-test what was meta-trained, without another step of training.
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

variable "metatrained" {
  type        = string
  description = "run folder of chain_2_metatrain_clinc150.hcl, or a .safetensors file"
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

experiment "chain-3-metatest-clinc150" {
  description = "meta-test of what another run has learned"
  seed        = 7

  init {
    from = var.metatrained
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
    steps = 0 # evaluate only
  }

  evaluate {
    episodes            = var.episodes
    every               = 0
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 5]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1.0] }
    }
  }
}
