# Sinusoid regression with the network of Finn et al., by implicit MAML.
#
# Waves, network and number of waves a step are those of maml_sinusoid_mlp.hcl, to which the
# numbers are to be compared: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400,
# section 5.1, have 0.67, 0.38 and 0.35 after 1, 5 and 10 steps.
#
# Implicit MAML differentiates the solution of an inner problem that is drawn to the initial
# parameters, and not the steps to it (Rajeswaran et al. 2019, https://arxiv.org/abs/1909.04630,
# Algorithms 1 and 2), who do not report waves. What does not differentiate the steps does not keep
# the curvature small that they meet either: without inner_clip_norm they end in infinity after
# some thousands of training, and at a rate above this one it is worse after 3,000 than after 2,000.
#
#   runner run experiments/imaml_sinusoid_mlp.hcl

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "imaml" { source = "../plugins/metalearners/imaml" }
}

variable "steps" {
  default     = 20000
  description = "meta-training steps"
}

variable "lambda" {
  default     = 2
  description = "how strongly what adapts is drawn to where it began"
}

variable "inner_clip_norm" {
  default     = 50
  description = "largest gradient of an inner step"
}

variable "episodes" {
  default     = 600
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 100
  description = "frozen episodes of the validation"
}

experiment "imaml-sinusoid-mlp" {
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

  metalearner "imaml" {
    inner_steps     = 10
    inner_lr        = 0.002
    inner_clip_norm = var.inner_clip_norm
    lambda          = var.lambda
    cg_steps        = 5
    optimizer "adam" { learning_rate = 5e-4 }
  }

  train {
    steps            = var.steps
    meta_batch       = 25
    checkpoint_every = 2000
    clip_norm        = 10
  }

  evaluate {
    episodes            = var.episodes
    every               = 1000
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 5, 10]
    untrained {
      tune = { inner_lr = [0.0001, 0.001, 0.01, 0.05] }
    }
  }
}
