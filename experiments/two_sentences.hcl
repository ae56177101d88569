# Questions whose answer needs two sentences of a passage.
#
# A passage says of some people where they are, and of some things who has them, in any order. It
# is asked where a thing is, which no sentence says: one has the person, another the place (after
# Weston et al. 2015, https://arxiv.org/abs/1502.05698, task 2). Beside it another task asks what
# one sentence says, where a person is and who has a thing; both share encoder and head. With
# positions other than those of ALiBi (Press et al. 2022, https://arxiv.org/abs/2108.12409), by
# which a word looks at its own sentence from the first step on, the model stays for a thousand
# steps and more at naming one of the three places.
#
#   runner run experiments/two_sentences.hcl

plugins {
  task "question-answering" { source = "../plugins/tasks/question-answering" }
  head "span" { source = "../plugins/heads/span" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "passages" {
  default     = 40000
  description = "passages that are made up"
}

variable "facts" {
  default     = 3
  description = "people, and things, of a passage"
}

variable "layers" {
  default     = 4
  description = "of the encoder"
}

variable "width" {
  default     = 64
  description = "of the encoder"
}

variable "positions" {
  default     = "alibi"
  description = "how positions are told"
}

variable "rate" {
  default     = 0.002
  description = "the highest learning rate"
}

variable "batch" {
  default     = 64
  description = "questions in a batch"
}

variable "steps" {
  default     = 2000
  description = "training steps"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" { kind = "words" }

experiment "two_sentences" {
  description = "questions whose answer needs two sentences of a passage"
  seed        = var.seed

  backbone "transformer" {
    kind      = "encoder"
    layers    = var.layers
    width     = var.width
    heads     = 4
    mlp       = 2 * var.width
    positions = var.positions
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 64
    }
  }

  head "span" "answer" {
    max_length = 1
  }

  task "question-answering" "one_sentence" {
    format    = "made_up"
    passages  = var.passages
    facts     = var.facts
    sentences = 1
    seed      = 1
    inputs { tokens = ["question", "passage"] }
    predict "answer" {
      head   = head.answer
      target = "answer"
    }
    split {
      by         = "record"
      train      = 0.95
      validation = 0.02
      test       = 0.03
    }
    batches { size = var.batch }
  }

  task "question-answering" "two_sentences" {
    format    = "made_up"
    passages  = var.passages
    facts     = var.facts
    sentences = 2
    seed      = 2
    inputs { tokens = ["question", "passage"] }
    predict "answer" {
      head   = head.answer
      target = "answer"
    }
    split {
      by         = "record"
      train      = 0.95
      validation = 0.02
      test       = 0.03
    }
    batches { size = var.batch }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(100, cosine(var.rate)) }
  }

  train {
    steps     = var.steps
    clip_norm = 1
  }

  evaluate {
    every = 250
    rows  = ["majority"]
  }
}
