# SCAN in episodes in which walk, look, run and jump change their meanings, read instead of learned.
#
# The encoder reads the four primitives with their actions before each command, as in Lake & Baroni
# 2023, https://doi.org/10.1038/s41586-023-06668-3, and nothing adapts. The episodes are those of
# Lake 2019, https://arxiv.org/abs/1906.05381, section 4.2: every permutation of the meanings is
# trained on but the one of SCAN, by which the test asks for commands with jump. Lake's network with
# a memory of the support has nearly all of them right; the Transformer of scan_addprim_jump.hcl,
# which is the same without episodes, has next to none.
#
#   runner run experiments/scan_in_context.hcl

plugins {
  task "semantic-parsing" { source = "../plugins/tasks/semantic-parsing" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "positions" {
  default     = "sinusoidal"
  description = "how positions are told: sinusoidal or relative, and others"
}

variable "steps" {
  default     = 3000
  description = "training steps"
}

variable "meta_batch" {
  default     = 4
  description = "episodes a step"
}

variable "queries" {
  default     = 20
  description = "commands of an episode"
}

variable "episodes" {
  default     = 200
  description = "frozen episodes of the test"
}

variable "validation_episodes" {
  default     = 20
  description = "frozen episodes of the validation"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  lowercase = false
}

experiment "scan_in_context" {
  description = "SCAN in episodes whose primitives are told, tested on jump"
  seed        = var.seed

  backbone "transformer" {
    kind      = "encoder_decoder"
    layers    = 2
    width     = 128
    heads     = 8
    mlp       = 256
    positions = var.positions
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
    shots    = 4
    queries  = var.queries
    inputs "command" { tokens = ["support", "input"] }
    inputs "written" { tokens = "output" }
    predict "actions" {
      head   = head.actions
      target = "output"
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(200, cosine(0.001)) }
  }

  train {
    steps            = var.steps
    meta_batch       = var.meta_batch
    clip_norm        = 1
    checkpoint_every = 500
  }

  evaluate {
    episodes            = var.episodes
    every               = 500
    validation_episodes = var.validation_episodes
  }
}
