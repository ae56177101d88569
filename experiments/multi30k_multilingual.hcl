# Captions between English and German and between English and French, all by one model.
#
# A word at the beginning of each source says which language is wanted (Johnson et al. 2017,
# https://arxiv.org/abs/1611.04558). German is not translated into French here:
# multi30k_left_out.hcl begins with this run, and adapts it to that pair. The test shows the four
# pairs together, and multi30k_one_pair.hcl one alone.
#
#   runner run experiments/multi30k_multilingual.hcl

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

variable "steps" {
  default     = 6000
  description = "training steps"
}

variable "batch" {
  default     = 64
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
  kind      = "words"
  lowercase = false
  min_count = 3
  size      = 20000
}

experiment "multi30k_multilingual" {
  description = "captions in four pairs of languages"
  seed        = var.seed

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
    pairs = ["en-de", "de-en", "en-fr", "fr-en"]
    mark  = true

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
    optimizer "adam" { learning_rate = warmup(400, cosine(0.0015)) }
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
