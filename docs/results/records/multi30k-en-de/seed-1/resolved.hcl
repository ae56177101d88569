plugins {
  task "translation" {
    source  = ".../tasks/translation"
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
  size      = 20000
  lowercase = false
  min_count = 3
}
experiment "multi30k_one_pair" {
  description = "captions from one language into another"
  seed        = 1
  freeze      = []
  backbone "transformer" {
    kind       = "encoder_decoder"
    layers     = 2
    width      = 192
    heads      = 6
    mlp        = 384
    dropout    = 0.1
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "sinusoidal"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
      truncate   = false
    }
  }
  head "generation" "translation" {
    source          = "read"
    label_smoothing = 0.1
    tied            = true
    dropout         = 0.1
  }
  task "translation" "captions" {
    pairs      = ["en-de"]
    unseen     = []
    format     = "lines"
    path       = ".../multi30k/train.{}.gz"
    validation = ".../multi30k/val.{}.gz"
    test       = ".../multi30k/test_2016_flickr.{}.gz"
    mark       = false
    sentences  = 0
    skip_empty = false
    shots      = 0
    queries    = 16
    licence    = ""
    origin     = "https://github.com/multi30k/dataset, data/task1/raw"
    inputs "read" {
      tokens = "source"
    }
    inputs "written" {
      tokens = "target"
    }
    predict "translated" {
      head   = head.translation
      target = "target"
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
      learning_rate = warmup(400, cosine(0.0015, 0))
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 1500
    meta_batch       = 1
    micro_batch      = 32
    clip_norm        = 1
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 0
    inner_steps         = []
    validation_episodes = 100
    rows                = []
    beam                = 1
    length_penalty      = 0.6
  }
}
