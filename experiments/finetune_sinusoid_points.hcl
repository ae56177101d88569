# Sinusoid regression by joint training, the baseline that meta-learning is to beat:
# the file of maml_sinusoid_points.hcl with another learner.
#
# One model is trained on the points of all waves, and adapts at meta-test alone. Finn,
# Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400, call it "pretrain on all
# tasks": their MLP has, after 1, 5 and 10 steps, a mean squared error of 2.41, 2.23
# and 2.19 (Table 2), where MAML has 0.67, 0.38 and 0.35. What trains here is a
# Transformer, so the numbers stand beside each other and no more. Before it adapts,
# the best it can have is 3.0057, the error of the best predictor that does not adapt.
#
# Compare with MAML on the same episodes:
#   runner runs compare RUN RUN

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "finetune" { source = "../plugins/metalearners/finetune" }
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

experiment "finetune-sinusoid-points" {
  description = "five-shot sine waves, every point an example of its own"
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

  metalearner "finetune" {
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
