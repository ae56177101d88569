# Multi-task against single-task learning of four text tasks, with any weighting of their losses.
#
# Intents and domains of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY
# 3.0) are of the same queries; relations are FewRel's (Han et al. 2018,
# https://aclanthology.org/D18-1514, MIT), slots those of RESTAURANTS-8K (Coope et al. 2020,
# https://arxiv.org/abs/2005.08866, CC BY 4.0), as spans. One small encoder for all, and a head
# for each. The row single_task is a model for each task alone, of as many steps, and the last
# table the relative change against it (Maninis et al. 2019, https://arxiv.org/abs/1904.08918,
# equation 4). What the weightings are is in docs/methods.md.
#
#   runner run experiments/weightings_text.hcl -var weighting=pcgrad

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "relation" { source = "../plugins/tasks/relation" }
  task "question-answering" { source = "../plugins/tasks/question-answering" }
  head "classification" { source = "../plugins/heads/classification" }
  head "span" { source = "../plugins/heads/span" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "clinc150_domains" {
  default     = "data/clinc150/domains.json"
  description = "domains.json beside it"
}

variable "fewrel" {
  default     = "data/fewrel/val_wiki.json"
  description = "data/val_wiki.json of https://github.com/thunlp/FewRel"
}

variable "restaurants8k" {
  default     = "data/restaurant8k/train_3.json"
  description = "train_3.json of PolyAI's task-specific-datasets on GitHub"
}

variable "restaurants8k_test" {
  default     = "data/restaurant8k/test.json"
  description = "test.json beside it"
}

variable "weighting" {
  default     = "fixed"
  description = "fixed, uncertainty, pcgrad, cagrad, nash_mtl, famo or another of mtl's"
}

variable "steps" {
  default     = 600
  description = "training steps"
}

tokenizer "main" {
  kind      = "words"
  min_count = 2
}

experiment "weightings-text" {
  description = "intents, domains, relations and slots from one encoder"
  seed        = 7

  backbone "transformer" {
    kind      = "encoder"
    layers    = 1
    width     = 64
    heads     = 4
    mlp       = 128
    positions = "relative"
    dropout   = 0.1
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 48
      truncate   = true
    }
  }

  head "classification" "intent" {}
  head "classification" "domain" {}
  head "classification" "relation" {}
  head "span" "value" {
    max_length = 12
  }

  task "text" "intents" {
    path         = var.clinc150
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    batches { size = 32 }
  }

  task "text" "domains" {
    path         = var.clinc150
    domains      = var.clinc150_domains
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "domain" {
      head   = head.domain
      target = "domain"
    }
    batches { size = 32 }
  }

  task "relation" "relations" {
    path    = var.fewrel
    licence = "MIT"
    origin  = "https://github.com/thunlp/FewRel"
    inputs { tokens = "words" }
    predict "relation" {
      head   = head.relation
      target = "relation"
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 32 }
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
    batches { size = 32 }
  }

  metalearner "mtl" {
    weighting = var.weighting
    optimizer "adam" { learning_rate = warmup(50, cosine(0.003)) }
  }

  train {
    steps = var.steps
  }

  evaluate {
    every = 200
    rows  = ["majority", "single_task"]
  }
}
