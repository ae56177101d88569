plugins {
  task "sinusoid" { source = "../../../plugins/tasks/sinusoid" }
  head "line" { source = "../../../framework/session/testdata/plugins/line" }
  metalearner "descent" { source = "../../../framework/session/testdata/plugins/descent" }
}

experiment "waves" {
  backbone "transformer" {
    layers    = 1
    width     = 8
    heads     = 2
    positions = "none"
    input "numeric" {}
  }

  head "line" "height" {}

  task "sinusoid" "waves" {
    shots   = 3
    queries = 2
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }

  metalearner "descent" {
    rate = 0.01
    optimizer "sgd" { learning_rate = 0.1 }
  }

  train { steps = 2 }
  evaluate { episodes = 4 }
}
