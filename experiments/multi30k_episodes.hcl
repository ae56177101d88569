# A pair of languages that was left out of meta-training, in episodes.
#
# Every episode is of one pair: some sentences to adapt to, and others to be judged by. Trained on
# are English to and from German and French, tested on German into French; a word at the
# beginning of each source says which language is wanted. First-order MAML (Finn et al. 2017)
# looks for parameters from which few gradient steps suffice. The columns are numbers of them,
# 0 being before adaptation, and BLEU is the mean over episodes. What joint training and an ordinary
# fine-tuning make of the same pair is in multi30k_left_out.hcl.
#
#   runner run experiments/multi30k_episodes.hcl

plugins {
  task "translation" { source = "../plugins/tasks/translation" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
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

variable "episodes" {
  default     = 20
  description = "frozen episodes of the meta-test"
}

variable "shots" {
  default     = 16
  description = "sentences to adapt on"
}

variable "queries" {
  default     = 16
  description = "sentences to be judged by"
}

variable "width" {
  default     = 192
  description = "of the residual stream"
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

experiment "multi30k_episodes" {
  description = "captions in episodes of a pair of languages, tested on one that is unseen"
  seed        = var.seed

  backbone "transformer" {
    kind      = "encoder_decoder"
    layers    = 2
    width     = var.width
    heads     = 6
    mlp       = 2 * var.width
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
    pairs   = ["en-de", "de-en", "en-fr", "fr-en"]
    unseen  = ["de-fr"]
    mark    = true
    shots   = var.shots
    queries = var.queries

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
  }

  metalearner "maml" {
    inner_steps = 2
    inner_lr    = 0.1
    first_order = true
    optimizer "adam" { learning_rate = warmup(400, cosine(0.001)) }
  }

  train {
    steps            = var.steps
    meta_batch       = 4
    clip_norm        = 1
    checkpoint_every = 500
  }

  evaluate {
    episodes    = var.episodes
    inner_steps = [0, 2, 10]
    beam        = 1
  }
}
