plugins {
  task "text" {
    source  = ".../tasks/text"
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
experiment "crossdomain-protonet-clinc150" {
  description = "five-way intents of domains that were not trained on"
  seed        = 1
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 1
    width      = 64
    heads      = 4
    mlp        = 64
    dropout    = 0.1
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "none"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }
  head "prototypical" "intent" {
    distance = "cosine"
    scale    = 10
  }
  task "text" "intents" {
    path         = ".../clinc150/data_full.json"
    validation   = ""
    test         = ""
    format       = "clinc150"
    header       = true
    text         = "text"
    labels       = ["label"]
    texts        = []
    values       = []
    label_sets   = []
    spans        = []
    words        = ""
    tags         = ""
    answers      = ["system"]
    domains      = ".../clinc150/domains.json"
    out_of_scope = "exclude"
    licence      = ""
    origin       = ""
    inputs {
      tokens = "text"
    }
    predict "intent" {
      head   = head.intent
      target = "intent"
      weight = 1
    }
    split {
      by         = "superclass"
      train      = 0.6
      validation = 0.2
      test       = 0.2
      field      = "intent"
      seed       = 0
    }
    episodes {
      way          = 5
      shot         = 1
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
      learning_rate = cosine(0.003, 0)
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 2000
    meta_batch       = 4
    micro_batch      = auto
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 400
    every               = 500
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
