# What tasks share: all, all but small modules of their own, mixtures of experts, or nothing.
#
# Intents and domains of CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY
# 3.0), which are labels of the same queries, or intents and FewRel's relations (Han et al. 2018,
# https://aclanthology.org/D18-1514, MIT), which have nothing to do with one another. -var modules
# chooses:
#
#   shared       the encoder is of both, hard sharing (Caruana 1997)
#   adapters     and bottlenecks of a task's own (Houlsby et al. 2019, arXiv:1902.00751)
#   lora         or low-rank updates (Hu et al. 2021, arXiv:2106.09685)
#   norm         or scales and biases of norms (Rebuffi et al. 2017, arXiv:1705.08045)
#   mmoe         or gates over four experts (Ma et al. 2018, doi.org/10.1145/3219819.3220007)
#
# The row single_task has a model for each task with the same modules, and the last table the
# relative change against it. Without heads, shared has 289,728 parameters, of which 256,000 are
# embeddings; a task's own are 2,192 as adapters, 2,048 as low-rank updates and 256 as norms; the
# mixture has 16,640 more that are shared, and 256 a task. Separate models are 289,728 a task.
#
#   runner run experiments/modules_text.hcl -var modules=lora -var tasks=unrelated

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "relation" { source = "../plugins/tasks/relation" }
  head "classification" { source = "../plugins/heads/classification" }
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

variable "modules" {
  default     = "shared"
  description = "shared, adapters, lora, norm or mmoe"
}

variable "tasks" {
  default     = "related"
  description = "related: intents and domains; unrelated: intents and relations"
}

variable "steps" {
  default     = 600
  description = "training steps"
}

locals {
  # of whom a task's own modules are
  per = {
    for kind in ["adapters", "lora", "norm"] : kind => var.modules == kind ? "task" : "none"
  }
  other = var.tasks == "related" ? "domains" : "relations"
}

tokenizer "main" {
  kind      = "words"
  min_count = 2
}

experiment "modules-text" {
  description = "two tasks that share an encoder, modules of it, or nothing"
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
    adapter "bottleneck" {
      on   = "layers/*/{attention,mlp}"
      rank = 8
      per  = local.per.adapters
    }
    adapter "lora" {
      on   = "layers/*/attention/{q,k,v,out}"
      rank = 4
      per  = local.per.lora
    }
    adapter "norm" {
      on  = "layers/*/norm*"
      per = local.per.norm
    }
    experts {
      count = var.modules == "mmoe" ? 4 : 0
    }
  }

  head "classification" "intent" {}
  head "classification" "domain" {}
  head "classification" "relation" {}

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
      weight = local.other == "domains" ? 1 : 0
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
      weight = local.other == "relations" ? 1 : 0
    }
    split {
      by         = "record"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    batches { size = 32 }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = warmup(50, cosine(0.003)) }
  }

  train {
    steps = var.steps
  }

  evaluate {
    tasks = ["intents", local.other]
    every = 200
    rows  = ["majority", "single_task"]
  }
}
