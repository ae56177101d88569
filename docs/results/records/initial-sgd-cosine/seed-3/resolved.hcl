plugins {
  task "text" {
    source  = ".../tasks/text"
    timeout = 10
  }
  head "classification" {
    source  = ".../heads/classification"
    timeout = 10
  }
  metalearner "finetune" {
    source  = ".../metalearners/finetune"
    timeout = 10
  }
}
tokenizer "main" {
  kind      = "words"
  size      = 8000
  lowercase = true
  min_count = 1
}
experiment "initial-clinc150" {
  description = "intents of other domains, from initial parameters of several origins"
  seed        = 3
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
  head "classification" "all_intents" {
    dropout = 0
  }
  head "classification" "all_domains" {
    dropout = 0
  }
  head "classification" "intent" {
    dropout = 0
  }
  task "text" "queries" {
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
    predict "all_intents" {
      head   = head.all_intents
      target = "intent"
      weight = 1
    }
    predict "all_domains" {
      head   = head.all_domains
      target = "domain"
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
    batches {
      size      = 25
      by_length = false
    }
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
      shot         = 5
      query        = 5
      min_examples = 0
    }
  }
  sampling {
    rule    = "weighted"
    weights = { intents = 0, queries = 1 }
  }
  metalearner "finetune" {
    inner_steps     = 10
    inner_lr        = 0.3
    inner_optimizer = "sgd"
    inner_momentum  = 0.9
    inner_beta1     = 0.9
    inner_beta2     = 0.999
    adapt           = ["**"]
    optimizer "sgd" {
      learning_rate = cosine(0.3, 0)
    }
  }
  train {
    steps            = 2000
    meta_batch       = 4
    micro_batch      = 64
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    tasks               = ["intents"]
    episodes            = 400
    every               = 500
    inner_steps         = [0, 1, 3, 10]
    validation_episodes = 100
    rows                = ["centroid", "chance"]
    beam                = 0
    length_penalty      = 0.6
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1] }
    }
  }
}
