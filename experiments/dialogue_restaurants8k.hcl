# A decoder alone that answers in dialogues, and learns its answers alone.
#
# Every utterance of RESTAURANTS-8K (Coope et al. 2020, https://arxiv.org/abs/2005.08866, CC BY
# 4.0) is a turn of a guest: before it the system has asked for slots, or nothing, and after it the
# system notes down the slots that it has heard, word for word. The decoder reads all turns, each
# after the token of its speaker, and its loss is that of the system's note, token by token. Other
# dialogues are JSON Lines of turns: format = "dialogue" of the same task.
#
# After 1,200 steps the perplexity of a token of the notes is 2.22, and greedy search writes 65.8 %
# (1.5) of the 3,731 notes of the test to the word, of one seed.
#
#   runner run experiments/dialogue_restaurants8k.hcl
#   runner predict RUN turns.jsonl
#
# where a line of turns.jsonl is {"text": "xxsystem time ? xxuser at 8 please xxsystem"}.

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "generation" { source = "../plugins/heads/generation" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
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
  description = "dialogues in a batch"
}

variable "seed" {
  default     = 1
  description = "of the run"
}

tokenizer "words" {
  kind      = "words"
  min_count = 2
}

experiment "dialogue_restaurants8k" {
  description = "a decoder that answers guests of a restaurant"
  seed        = var.seed

  backbone "transformer" {
    kind      = "decoder"
    layers    = 3
    width     = 96
    heads     = 4
    mlp       = 192
    positions = "relative"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.words
      max_length = 96
    }
  }

  head "generation" "system" {}

  task "text" "dialogues" {
    format  = "restaurants8k"
    path    = var.restaurants8k
    test    = var.restaurants8k_test
    licence = "CC BY 4.0"
    origin  = "https://github.com/PolyAI-LDN/task-specific-datasets/tree/master/span_extraction"
    inputs { tokens = ["text", "reply"] }
    predict "reply" {
      head   = head.system
      target = "reply"
    }
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
    every = 400
    beam  = 1
  }
}
