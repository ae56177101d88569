# Weighted multi-task learning on CLINC150: one shared encoder, three heads.
#
# Every query of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131,
# CC BY 3.0) carries its intent, its domain, and whether it is in scope at all; it
# goes through the encoder once and feeds the three heads, whose losses are
# weighted as given: Σ wᵢ Lᵢ. The rows compare with the majority class and with
# one run for each head alone. The splits are those the data set is published with.
# The steps are few: those of all four models take half a minute on two cores.
#
# Caruana 1997, https://doi.org/10.1023/A:1007379606734.
#
#   runner run experiments/mtl_clinc150.hcl -var clinc150=... -var clinc150_domains=...

plugins {
  task "text" { source = "../plugins/tasks/text" }
  head "classification" { source = "../plugins/heads/classification" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "clinc150_domains" {
  default     = "data/clinc150/domains.json"
  description = "domains.json of https://github.com/clinc/oos-eval"
}

variable "steps" {
  default     = 600
  description = "training steps"
}

tokenizer "main" {
  kind = "words"
  size = 4000
}

experiment "mtl-clinc150" {
  description = "intent, domain and scope of CLINC150 from one encoder"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = 1
    width  = 64
    heads  = 4
    mlp    = 128
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "intent" {}
  head "classification" "domain" {}
  head "classification" "scope" {}

  task "text" "queries" {
    path         = var.clinc150
    format       = "clinc150"
    domains      = var.clinc150_domains
    out_of_scope = "unlabelled" # no intent and no domain, but a scope
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
      weight = 1
    }
    predict "domain" {
      head   = head.domain
      target = "domain"
      weight = 0.5
    }
    predict "scope" {
      head   = head.scope
      target = "scope"
      weight = 0.5
    }
    split { by = "source" }
    batches { size = 64 }
  }

  metalearner "mtl" {
    normalize = false
    optimizer "adam" {
      learning_rate = warmup(50, cosine(3e-3))
    }
  }

  train {
    steps            = var.steps
    checkpoint_every = 200
  }

  evaluate {
    every = 200
    rows  = ["majority", "single_task"]
  }
}
