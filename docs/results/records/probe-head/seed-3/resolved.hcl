plugins {
  task "text" {
    source  = ".../tasks/text"
    timeout = 10
  }
  task "relation" {
    source  = ".../tasks/relation"
    timeout = 10
  }
  task "question-answering" {
    source  = ".../tasks/question-answering"
    timeout = 10
  }
  head "classification" {
    source  = ".../heads/classification"
    timeout = 10
  }
  head "span" {
    source  = ".../heads/span"
    timeout = 10
  }
  metalearner "finetune" {
    source  = ".../metalearners/finetune"
    timeout = 10
  }
}
tokenizer "main" {
  kind      = "words"
  size      = 4000
  lowercase = true
  min_count = 2
}
experiment "probe-fewrel" {
  description = "relations from an encoder that learned intents, domains and slots"
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
  head "span" "value" {
    dropout    = 0
    max_length = 12
    threshold  = 0
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
    episodes {
      way          = 5
      shot         = 10
      query        = 10
      min_examples = 0
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
    episodes {
      way          = 5
      shot         = 10
      query        = 10
      min_examples = 0
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
      weight = 1
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
      field      = ""
      seed       = 0
    }
    episodes {
      way          = 5
      shot         = 10
      query        = 10
      min_examples = 0
    }
  }
  task "question-answering" "slots" {
    format       = "restaurants8k"
    path         = ".../restaurant8k/train_3.json"
    validation   = ""
    test         = ".../restaurant8k/test.json"
    passages     = 5000
    facts        = 3
    unanswerable = 0
    seed         = 0
    licence      = "CC BY 4.0"
    origin       = "https://github.com/PolyAI-LDN/task-specific-datasets/tree/master/span_extraction"
    inputs {
      tokens = ["question", "passage"]
    }
    predict "value" {
      head   = head.value
      target = "answer"
      weight = 1
    }
    batches {
      size      = 32
      by_length = false
    }
  }
  sampling {
    rule    = "weighted"
    weights = { domains = 1, intents = 1, relations = 0, slots = 1 }
  }
  metalearner "finetune" {
    inner_steps     = 50
    inner_lr        = 0.03
    inner_optimizer = "adam"
    inner_momentum  = 0.9
    inner_beta1     = 0.9
    inner_beta2     = 0.999
    adapt           = ["heads/**"]
    optimizer "adam" {
      learning_rate = warmup(50, cosine(0.003, 0))
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 600
    meta_batch       = 3
    micro_batch      = 16
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    tasks               = ["relations"]
    episodes            = 200
    every               = 200
    inner_steps         = [0, 10, 50]
    validation_episodes = 50
    rows                = ["centroid", "chance"]
    beam                = 0
    length_penalty      = 0.6
    untrained {
      tune = { inner_lr = [0.003, 0.01, 0.03] }
    }
  }
}
