# Sinusoid regression with the network of the paper: like beside like.
#
# Waves y = A sin(x - φ), A in [0.1, 5], φ in [0, π], x in [-5, 5], five points to
# adapt on, one inner step of rate 0.01, 25 waves a step, Adam at 1e-3, two hidden layers
# of 40 ReLU units: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400,
# section 5.1 and Table 2, who after 70,000 steps have 0.67, 0.38 and 0.35 after 1, 5 and
# 10 steps. The best predictor that does not adapt has 3.0057.
#
#   runner run -var steps=70000 experiments/maml_sinusoid_mlp.hcl
#
# gives 0.54, 0.38 and 0.32, each ± 0.05 over 600 episodes (seed 7), from 2.95 at step 0.
#
# With -var first_order=true it is first-order MAML (section 5.2), with -var 'adapt=["heads/**"]'
# ANIL (Raghu et al. 2020, https://arxiv.org/abs/1909.09157), with -var 'adapt=["backbone/**"]'
# BOIL (Oh et al. 2021, https://arxiv.org/abs/2008.08882). *_sinusoid_mlp.hcl are other learners.

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "regression" { source = "../plugins/heads/regression" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "steps" {
  default     = 20000
  description = "meta-training steps"
}

variable "first_order" {
  default     = false
  description = "hold inner gradients constant: first-order MAML"
}

variable "adapt" {
  type        = list(string)
  default     = ["**"]
  description = "what adapts"
}

variable "episodes" {
  default     = 600
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 100
  description = "frozen episodes of the validation"
}

experiment "maml-sinusoid-mlp" {
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

  metalearner "maml" {
    inner_steps = 1
    inner_lr    = 0.01
    first_order = var.first_order
    adapt       = var.adapt
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
