# Sinusoid regression, the standard anchor of meta-learning: all points as one sequence.
#
# Waves y = A sin(x - φ), A in [0.1, 5], φ in [0, π], x in [-5, 5], five points to
# adapt on: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400, section
# 5.1. Their MLP of two layers of 40 units has, after 1, 5 and 10 steps, a mean
# squared error of 0.67, 0.38 and 0.35 (Table 2, 70,000 iterations); the backbone
# here is a Transformer, so the numbers stand beside each other and no more. The
# best predictor that does not adapt has 3.0057 (-2·2.55/π·cos x); an error at step
# 0 clearly below that would mean that the wave leaks into the input.
#
# The five points are one sequence, which the encoder sees at once: the error is
# that of the ten points of the query, predicted together.
#
# Compare with the other order on the same episodes:
#   runner runs compare RUN RUN

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "steps" {
  default     = 3000
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

experiment "maml-sinusoid-sequence" {
  description = "five-shot sine waves, all points as one sequence"
  seed        = 7

  backbone "transformer" {
    kind      = "encoder"
    layers    = 2
    width     = 32
    heads     = 4
    mlp       = 128
    positions = "none"
    input "numeric" {
      features   = 1
      max_length = 10
    }
  }

  head "regression" "height" {}

  task "regression-family" "waves" {
    shots   = 5
    queries = 10
    layout  = "set"
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }

  metalearner "maml" {
    inner_steps = 3
    inner_lr    = 0.01
    optimizer "adam" {
      learning_rate = warmup(200, cosine(3e-3))
    }
  }

  train {
    steps            = var.steps
    meta_batch       = 8
    clip_norm        = 10
    checkpoint_every = 100
  }

  evaluate {
    episodes            = var.episodes
    every               = 100
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 5, 10]
    untrained {
      tune = { inner_lr = [0.0001, 0.001, 0.01, 0.05, 0.1] }
    }
  }
}
