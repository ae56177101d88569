# SCAN, trained on commands of at most 22 actions and tested on those of 24 to 48.
#
# Lake & Baroni 2018, https://arxiv.org/abs/1711.00350, whose best network has 13.8 % of them right,
# and Csordás et al. 2021, https://arxiv.org/abs/2108.12284, whose Transformers have none, but all
# with relative positions and trained on up to 26 actions. The control is scan_simple.hcl: the
# validation here is of short commands, and so near to all.
#
#   runner run experiments/scan_length.hcl
#   runner run experiments/scan_length.hcl -var positions=relative

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

variable "batch" {
  default     = 64
  description = "commands in a batch"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  lowercase = false
}

experiment "scan_length" {
  description = "SCAN, trained on short and tested on long commands"
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
    division = "length"
    inputs "command" { tokens = "input" }
    inputs "written" { tokens = "output" }
    predict "actions" {
      head   = head.actions
      target = "output"
    }
    batches {
      size      = var.batch
      by_length = true
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(200, cosine(0.001)) }
  }

  train {
    steps            = var.steps
    micro_batch      = 32
    clip_norm        = 1
    checkpoint_every = 500
  }

  evaluate {
    every = 500
    rows  = []
  }
}
