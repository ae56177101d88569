# Episodes of variable way and shot from three data sets, one encoder for all.
#
# Episodes are drawn as Meta-Dataset does (Triantafillou et al. 2020,
# https://arxiv.org/abs/1903.03096, section 3.2), with its constants: 5 to 50 classes, up
# to 500 support examples that are spread unevenly over them, and of CLINC150, whose
# intents have domains, the intents of one domain alone. Each episode is of one of
# CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0), FewRel (Han
# et al. 2018, https://aclanthology.org/D18-1514, MIT) and names of languages and regions
# (compiled in), drawn uniformly. A query is of the class whose mean of the support is
# nearest, by the cosine. What is tested are classes that were not trained on.
#
#   runner run experiments/metadataset_mixture.hcl -var clinc150=... \
#     -var clinc150_domains=... -var fewrel=...

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "relation" { source = "../plugins/tasks/relation" }
  task "names" { source = "../plugins/tasks/names" }
  head "prototypical" { source = "../plugins/heads/prototypical" }
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

variable "steps" {
  default     = 1500
  description = "training steps"
}

variable "episodes" {
  default     = 200
  description = "test episodes of each data set"
}

variable "validation_episodes" {
  default     = 20
  description = "episodes of each that a state is chosen by"
}

tokenizer "main" {
  kind = "words"
  size = 8000
}

experiment "metadataset-mixture" {
  description = "variable way and shot over three data sets"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = 1
    width  = 64
    heads  = 4
    mlp    = 128
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
      truncate   = true
    }
  }

  head "prototypical" "nearest" {
    distance = "cosine"
  }

  task "text" "intents" {
    path         = var.clinc150
    domains      = var.clinc150_domains
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.nearest
      target = "intent"
    }
    split {
      by         = "superclass"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    meta_dataset {}
  }

  task "relation" "relations" {
    path = var.fewrel
    inputs { tokens = "words" }
    predict "relation" {
      head   = head.nearest
      target = "relation"
    }
    split {
      by         = "class"
      train      = 0.4
      validation = 0.3
      test       = 0.3
    }
    meta_dataset { min_way = 2 }
  }

  task "names" "languages" {
    min_names = 100
    inputs { tokens = "text" }
    predict "language" {
      head   = head.nearest
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    meta_dataset { ignore_hierarchy = 1 } # a script can be that of one language
  }

  sampling { rule = "uniform" }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = cosine(0.001) }
  }

  train {
    steps      = var.steps
    meta_batch = 1
  }

  evaluate {
    every               = 500
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
    rows                = ["centroid", "chance"]
  }
}
