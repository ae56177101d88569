# The slots of RESTAURANTS-8K as questions about utterances, from a model that is trained on
# nothing else.
#
# Every utterance (Coope et al. 2020, https://arxiv.org/abs/2005.08866, CC BY 4.0) is asked
# for every slot: date, time, people, first and last name. Slot and utterance are read as
# one, with a separator between, and the head points at the value or says that there is
# none. Where the system had asked for a slot, the question says so, since "13" alone is
# anything. span_f1 is the paper's measure over all slots: a value is right if all of it is.
# The majority row never answers, which is right for four of five, and has no F1.
#
# It takes train_0 (all 8,198 utterances) to train_3 (1,024, an eighth of them). With all
# of them, the paper's Span-ConveRT, whose sentence encoder is pretrained, has an F1 of
# 0.96; this model, after 1,500 steps on the eighth, 0.62, and an exact match of 0.904
# where never answering has 0.814.
#
#   runner run experiments/restaurants8k.hcl -var restaurants8k=... -var restaurants8k_test=...

plugins {
  task "question-answering" { source = "../plugins/tasks/question-answering" }
  head "span" { source = "../plugins/heads/span" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "restaurants8k" {
  default     = "data/restaurant8k/train_3.json"
  description = "train_0.json to train_3.json of PolyAI's task-specific-datasets on GitHub"
}

variable "restaurants8k_test" {
  default     = "data/restaurant8k/test.json"
  description = "test.json beside it"
}

variable "batch" {
  default     = 64
  description = "questions in a batch"
}

variable "steps" {
  default     = 1500
  description = "training steps"
}

tokenizer "main" {
  kind      = "words"
  lowercase = true
  min_count = 2
}

experiment "restaurants8k" {
  description = "slots of utterances as spans, asked for one by one"
  seed        = 7

  backbone "transformer" {
    kind      = "encoder"
    layers    = 2
    width     = 64
    heads     = 4
    mlp       = 128
    positions = "relative"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 64
    }
  }

  head "span" "value" {
    max_length = 12
  }

  task "question-answering" "slots" {
    format  = "restaurants8k"
    path    = var.restaurants8k
    test    = var.restaurants8k_test
    licence = "CC BY 4.0"
    origin  = "https://github.com/PolyAI-LDN/task-specific-datasets/tree/master/span_extraction"
    inputs { tokens = ["question", "passage"] }
    predict "value" {
      head   = head.value
      target = "answer"
    }
    batches { size = var.batch }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(100, cosine(0.002)) }
  }

  train {
    steps = var.steps
  }

  evaluate {
    every = 300
    rows  = ["majority"]
  }
}
