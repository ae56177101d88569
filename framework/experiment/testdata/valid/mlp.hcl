# A backbone without attention, and a mixture that anneals.
plugins {
  task "sinusoid" { source = "sinusoid" }
  head "regression" { source = "../heads/regression" }
  metalearner "reptile" { source = "/opt/plugins/reptile" }
}

experiment "mlp" {
  backbone "transformer" {
    kind      = "mlp"
    layers    = 2
    width     = 12
    positions = "none"
    input "numeric" {
      features   = 1
      max_length = 1
    }
  }
  head "regression" "value" {}
  task "sinusoid" "sines" {
    inputs { numeric = "x" }
    predict "value" {
      head   = head.value
      target = "y"
    }
  }
  sampling {
    rule        = "temperature"
    temperature = linear(1, 5)
    cap         = 100
  }
  metalearner "reptile" {
    inner_lr = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 10 }
}
