# SCAN, trained on all commands without jump, and on the bare command jump; tested on jump in all
# others.
#
# Lake & Baroni 2018, https://arxiv.org/abs/1711.00350: their best network has 1.2 % right.
# Chaabouni et al. 2021, https://arxiv.org/abs/2107.01366, table 3: a Transformer has 3.4 % (the
# standard error of the mean is 2.0), and with relative positions 43.0 % (9.5); Ontañón et al. 2021,
# https://arxiv.org/abs/2108.04378, have 0.3 % with absolute positions. This one has 0.04 % (0.04)
# with absolute positions, of one seed. The control is scan_simple.hcl. As published, one in ten of
# the commands that are trained on is jump itself.
#
#   runner run experiments/scan_addprim_jump.hcl
#   runner run experiments/scan_addprim_jump.hcl -var positions=relative

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

experiment "scan_addprim_jump" {
  description = "SCAN, with jump known by itself alone"
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
    division = "addprim_jump"
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
