# Sinusoid regression with the network of Finn et al., by Reptile.
#
# Waves, network and number of waves a step are those of maml_sinusoid_mlp.hcl, to which the
# numbers are to be compared: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400,
# section 5.1, have 0.67, 0.38 and 0.35 after 1, 5 and 10 steps.
#
# Reptile goes part of the way to what episodes adapt to (Nichol et al. 2018,
# https://arxiv.org/abs/1803.02999, section 3), and so never differentiates what comes of it.
#
#   runner run experiments/reptile_sinusoid_mlp.hcl

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "reptile" { source = "../plugins/metalearners/reptile" }
}

variable "steps" {
  default     = 20000
  description = "meta-training steps"
}

variable "inner_steps" {
  default     = 10
  description = "steps that adapt"
}

variable "inner_lr" {
  default     = 0.005
  description = "their rate"
}

variable "episodes" {
  default     = 600
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 100
  description = "frozen episodes of the validation"
}

experiment "reptile-sinusoid-mlp" {
  description = "five-shot sine waves, with the network of the paper"
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
  }

  head "regression" "height" {}

  task "regression-family" "waves" {
    shots   = 5
    queries = 10
    layout  = "points"
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }

  metalearner "reptile" {
    inner_steps = var.inner_steps
    inner_lr    = var.inner_lr
    epsilon     = linear(1, 0)
  }

  train {
    steps            = var.steps
    meta_batch       = 25
    checkpoint_every = 2000
  }

  evaluate {
    episodes            = var.episodes
    every               = 2000
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 5, 10]
    untrained {
      tune = { inner_lr = [0.0001, 0.001, 0.01, 0.05, 0.1] }
    }
  }
}
