# Few-shot intents across domains: trained on some domains of CLINC150, tested on others.
#
# CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131, CC BY 3.0) has 15 intents
# in each of ten domains, such as banking or travel. Six domains are trained on, two choose
# the state and two are the test: neither their intents nor their subjects were seen. An
# episode has five intents of whichever domains and five queries of each as support, and a
# query is of the intent whose mean of the support is nearest (Snell et al. 2017,
# https://arxiv.org/abs/1703.05175).
#
#   runner run experiments/crossdomain_clinc150.hcl -var clinc150=... -var clinc150_domains=...
#
# With -var by=class the same intents are divided whatever their domain. Accuracy after 1,000
# steps, over 600 episodes, with chance at 0.200:
#
#                                    other domains     other intents
#   trained                         0.714 ± 0.008     0.881 ± 0.007
#   untrained                       0.683 ± 0.009     0.716 ± 0.008
#   centroid, of TF-IDF of words    0.872 ± 0.007     0.926 ± 0.005
#
# What is learned of domains helps little with others. The words of these are mostly unknown
# to the vocabulary, which is of the training domains alone; TF-IDF compares them all the same.

plugins {
  task "text" { source = "../plugins/tasks/text" }
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

variable "by" {
  default     = "superclass"
  description = "what is divided: superclass, the domains, or class, the intents"
}

variable "steps" {
  default     = 1000
  description = "training steps"
}

variable "episodes" {
  default     = 600
  description = "test episodes"
}

variable "validation_episodes" {
  default     = 100
  description = "episodes that a state is chosen by"
}

tokenizer "main" {
  kind = "words"
  size = 8000
}

experiment "crossdomain-clinc150" {
  description = "five-way five-shot intents of domains that were not trained on"
  seed        = 7

  backbone "transformer" {
    kind      = "encoder"
    layers    = 1
    width     = 128
    heads     = 4
    mlp       = 128
    dropout   = 0.3
    positions = "none"
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
      truncate   = true
    }
  }

  head "prototypical" "intent" {
    distance = "cosine"
  }

  task "text" "intents" {
    path         = var.clinc150
    domains      = var.clinc150_domains
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    split {
      by         = var.by
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 5
      shot  = 5
      query = 5
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = cosine(0.001) }
  }

  train {
    steps      = var.steps
    meta_batch = 4
  }

  evaluate {
    every               = 250
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
    rows                = ["centroid", "chance"]
    untrained {}
  }
}
