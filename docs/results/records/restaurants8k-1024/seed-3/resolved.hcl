plugins {
  task "question-answering" {
    source  = ".../tasks/question-answering"
    timeout = 10
  }
  head "span" {
    source  = ".../heads/span"
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
experiment "restaurants8k" {
  description = "slots of utterances as spans, asked for one by one"
  seed        = 3
  freeze      = []
  backbone "transformer" {
    kind       = "encoder"
    layers     = 2
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
      max_length = 64
      truncate   = false
    }
  }
  head "span" "value" {
    dropout    = 0
    max_length = 12
    threshold  = 0
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
      size      = 64
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
      learning_rate = warmup(100, cosine(0.002, 0))
      beta1         = 0.9
      beta2         = 0.999
      epsilon       = 1e-08
    }
  }
  train {
    steps            = 1500
    meta_batch       = 1
    micro_batch      = 16
    clip_norm        = 0
    checkpoint_every = 500
    keep             = 2
  }
  evaluate {
    episodes            = 600
    every               = 300
    inner_steps         = []
    validation_episodes = 100
    rows                = ["majority"]
    beam                = 0
    length_penalty      = 0.6
  }
}
