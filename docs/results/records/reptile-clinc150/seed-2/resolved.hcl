plugins {
  task "text" {
    source  = ".../tasks/text"
    timeout = 10
  }
  head "classification" {
    source  = ".../heads/classification"
    timeout = 10
  }
  metalearner "reptile" {
    source  = ".../metalearners/reptile"
    timeout = 10
  }
}
tokenizer "main" {
  kind      = "words"
  size      = 4000
  lowercase = true
  min_count = 1
}
experiment "reptile-clinc150" {
  description = "five-way five-shot intents of CLINC150"
  seed        = 2
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 1
    width      = 32
    heads      = 4
    mlp        = 64
    dropout    = 0
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "learned"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }
  head "classification" "intent" {
    dropout = 0
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
    domains      = ""
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
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
      field      = "intent"
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
  metalearner "reptile" {
    inner_steps     = 8
    inner_lr        = 0.1
    inner_optimizer = "sgd"
    inner_momentum  = 0.9
    inner_beta1     = 0
    inner_beta2     = 0.999
    adapt           = ["**"]
    epsilon         = linear(1, 0)
  }
  train {
    steps            = 1000
    meta_batch       = 4
    micro_batch      = auto
    clip_norm        = 0
    checkpoint_every = 100
    keep             = 2
  }
  evaluate {
    episodes            = 200
    every               = 100
    inner_steps         = [0, 1, 3, 5]
    validation_episodes = 40
    rows                = ["centroid", "chance"]
    beam                = 0
    length_penalty      = 0.6
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1] }
    }
  }
}
