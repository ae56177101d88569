# Text and images through one encoder, beside an encoder of its own for each.
#
# One Transformer reads queries of CLINC150 (Larson et al. 2019,
# https://aclanthology.org/D19-1131, CC BY 3.0) as words and drawings of Omniglot (Lake et
# al. 2015, https://doi.org/10.1126/science.aab3050, MIT) as patches. Both tasks are
# episodes of five classes, none of which is in two splits, and a query is of the class
# whose mean of the support is nearest (Snell et al. 2017,
# https://arxiv.org/abs/1703.05175). Episodes are of one or the other, at random.
#
# Two encoders of one layer each are as large as the shared one of two; with half the steps
# each sees as many episodes:
#
#   runner run experiments/shared_encoder.hcl -var clinc150=... \
#     -var omniglot1=... -var omniglot2=...
#   runner run ... -var layers=1 -var steps=1500 -var images=0     the text's own
#   runner run ... -var layers=1 -var steps=1500 -var texts=0      the images' own
#
# Accuracy over 600 test episodes, with chance at 0.200:
#
#                            intents           characters
#   one shared encoder      0.831 ± 0.008     0.875 ± 0.008
#   one for each            0.853 ± 0.007     0.872 ± 0.007
#   before training         0.587 ± 0.009     0.427 ± 0.009
#
# Sharing costs text two points and images nothing.

plugins {
  task "text" { source = "../plugins/tasks/text" }
  task "images" {
    source  = "../plugins/tasks/images"
    timeout = 60 # all drawings are decoded at once
  }
  head "prototypical" { source = "../plugins/heads/prototypical" }
  metalearner "mtl" { source = "../plugins/metalearners/mtl" }
}

variable "clinc150" {
  default     = "data/clinc150/data_full.json"
  description = "data_full.json of https://github.com/clinc/oos-eval"
}

variable "omniglot1" {
  default     = "data/omniglot/images_background_small1.zip"
  description = "python/images_background_small1.zip of https://github.com/brendenlake/omniglot"
}

variable "omniglot2" {
  default     = "data/omniglot/images_background_small2.zip"
  description = "images_background_small2.zip beside it"
}

variable "layers" {
  default     = 2
  description = "of the encoder"
}

variable "texts" {
  default     = 1
  description = "weight of text among the episodes; 0: it is not trained on"
}

variable "images" {
  default     = 1
  description = "weight of images"
}

variable "steps" {
  default     = 3000
  description = "training steps"
}

variable "episodes" {
  default     = 600
  description = "test episodes of each task"
}

variable "validation_episodes" {
  default     = 100
  description = "episodes of each that a state is chosen by"
}

tokenizer "main" {
  kind = "words"
  size = 8000
}

experiment "shared-encoder" {
  description = "five-way episodes of text and of images, one encoder"
  seed        = 7

  backbone "transformer" {
    kind   = "encoder"
    layers = var.layers
    width  = 64
    heads  = 4
    mlp    = 128
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 32
      truncate   = true
    }
    input "image" {
      height = 28
      width  = 28
      patch  = 7
    }
  }

  head "prototypical" "nearest" {
    distance = "cosine"
  }

  task "text" "intents" {
    path         = var.clinc150
    format       = "clinc150"
    out_of_scope = "exclude"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.nearest
      target = "intent"
    }
    split {
      by         = "class"
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

  task "images" "characters" {
    paths        = [var.omniglot1, var.omniglot2]
    superclasses = true
    invert       = true
    rotations    = true
    licence      = "MIT"
    origin       = "https://github.com/brendenlake/omniglot"
    inputs { image = "image" }
    predict "character" {
      head   = head.nearest
      target = "class"
    }
    split {
      by         = "superclass"
      train      = 0.625
      validation = 0.125
      test       = 0.25
    }
    episodes {
      way   = 5
      shot  = 5
      query = 5
    }
  }

  sampling {
    rule    = "weighted"
    weights = { intents = var.texts, characters = var.images }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = cosine(0.001) }
  }

  train {
    steps      = var.steps
    meta_batch = 4
  }

  evaluate {
    every               = 500
    episodes            = var.episodes
    validation_episodes = var.validation_episodes
    rows                = ["chance"]
    untrained {}
  }
}
