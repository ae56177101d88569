# Weighted multi-task learning over a decoder that two heads share: what a query is about, and the
# query itself.
#
# A decoder reads the queries of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131,
# CC BY 3.0) from left to right, once. One head tells the intent of the whole, the other every word
# from those before it, as a language model does; the loss is Σ wᵢ Lᵢ. Language modelling beside a
# task is what Radford et al. 2018 (Improving Language Understanding by Generative Pre-Training)
# fine-tune with, at half the weight. The row single_task is one run for each head alone.
#
#   runner run experiments/shared_decoder.hcl

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "language_weight" {
  default     = 0.5
  description = "of the loss of the words; that of the intent is 1"
}

variable "steps" {
  default     = 1000
  description = "training steps"
}

variable "batch" {
  default     = 64
  description = "queries in a batch"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  min_count = 2
}

experiment "shared_decoder" {
  description = "intents and words of CLINC150 from one decoder"
  seed        = var.seed

  backbone "transformer" {
    kind      = "decoder"
    layers    = 2
    width     = 96
    heads     = 4
    mlp       = 192
    positions = "relative"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 32
    }
  }

  head "classification" "intent" {}
  head "generation" "words" {}

  task "text" "queries" {
    format       = "clinc150"
    path         = var.clinc150
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
      weight = 1
    }
    predict "words" {
      head   = head.words
      target = "text"
      weight = var.language_weight
    }
    split { by = "source" }
    batches {
      size      = var.batch
      by_length = true
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(100, cosine(0.002)) }
  }

  train {
    steps     = var.steps
    clip_norm = 1
  }

  evaluate {
    every = 250
    rows  = ["single_task"]
  }
}
