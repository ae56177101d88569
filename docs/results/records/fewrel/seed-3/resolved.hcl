plugins {
  task "relation" {
    source  = ".../tasks/relation"
    timeout = 10
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
tokenizer "main" {
  kind      = "words"
  size      = 8000
  lowercase = true
  min_count = 1
}
experiment "fewrel" {
  description = "five-way five-shot relations that were not trained on"
  seed        = 3
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 1
    width      = 64
    heads      = 4
    mlp        = 128
    dropout    = 0.3
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "relative"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 64
      truncate   = true
    }
  }
  head "prototypical" "relation" {
    distance = "cosine"
    scale    = 10
  }
  task "relation" "relations" {
    path       = ".../fewrel/val_wiki.json"
    validation = ""
    test       = ""
    markers    = "first"
    licence    = "MIT"
    origin     = "https://github.com/thunlp/FewRel"
    inputs {
      tokens = "words"
    }
    predict "relation" {
      head   = head.relation
      target = "relation"
      weight = 1
    }
    split {
      by         = "class"
      train      = 0.375
      validation = 0.3125
      test       = 0.3125
      field      = "relation"
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
    steps            = 1000
    meta_batch       = 4
    micro_batch      = auto
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 100
    inner_steps         = []
    validation_episodes = 100
    rows                = ["centroid", "chance"]
    beam                = 0
    length_penalty      = 0.6
    untrained {
      tune = {}
    }
  }
}
