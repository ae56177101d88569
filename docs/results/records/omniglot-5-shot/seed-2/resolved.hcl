plugins {
  task "images" {
    source  = ".../tasks/images"
    timeout = 60
  }
  head "prototypical" {
    source  = ".../heads/prototypical"
    timeout = 10
  }
  metalearner "mtl" {
    source  = ".../metalearners/mtl"
    timeout = 10
  }
}
experiment "omniglot" {
  description = "five-way one-shot of drawn characters"
  seed        = 2
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 2
    width      = 64
    heads      = 4
    mlp        = 128
    dropout    = 0
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "image" {
      height   = 28
      width    = 28
      channels = 1
      patch    = 7
    }
  }
  head "prototypical" "character" {
    distance = "cosine"
    scale    = 10
  }
  task "images" "characters" {
    paths        = [".../omniglot/images_background_small1.zip", ".../omniglot/images_background_small2.zip"]
    validation   = []
    test         = []
    superclasses = true
    height       = 28
    width        = 28
    channels     = 1
    invert       = true
    rotations    = true
    licence      = "MIT"
    origin       = "https://github.com/brendenlake/omniglot"
    inputs {
      image = "image"
    }
    predict "character" {
      head   = head.character
      target = "class"
      weight = 1
    }
    split {
      by         = "superclass"
      train      = 0.625
      validation = 0.125
      test       = 0.25
      field      = "class"
      seed       = 0
    }
    episodes {
      way          = 5
      shot         = 5
      query        = 5
      min_examples = 0
    }
  }
  sampling {
    rule = "every"
  }
  metalearner "mtl" {
    weighting   = "fixed"
    normalize   = false
    relative    = false
    shared      = ["backbone/**"]
    uncertainty = { initial = 0 }
    dwa         = { temperature = 2, window = 100 }
    gradnorm    = { alpha = 1.5, rate = 0.025 }
    gradvac     = { decay = 0.5 }
    cagrad      = { c = 0.5 }
    imtl        = { balance_losses = true }
    famo        = { decay = 0.001, minimum = 0, rate = 0.025 }
    fairgrad    = { alpha = 1 }
    optimizer "adam" {
      learning_rate = cosine(0.001, 0)
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 2000
    meta_batch       = 2
    micro_batch      = auto
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 500
    inner_steps         = []
    validation_episodes = 100
    rows                = ["nearest", "chance"]
    beam                = 0
    length_penalty      = 0.6
  }
}
