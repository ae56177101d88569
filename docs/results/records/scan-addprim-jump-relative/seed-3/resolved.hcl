plugins {
  task "semantic-parsing" {
    source  = ".../tasks/semantic-parsing"
    timeout = 10
  }
  head "generation" {
    source  = ".../heads/generation"
    timeout = 10
  }
  metalearner "mtl" {
    source  = ".../metalearners/mtl"
    timeout = 10
  }
}
tokenizer "words" {
  kind      = "words"
  size      = 4000
  lowercase = false
  min_count = 1
}
experiment "scan_addprim_jump" {
  description = "SCAN, with jump known by itself alone"
  seed        = 3
  freeze      = []
  backbone "transformer" {
    kind       = "encoder_decoder"
    layers     = 2
    width      = 128
    heads      = 8
    mlp        = 256
    dropout    = 0
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "relative"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
      truncate   = false
    }
  }
  head "generation" "actions" {
    source          = "command"
    label_smoothing = 0
    tied            = true
    dropout         = 0
  }
  task "semantic-parsing" "commands" {
    format     = "scan"
    division   = "addprim_jump"
    path       = ""
    validation = ""
    test       = ""
    permuted   = false
    shots      = 20
    queries    = 20
    licence    = ""
    origin     = ""
    inputs "command" {
      tokens = "input"
    }
    inputs "written" {
      tokens = "output"
    }
    predict "actions" {
      head   = head.actions
      target = "output"
      weight = 1
    }
    batches {
      size      = 64
      by_length = true
    }
  }
  sampling {
    rule = "every"
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
    steps            = 3000
    meta_batch       = 1
    micro_batch      = 32
    clip_norm        = 1
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 500
    inner_steps         = []
    validation_episodes = 100
    rows                = []
    beam                = 0
    length_penalty      = 0.6
  }
}
