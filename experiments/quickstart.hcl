# In which language is this name of a language or a region written?
#
# Few-shot classification with no data to download: the names are those of the
# Unicode CLDR, as compiled into golang.org/x/text. Classes are languages; those
# of meta-training, validation and meta-test are disjoint, so the table shows
# adaptation to languages that were never trained on. Meta-training counts as
# working when the paired interval of trained minus untrained after 5 steps lies
# above 0.05. The centroid row, TF-IDF over characters fitted to each episode's
# support, is the baseline to beat; a loss against it is printed, not hidden.
#
# MAML: Finn, Abbeel and Levine 2017, https://arxiv.org/abs/1703.03400, second
# order. No published number exists for this data.

plugins {
  task "names" { source = "../plugins/tasks/names" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "maml" { source = "../plugins/metalearners/maml" }
}

variable "steps" {
  default     = 600
  description = "meta-training steps"
}

variable "episodes" {
  default     = 200
  description = "frozen episodes of the meta-test"
}

variable "validation_episodes" {
  default     = 40
  description = "frozen episodes of the validation"
}

tokenizer "characters" {
  kind = "characters"
  size = 2000
}

experiment "quickstart" {
  description = "MAML on the language of names, tested on languages never trained on"
  seed        = 7

  backbone "transformer" {
    kind    = "encoder"
    layers  = 1
    width   = 32
    heads   = 4
    mlp     = 64
    pooling = "mean"
    input "tokens" {
      tokenizer  = tokenizer.characters
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "language" {}

  task "names" "languages" {
    min_names = 100
    inputs { tokens = "text" }
    predict "language" {
      head   = head.language
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 5
      shot  = 5
      query = 5
    }
  }

  metalearner "maml" {
    inner_steps = 3
    inner_lr    = 0.1
    optimizer "adam" {
      learning_rate = cosine(3e-3)
    }
  }

  train {
    steps            = var.steps
    meta_batch       = 4
    checkpoint_every = 100
  }

  evaluate {
    episodes            = var.episodes
    every               = 100
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 1, 3, 5]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.03, 0.1, 0.3, 1.0] }
    }
  }
}
