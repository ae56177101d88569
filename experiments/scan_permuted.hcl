# SCAN in episodes in which walk, look, run and jump change their meanings.
#
# Lake 2019, https://arxiv.org/abs/1906.05381, section 4.2: a model that has to learn from each
# episode's support what the four primitives mean, by any permutation but the one of SCAN, comes to
# know jump in all commands from the bare command alone, where that of scan_addprim_jump.hcl does
# not. There it is a network with a memory of the support; here the encoder and decoder of the other
# files adapt to it by gradient steps (Finn et al. 2017, first order). The columns are numbers of
# these steps, 0 being before adaptation; the episodes of the test mean what SCAN means.
#
#   runner run experiments/scan_permuted.hcl

plugins {
  task "semantic-parsing" { source = "../plugins/tasks/semantic-parsing" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "steps" {
  default     = 2000
  description = "meta-training steps"
}

variable "episodes" {
  default     = 100
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 40
  description = "frozen episodes of the validation"
}

variable "shots" {
  default     = 20
  description = "commands to adapt on"
}

variable "queries" {
  default     = 20
  description = "commands to be judged by"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  lowercase = false
}

experiment "scan_permuted" {
  description = "SCAN in episodes whose primitives are permuted, tested on jump"
  seed        = var.seed

  backbone "transformer" {
    kind      = "encoder_decoder"
    layers    = 2
    width     = 64
    heads     = 4
    mlp       = 128
    positions = "sinusoidal"
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
    }
  }

  head "generation" "actions" {
    source = "command"
  }

  task "semantic-parsing" "commands" {
    permuted = true
    shots    = var.shots
    queries  = var.queries
    inputs "command" { tokens = "input" }
    inputs "written" { tokens = "output" }
    predict "actions" {
      head   = head.actions
      target = "output"
    }
  }

  metalearner "maml" {
    inner_steps = 3
    inner_lr    = 0.3
    first_order = true
    optimizer "adam" { learning_rate = warmup(100, cosine(0.001)) }
  }

  train {
    steps            = var.steps
    meta_batch       = 2
    clip_norm        = 1
    checkpoint_every = 250
  }

  evaluate {
    episodes            = var.episodes
    every               = 250
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 10]
  }
}
