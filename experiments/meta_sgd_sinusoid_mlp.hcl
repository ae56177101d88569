# Sinusoid regression with the network of Finn et al., by Meta-SGD.
#
# Waves, network and number of waves a step are those of maml_sinusoid_mlp.hcl, to which the
# numbers are to be compared: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400,
# section 5.1, have 0.67, 0.38 and 0.35 after 1, 5 and 10 steps.
#
# Meta-SGD learns a rate for every element (Li et al. 2017, https://arxiv.org/abs/1707.09835,
# Algorithm 1), who have 0.90 after one step from five points, of waves whose frequency differs,
# too.
#
#   runner run experiments/meta_sgd_sinusoid_mlp.hcl

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "meta-sgd" { source = "../plugins/metalearners/meta-sgd" }
}

variable "steps" {
  default     = 20000
  description = "meta-training steps"
}

variable "episodes" {
  default     = 600
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 100
  description = "frozen episodes of the validation"
}

experiment "meta-sgd-sinusoid-mlp" {
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

  metalearner "meta-sgd" {
    inner_steps = 1
    inner_lr    = 0.01
    optimizer "adam" { learning_rate = 1e-3 }
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
