# Questions whose answer needs two sentences of a passage.
#
# A passage says of some people where they are, and of some things who has them, in any order. It
# is asked where a thing is, which no sentence says: one has the person, another the place (after
# Weston et al. 2015, https://arxiv.org/abs/1502.05698, task 2). A head points at the place, and
# another, of the same pass of the encoder, at the person in between, which records name as theirs
# name the sentences that support an answer.
#
# Who names one of the three places at random is right once in three times, and so is the model of
# this file after its first thousand steps; the row majority, the most frequent place, is right in
# 8 %. That it gets beyond is not shown yet.
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

variable "person_weight" {
  default     = 1
  description = "of the loss of the person in between; 0: nothing of it is learned"
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
  default     = 32
  description = "questions in a batch"
}

variable "steps" {
  default     = 3000
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

  head "span" "place" { max_length = 1 }
  head "span" "person" { max_length = 1 }

  task "question-answering" "questions" {
    format   = "made_up"
    passages = var.passages
    facts    = var.facts
    inputs { tokens = ["question", "passage"] }
    predict "place" {
      head   = head.place
      target = "answer"
    }
    predict "person" {
      head   = head.person
      target = "person"
      weight = var.person_weight
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
