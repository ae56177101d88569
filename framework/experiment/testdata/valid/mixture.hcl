# Two data sets of which a step draws episodes of variable way and shot.
plugins {
  task "text" { source = "text" }
  head "classification" { source = "classification" }
  metalearner "maml" { source = "maml" }
}

tokenizer "main" { kind = "bytes" }

experiment "mixture" {
  backbone "transformer" {
    layers = 1
    width  = 12
    heads  = 3
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 8
    }
  }
  head "classification" "intent" {}
  task "text" "questions" {
    path = "questions.jsonl"
    inputs { tokens = "text" }
    predict "intent" {
      head   = head.intent
      target = "intent"
    }
    meta_dataset {
      max_way          = 30
      min_log_weight   = -1.5
      ignore_hierarchy = 0.5
    }
  }
  task "text" "news" {
    path = "news.jsonl"
    inputs { tokens = "text" }
    predict "topic" {
      head   = head.intent
      target = "topic"
    }
    meta_dataset {
      way          = 5
      shot         = 1
      query        = 15
      min_examples = 20
    }
  }
  task "text" "unseen" {
    path = "news.jsonl"
    inputs { tokens = "text" }
    predict "topic" {
      head   = head.intent
      target = "topic"
    }
    zero_shot {
      way   = 4
      texts = { "sport" = "games and races", "for" = "a keyword" }
    }
  }
  task "text" "named" {
    path = "news.jsonl"
    inputs { tokens = "text" }
    predict "topic" {
      head   = head.intent
      target = "topic"
    }
    zero_shot { way = 4 }
  }
  sampling {
    rule    = "weighted"
    weights = { questions = 2, news = 0.5, unseen = 0, named = 1 }
  }
  metalearner "maml" {
    inner_lr = 0.1
    optimizer "sgd" { learning_rate = 0.1 }
  }
  train { steps = 1 }
}
