# Three kinds of heads in one run, over one encoder and one decoder: a class, tags, and a text.
#
# The intents of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0) are
# told by a classification head on the pooled encoder; the words of RESTAURANTS-8K (Coope et al.
# 2020, https://arxiv.org/abs/2005.08866, CC BY 4.0) are tagged with slots by another on its
# positions; and a third, of the same utterances and the same pass of the encoder, writes what a
# waiter would note down, from the decoder. Each step has a batch of both tasks; the losses are
# weighted as given.
#
#   runner run experiments/mixed_heads.hcl

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  head "token-classification" { source = "../plugins/heads/token-classification" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "restaurants8k" {
  default     = "data/restaurant8k/train_0.json"
  description = "train_0.json to train_3.json of PolyAI's task-specific-datasets on GitHub"
}

variable "restaurants8k_test" {
  default     = "data/restaurant8k/test.json"
  description = "test.json beside it"
}

variable "steps" {
  default     = 1200
  description = "training steps"
}

variable "batch" {
  default     = 32
  description = "texts in a batch of a task"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  min_count = 2
}

experiment "mixed_heads" {
  description = "intents, tags and notes from one encoder and decoder"
  seed        = var.seed

  backbone "transformer" {
    kind      = "encoder_decoder"
    layers    = 2
    width     = 96
    heads     = 4
    mlp       = 192
    positions = "relative"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
    }
  }

  head "classification" "intent" {}
  head "token-classification" "slots" {}
  head "generation" "note" { source = "said" }

  task "text" "queries" {
    format = "clinc150"
    path   = var.clinc150
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    split { by = "source" }
    batches { size = var.batch }
  }

  task "text" "bookings" {
    format  = "restaurants8k"
    path    = var.restaurants8k
    test    = var.restaurants8k_test
    licence = "CC BY 4.0"
    origin  = "https://github.com/PolyAI-LDN/task-specific-datasets/tree/master/span_extraction"
    inputs "said" { tokens = "words" }
    inputs "written" { tokens = "reply" }
    predict "slots" {
      head   = head.slots
      target = "tags"
    }
    predict "note" {
      head   = head.note
      target = "reply"
      weight = 0.5
    }
    batches { size = var.batch }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(100, cosine(0.002)) }
  }

  train {
    steps     = var.steps
    clip_norm = 1
  }

  evaluate {
    every = 400
    beam  = 1
  }
}
