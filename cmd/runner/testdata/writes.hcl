# Texts that are written, from another text.
plugins {
  task "text" { source = "../../../plugins/tasks/text" }
  head "generation" { source = "../../../plugins/heads/generation" }
  metalearner "mtl" { source = "../../../plugins/metalearners/mtl" }
}

tokenizer "words" { kind = "words" }

experiment "writes" {
  seed = 4

  backbone "transformer" {
    kind   = "encoder_decoder"
    layers = 1
    width  = 24
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 14
    }
  }

  head "generation" "said" {
    label_smoothing = 0.05
  }

  task "text" "sentences" {
    path   = "sentences.jsonl"
    labels = []
    texts  = ["said"]
    inputs "source" { tokens = "text" }
    inputs "written" { tokens = "said" }
    predict "said" {
      head   = head.said
      target = "said"
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
    steps = 200
  }

  evaluate {
    rows = []
    beam = 2
  }
}
