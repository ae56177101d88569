plugins {
  task "images" { source = "../../../plugins/tasks/images" }
  head "prototypical" { source = "../../../plugins/heads/prototypical" }
  metalearner "mtl" { source = "../../../plugins/metalearners/mtl" }
}

variable "images" {}

experiment "images" {
  seed = 7

  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "image" {
      height = 8
      width  = 8
      patch  = 4
    }
  }

  head "prototypical" "shape" {}

  task "images" "shapes" {
    paths  = [var.images]
    height = 8
    width  = 8
    invert = true
    inputs { image = "image" }
    predict "shape" {
      head   = head.shape
      target = "class"
    }
    split {
      by         = "class"
      train      = 0.34
      validation = 0.33
      test       = 0.33
    }
    episodes {
      way   = 2
      shot  = 2
      query = 2
    }
  }

  metalearner "mtl" {
    optimizer "adam" { learning_rate = 0.01 }
  }

  train { steps = 2 }
  evaluate { episodes = 2 }
}
