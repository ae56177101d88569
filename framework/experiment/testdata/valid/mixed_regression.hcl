# A generator and ordinary batches; every optimizer attribute and schedule shape somewhere.
plugins {
  task "sinusoid" {
    source  = "sinusoid"
    timeout = 90
  }
  head "regression" { source = "../heads/regression" }
  metalearner "reptile" { source = "/opt/plugins/reptile" }
}

variable "name" {
  type    = string
  default = "a \"quoted\" $${name} with %%{ and ü\n"
}

experiment "sines" {
  description = var.name
  backbone "transformer" {
    layers     = 1
    width      = 12
    heads      = 3
    dropout    = 0.1
    activation = "relu"
    positions  = "none"
    pooling    = "first"
    input "numeric" {
      features   = 2
      max_length = pow(2, 3)
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
    temperature = 3
  }
  metalearner "reptile" {
    inner_lr = steps(0.1, { 1000 = 0.5, 20 = 0.1 })
    rates    = [0.1, linear(1, 0.25), constant(3)]
    optimizer "momentum" {
      learning_rate = linear(1, 0)
      momentum      = 0.5
    }
  }
  train { steps = 10 }
}
