# First of three: pre-train the encoder by telling the domains of meta-training intents
# apart, measured on the domains of intents never seen.
#
# CLINC150: Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0. The
# same seeded rule divides the intents in all three, so nothing that the meta-test
# is about was seen before; the tokenizer is trained on the same texts in all three.
#
#   runner run experiments/chain_1_pretrain_clinc150.hcl
#   runner run experiments/chain_2_metatrain_clinc150.hcl -var pretrained=$PWD/RUN
#   runner run experiments/chain_3_metatest_clinc150.hcl -var metatrained=$PWD/RUN
#
# RUN is the folder that the run before has printed; a path that is not absolute
# would start at this file's folder. What was loaded from it, and what was not, is
# printed.

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
  default     = 400
  description = "training steps"
}

tokenizer "main" {
  kind = "words"
  size = 4000
}

experiment "chain-1-pretrain-clinc150" {
  description = "domains of intents, to pre-train an encoder"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = 1
    width  = 32
    heads  = 4
    mlp    = 64
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 16
      truncate   = true
    }
  }

  head "classification" "domain" {}

  task "text" "queries" {
    path         = var.clinc150
    format       = "clinc150"
    out_of_scope = "exclude"
    domains      = var.clinc150_domains
    inputs { tokens = "text" }
    predict "domain" {
      head   = head.domain
      target = "domain"
    }
    split {
      by         = "class"
      field      = "intent"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 64 }
  }

  metalearner "mtl" {
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
    rows  = ["majority"]
  }
}
