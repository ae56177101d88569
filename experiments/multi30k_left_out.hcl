# A pair of languages that was left out of training: captions in German, written in French.
#
# It begins with a run of multi30k_multilingual.hcl, which has read and written both languages, but
# never one from the other, and trains on a few sentences of the pair. The row initial is before
# that, the row trained after. Beside them stands what multi30k_one_pair.hcl makes of the pair
# alone, of as many sentences or of all.
#
#   runner run experiments/multi30k_left_out.hcl -var multilingual=$PWD/RUN
#   runner run experiments/multi30k_left_out.hcl -var multilingual=$PWD/RUN -var sentences=128 \
#     -var steps=60
#   runner run experiments/multi30k_one_pair.hcl -var pair=de-fr
#
# RUN is the folder that the run before has printed.

plugins {
  task "translation" { source = "../plugins/tasks/translation" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "multi30k" {
  default     = "data/multi30k/train.{}.gz"
  description = "train.*.gz of data/task1/raw in https://github.com/multi30k/dataset"
}

variable "multi30k_validation" {
  default     = "data/multi30k/val.{}.gz"
  description = "val.*.gz beside it"
}

variable "multi30k_test" {
  default     = "data/multi30k/test_2016_flickr.{}.gz"
  description = "test_2016_flickr.*.gz beside it"
}

variable "multilingual" {
  type        = string
  description = "run folder of multi30k_multilingual.hcl"
}

variable "sentences" {
  default     = 16
  description = "sentences of the pair that are trained on"
}

variable "steps" {
  default     = 20
  description = "training steps"
}

variable "batch" {
  default     = 16
  description = "sentences in a batch"
}

variable "beam" {
  default     = 1
  description = "translations that are followed at once"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind = "words"
  from = var.multilingual
}

experiment "multi30k_left_out" {
  description = "captions in a pair of languages that was left out of training"
  seed        = var.seed

  init {
    from = var.multilingual
  }

  backbone "transformer" {
    kind      = "encoder_decoder"
    layers    = 2
    width     = 192
    heads     = 6
    mlp       = 384
    positions = "sinusoidal"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
    }
  }

  head "generation" "translation" {
    source          = "read"
    label_smoothing = 0.1
    dropout         = 0.1
  }

  task "translation" "captions" {
    pairs     = ["de-fr"]
    mark      = true
    sentences = var.sentences

    path       = var.multi30k
    validation = var.multi30k_validation
    test       = var.multi30k_test
    origin     = "https://github.com/multi30k/dataset, data/task1/raw"
    inputs "read" { tokens = "source" }
    inputs "written" { tokens = "target" }
    predict "translated" {
      head   = head.translation
      target = "target"
    }
    batches {
      size      = var.batch
      by_length = true
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = 0.0003 }
  }

  train {
    steps            = var.steps
    micro_batch      = 32
    clip_norm        = 1
    checkpoint_every = 500
  }

  evaluate {
    rows = []
    beam = var.beam
  }
}
