plugins {
  task "regression-family" {
    source  = ".../tasks/regression-family"
    timeout = 10
  }
  head "in-context" {
    source  = ".../heads/in-context"
    timeout = 10
  }
  metalearner "mtl" {
    source  = ".../metalearners/mtl"
    timeout = 10
  }
}
experiment "incontext-linear" {
  description = "linear functions of five numbers, learned from the points of a sequence"
  seed        = 3
  freeze      = []
  backbone "transformer" {
    kind       = "mlp"
    layers     = 1
    width      = 64
    dropout    = 0
    activation = "gelu"
    positions  = "none"
    pooling    = "mean"
    input "numeric" {
      features   = 5
      max_length = 1
      truncate   = false
    }
  }
  head "in-context" "y" {
    layers = 3
    heads  = 4
  }
  task "regression-family" "points_1" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 1
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_2" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 2
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_3" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 3
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_4" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 4
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_5" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 5
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_7" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 7
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  task "regression-family" "points_10" {
    family     = "linear"
    dimensions = 5
    noise      = 0
    shots      = 10
    queries    = 10
    layout     = "points"
    inputs {
      numeric = "x"
    }
    predict "y" {
      head   = head.y
      target = "y"
      weight = 1
    }
  }
  sampling {
    rule = "uniform"
  }
  metalearner "mtl" {
    weighting   = "fixed"
    normalize   = false
    relative    = false
    shared      = ["backbone/**", "adapters/**"]
    uncertainty = { initial = 0 }
    dwa         = { temperature = 2, window = 100 }
    gradnorm    = { alpha = 1.5, rate = 0.025 }
    gradvac     = { decay = 0.5 }
    cagrad      = { c = 0.5 }
    imtl        = { balance_losses = true }
    famo        = { decay = 0.001, minimum = 0, rate = 0.025 }
    fairgrad    = { alpha = 1 }
    optimizer "adam" {
      learning_rate = warmup(200, cosine(0.001, 0))
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 6000
    meta_batch       = 16
    micro_batch      = auto
    clip_norm        = 1
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 1000
    inner_steps         = []
    validation_episodes = 100
    rows                = []
    beam                = 0
    length_penalty      = 0.6
  }
}
