plugins {
  task "regression-family" {
    source  = ".../tasks/regression-family"
    timeout = 10
  }
  head "regression" {
    source  = ".../heads/regression"
    timeout = 10
  }
  metalearner "maml" {
    source  = ".../metalearners/maml"
    timeout = 10
  }
}
experiment "maml-sinusoid-mlp" {
  description = "five-shot sine waves, with the network of the paper"
  seed        = 2
  freeze      = []
  backbone "transformer" {
    kind       = "mlp"
    layers     = 2
    width      = 40
    dropout    = 0
    activation = "relu"
    positions  = "none"
    pooling    = "mean"
    input "numeric" {
      features   = 1
      max_length = 1
      truncate   = false
    }
  }
  head "regression" "height" {
    dropout = 0
  }
  task "regression-family" "waves" {
    family     = "sinusoid"
    dimensions = 1
    noise      = 0
    shots      = 5
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "height" {
      head   = head.height
      target = "y"
      weight = 1
    }
  }
  sampling {
    rule = "every"
  }
  metalearner "maml" {
    inner_steps     = 1
    inner_lr        = 0.01
    inner_optimizer = "sgd"
    inner_momentum  = 0.9
    inner_beta1     = 0.9
    inner_beta2     = 0.999
    adapt           = ["backbone/**"]
    first_order     = false
    backprop_steps  = 0
    optimizer "adam" {
      learning_rate = 0.001
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 20000
    meta_batch       = 25
    micro_batch      = auto
    clip_norm        = 0
    checkpoint_every = 2000
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 2000
    inner_steps         = [0, 1, 5, 10]
    validation_episodes = 100
    rows                = []
    beam                = 0
    length_penalty      = 0.6
    untrained {
      tune = { inner_lr = [0.0001, 0.001, 0.01, 0.05, 0.1] }
    }
  }
}
