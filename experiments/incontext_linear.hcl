# In-context linear regression beside what can be known.
#
# Garg et al. 2022, https://arxiv.org/abs/2208.01066, section 3: an episode is a linear function
# of d numbers, here five, seen at k points without noise; the episode is one sequence, and
# nothing adapts. With x and w of N(0, I) the least-squares solution of minimum norm, which is the
# best that can be, has the expected squared error d - k, a part of 1 - k/d of that of a guess of
# 0, and none from k = d on:
#
#   k             1      2      3      4      5      7     10
#   exact         4      3      2      1      0      0      0
#
# An episode has one of these numbers of points, each as often, and each has a table. The paper
# has 12 layers of width 256, d = 20 and 500,000 steps; here a vector for each point, three
# layers of width 64 over the points, and 6,000 steps of 16 episodes.
#
#   runner run experiments/incontext_linear.hcl

plugins {
  task "regression-family" { source = "../plugins/tasks/regression-family" }
  head "in-context" { source = "../plugins/heads/in-context" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "steps" {
  default     = 6000
  description = "training steps"
}

variable "layers" {
  default     = 3
  description = "layers over the episode"
}

variable "learning_rate" {
  default     = 0.001
  description = "of the optimizer"
}

variable "episodes" {
  default     = 600
  description = "test episodes of each number of points"
}

variable "validation_episodes" {
  default     = 100
  description = "episodes of each that a state is chosen by"
}

experiment "incontext-linear" {
  description = "linear functions of five numbers, learned from the points of a sequence"
  seed        = 7

  backbone "transformer" {
    kind       = "mlp"
    layers     = 1
    width      = 64
    activation = "gelu"
    positions  = "none"
    input "numeric" {
      features   = 5
      max_length = 1
    }
  }

  head "in-context" "y" {
    layers = var.layers
  }

  task "regression-family" "points_1" {
    family     = "linear"
    dimensions = 5
    shots      = 1
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_2" {
    family     = "linear"
    dimensions = 5
    shots      = 2
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_3" {
    family     = "linear"
    dimensions = 5
    shots      = 3
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_4" {
    family     = "linear"
    dimensions = 5
    shots      = 4
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_5" {
    family     = "linear"
    dimensions = 5
    shots      = 5
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_7" {
    family     = "linear"
    dimensions = 5
    shots      = 7
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "regression-family" "points_10" {
    family     = "linear"
    dimensions = 5
    shots      = 10
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  sampling {
    rule = "uniform"
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(200, cosine(var.learning_rate)) }
  }

  train {
    steps      = var.steps
    meta_batch = 16
    clip_norm  = 1
  }

  evaluate {
    every               = 1000
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
  }
}
