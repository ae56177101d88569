# In-context linear regression beside what can be known.
#
# Garg et al. 2022, https://arxiv.org/abs/2208.01066, section 3: an episode is a linear function
# of d numbers, here five, seen at k points without noise; the episode is one sequence, and
# nothing adapts. The least-squares solution of minimum norm, which is the best that can be, has
# the expected squared error 1 - k/d up to k = d and 0 from there on, where y has variance 1:
#
#   k             1      2      3      4      5      7     10
#   exact       0.8    0.6    0.4    0.2      0      0      0
#
# Training has any number of points from 1 to 10; each table is of one number. The paper has 12
# layers of width 256, d = 20 and 500,000 steps; here a vector for each point, three layers of
# width 64 over the points, and 6,000 steps of 16 episodes. After 4,000 the errors were 0.79, 0.65,
# 0.50, 0.37, 0.25, 0.15 and 0.07: on the line at first, above it where it ends.
#
#   runner run experiments/incontext_linear.hcl

plugins {
  task "linear" { source = "../plugins/tasks/linear" }
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

  task "linear" "functions" {
    min_shots = 1
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_1" {
    shots = 1
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_2" {
    shots = 2
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_3" {
    shots = 3
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_4" {
    shots = 4
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_5" {
    shots = 5
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_7" {
    shots = 7
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  task "linear" "points_10" {
    shots = 10
    inputs { numeric = "x" }
    predict "y" {
      head   = head.y
      target = "y"
    }
  }

  sampling {
    rule = "weighted"
    weights = {
      functions = 1
      points_1  = 0
      points_2  = 0
      points_3  = 0
      points_4  = 0
      points_5  = 0
      points_7  = 0
      points_10 = 0
    }
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
    tasks = [
      "points_1", "points_2", "points_3", "points_4", "points_5", "points_7", "points_10",
    ]
    every               = 1000
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
  }
}
