# Sinusoid regression with the network of Finn et al., by CAVIA.
#
# Waves, network and number of waves a step are those of maml_sinusoid_mlp.hcl, to which the
# numbers are to be compared. Five numbers of context join the input, begin at zero in every
# episode and alone adapt, by one step of rate 1; the rest is learned across waves: Zintgraf et
# al. 2019, https://arxiv.org/abs/1810.03642, section 5.1.1. Their Table 1 has 0.19 ± 0.02 of ten
# points to adapt on, after one step:
#
#   runner run -var steps=50000 -var shots=10 experiments/cavia_sinusoid_mlp.hcl

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "cavia" { source = "../plugins/metalearners/cavia" }
}

variable "steps" {
  default     = 20000
  description = "meta-training steps"
}

variable "shots" {
  default     = 5
  description = "points to adapt on"
}

variable "context" {
  default     = 5
  description = "numbers of context"
}

variable "episodes" {
  default     = 600
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 100
  description = "frozen episodes of the validation"
}

experiment "cavia-sinusoid-mlp" {
  description = "sine waves, told apart by a few numbers beside the input"
  seed        = 7

  backbone "transformer" {
    kind       = "mlp"
    layers     = 2
    width      = 40
    activation = "relu"
    positions  = "none"
    input "numeric" {
      features   = 1
      max_length = 1
    }
    adapter "context" {
      on   = "embed/numeric"
      rank = var.context
    }
  }

  head "regression" "height" {}

  task "regression-family" "waves" {
    shots   = var.shots
    queries = 10
    layout  = "points"
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }

  metalearner "cavia" {
    inner_steps = 1
    inner_lr    = 1.0
    adapt       = ["adapters/**/value"]
    optimizer "adam" { learning_rate = 1e-3 }
  }

  train {
    steps            = var.steps
    meta_batch       = 25
    checkpoint_every = 2000
    clip_norm        = 10
  }

  evaluate {
    episodes            = var.episodes
    every               = 2000
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 5, 10]
    untrained {
      tune = { inner_lr = [0.001, 0.01, 0.1, 1.0] }
    }
  }
}
