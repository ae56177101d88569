plugins {
  task "regression-family" { source = "../../../plugins/tasks/regression-family" }
  head "regression" { source = "../../../plugins/heads/regression" }
  metalearner "maml" { source = "../../../plugins/metalearners/maml" }
}

experiment "waves" {
  backbone "transformer" {
    layers    = 1
    width     = 8
    heads     = 2
    positions = "none"
    input "numeric" {}
  }

  head "regression" "height" {}

  task "regression-family" "waves" {
    shots   = 3
    queries = 2
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }

  metalearner "maml" {
    inner_steps = 2
    inner_lr    = 0.01
    optimizer "sgd" { learning_rate = 0.1 }
  }

  train { steps = 2 }
  evaluate { episodes = 4 }
}
