plugins {
  task "text" {
    source  = ".../tasks/text"
    timeout = 10
  }
  task "relation" {
    source  = ".../tasks/relation"
    timeout = 10
  }
  head "classification" {
    source  = ".../heads/classification"
    timeout = 10
  }
  metalearner "mtl" {
    source  = ".../metalearners/mtl"
    timeout = 10
  }
}
tokenizer "main" {
  kind      = "words"
  size      = 4000
  lowercase = true
  min_count = 2
}
experiment "modules-text" {
  description = "two tasks that share an encoder, modules of it, or nothing"
  seed        = 3
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 1
    width      = 64
    heads      = 4
    mlp        = 128
    dropout    = 0.1
    activation = "gelu"
    norm       = "layernorm"
    norm_order = "pre"
    positions  = "relative"
    pooling    = "mean"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 48
      truncate   = true
    }
    adapter "lora" {
      on    = "layers/*/attention/{q,k,v,out}"
      rank  = 4
      scale = 4
      per   = "task"
    }
  }
  head "classification" "intent" {
    dropout = 0
  }
  head "classification" "domain" {
    dropout = 0
  }
  head "classification" "relation" {
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
    answers      = ["system"]
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
    batches {
      size      = 32
      by_length = false
    }
  }
  task "text" "domains" {
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
    predict "domain" {
      head   = head.domain
      target = "domain"
      weight = 1
    }
    batches {
      size      = 32
      by_length = false
    }
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
      weight = 0
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
      field      = ""
      seed       = 0
    }
    batches {
      size      = 32
      by_length = false
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
      learning_rate = warmup(50, cosine(0.003, 0))
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 600
    meta_batch       = 1
    micro_batch      = 16
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    tasks               = ["intents", "domains"]
    episodes            = 600
    every               = 200
    inner_steps         = []
    validation_episodes = 100
    rows                = ["majority", "single_task"]
    beam                = 0
    length_penalty      = 0.6
  }
}
