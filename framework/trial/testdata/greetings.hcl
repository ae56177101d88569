# Two heads on one encoder, ordinary batches, every row.
plugins {
  task "text" { source = "../../../plugins/tasks/text" }
  head "classification" { source = "../../../plugins/heads/classification" }
  metalearner "mtl" { source = "../../../plugins/metalearners/mtl" }
}

tokenizer "words" { kind = "words" }

experiment "greetings" {
  seed = 3

  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 6
    }
  }

  head "classification" "language" {}
  head "classification" "when" {}

  task "text" "greetings" {
    path   = "greetings.jsonl"
    labels = ["language", "when"]
    inputs { tokens = "text" }
    predict "language" {
      head   = head.language
      target = "language"
    }
    predict "when" {
      head   = head.when
      target = "when"
      weight = 0.5
    }
    split {
      by         = "record"
      train      = 0.5
      validation = 0.25
      test       = 0.25
    }
    batches { size = 8 }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = 0.03 }
  }

  train {
    steps = 30
  }

  evaluate {
    every = 10
    rows  = ["majority", "single_task", "chance"]
    untrained {}
  }
}
