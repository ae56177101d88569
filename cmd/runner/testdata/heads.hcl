# One encoder, and a head for every kind of answer.
plugins {
  task "text" { source = "../../../plugins/tasks/text" }
  head "token-classification" { source = "../../../plugins/heads/token-classification" }
  head "multi-label" { source = "../../../plugins/heads/multi-label" }
  head "span" { source = "../../../plugins/heads/span" }
  head "similarity" { source = "../../../plugins/heads/similarity" }
  head "regression" { source = "../../../plugins/heads/regression" }
  metalearner "mtl" { source = "../../../plugins/metalearners/mtl" }
}

tokenizer "words" { kind = "words" }

experiment "heads" {
  seed = 4

  backbone "transformer" {
    layers = 1
    width  = 24
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 12
    }
  }

  head "token-classification" "entities" {}
  head "multi-label" "topics" {}
  head "span" "answer" {
    max_length = 4
  }
  head "regression" "length" {}
  head "similarity" "alike" {}

  task "text" "sentences" {
    path       = "sentences.jsonl"
    labels     = []
    words      = "words"
    tags       = "tags"
    label_sets = ["topics"]
    spans      = ["answer"]
    values     = ["length"]
    inputs { tokens = "text" }
    inputs "words" { tokens = "words" }
    predict "entities" {
      head   = head.entities
      target = "tags"
    }
    predict "topics" {
      head   = head.topics
      target = "topics"
    }
    predict "answer" {
      head   = head.answer
      target = "answer"
    }
    predict "length" {
      head   = head.length
      target = "length"
      weight = 0.01
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 16 }
  }

  task "text" "pairs" {
    path   = "sentences.jsonl"
    labels = ["alike"]
    texts  = ["other"]
    inputs "left" { tokens = "text" }
    inputs "right" { tokens = "other" }
    predict "alike" {
      head   = head.alike
      target = "alike"
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 16 }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = 0.01 }
  }

  train {
    steps = 60
  }

  evaluate {
    rows = ["majority", "chance"]
  }
}
