# A frozen-encoder probe: an encoder trained on intents, domains and slots, and relations left out.
#
# The encoder learns intents and domains of CLINC150 (Larson et al. 2019,
# https://aclanthology.org/D19-1131, CC BY 3.0) and slots of RESTAURANTS-8K (Coope et al. 2020,
# https://arxiv.org/abs/2005.08866, CC BY 4.0) together. FewRel (Han et al. 2018,
# https://aclanthology.org/D18-1514, MIT) takes no part. Then the encoder is frozen, and a linear
# head on what it pools learns five of FewRel's relations from `shot` sentences of each: what the
# tasks have taught the encoder that is of use elsewhere (Alain and Bengio 2017,
# https://arxiv.org/abs/1610.01644). The row untrained is the same probe of the encoder as it was
# at first; with -var 'adapt=["**"]' -var inner_lr=0.003 all is fine-tuned, and nothing frozen.
#
#   runner run experiments/probe_fewrel.hcl

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "relation" { source = "../plugins/tasks/relation" }
  task "question-answering" { source = "../plugins/tasks/question-answering" }
  head "classification" { source = "../plugins/heads/classification" }
  head "span" { source = "../plugins/heads/span" }
  metalearner "finetune" { source = "../plugins/metalearners/finetune" }
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

variable "adapt" {
  type        = list(string)
  default     = ["heads/**"]
  description = "what the relations train: the head; [\"**\"] is all"
}

variable "inner_lr" {
  default     = 0.03
  description = "of the steps of Adam that the relations train by"
}

variable "shot" {
  default     = 10
  description = "labelled sentences of a relation"
}

variable "steps" {
  default     = 600
  description = "training steps"
}

variable "episodes" {
  default     = 200
  description = "test episodes"
}

variable "validation_episodes" {
  default     = 50
  description = "episodes that a state is chosen by"
}

tokenizer "main" {
  kind      = "words"
  min_count = 2
}

experiment "probe-fewrel" {
  description = "relations from an encoder that learned intents, domains and slots"
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
    episodes {
      way   = 5
      shot  = var.shot
      query = 10
    }
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
    episodes {
      way   = 5
      shot  = var.shot
      query = 10
    }
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
    episodes {
      way   = 5
      shot  = var.shot
      query = 10
    }
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

  sampling {
    rule = "weighted"
    weights = {
      intents   = 1
      domains   = 1
      slots     = 1
      relations = 0
    }
  }

  metalearner "finetune" {
    inner_steps     = 50
    inner_optimizer = "adam"
    inner_lr        = var.inner_lr
    adapt           = var.adapt
    optimizer "adam" { learning_rate = warmup(50, cosine(0.003)) }
  }

  train {
    steps      = var.steps
    meta_batch = 3
  }

  evaluate {
    tasks               = ["relations"]
    every               = 200
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
    inner_steps         = [0, 10, 50]
    rows                = ["centroid", "chance"]
    untrained {
      tune = { inner_lr = [0.003, 0.01, 0.03] }
    }
  }
}
