# What docs/results.md shows. Numbers come from records alone; see tools/results.

intro = <<EOT
What the methods do on real data, over three seeds. A cell is the mean over training runs with its
95 % interval over seeds (Student's t, so with three seeds 4.3 standard errors): how far it is the
method's score, not that of one lucky run. Seeds change initial values, the order of the data and
the test episodes; which classes are trained on stays the same. Every run's state is the one that
was best on validation. In tables of differences, which are paired episode by episode, * marks
intervals that exclude 0.

The page is written by `go run ./tools/results` from the records of the runs in
`docs/results/records`, which checks that their tables follow from the scores of every episode. A
table whose control fails is not written.
EOT

section "Few-shot intents" {
  text = <<EOT
CLINC150 (Larson et al. 2019), five intents and five examples of each, 30 intents that were neither
trained nor chosen on; columns are adaptation steps. The same small encoder, from nothing, in
`experiments/maml_clinc150.hcl`, `fomaml_clinc150.hcl` and `reptile_clinc150.hcl`, which differ in
the learner alone: 1,000 steps of eight episodes. "Untrained" adapts from the initial parameters, at
the rate that was best for it on validation; the centroid of TF-IDF vectors learns from the five
examples alone. It is ahead of all of them: words that tell intents apart are rare in these texts,
and an encoder of this size, trained on 90 intents from nothing, knows fewer of them than a count.
EOT
  table "intents/test" {
    columns = ["0", "1", "3", "5"]
    control {
      runs     = "maml-clinc150"
      row      = "trained"
      column   = "5"
      at_least = 0.7
      why      = "far above chance, 0.2, and what adapts without training"
    }
    row "MAML" {
      runs = "maml-clinc150"
      row  = "trained"
    }
    row "first-order MAML" {
      runs = "fomaml-clinc150"
      row  = "trained"
    }
    row "Reptile" {
      runs = "reptile-clinc150"
      row  = "trained"
    }
    row "untrained" {
      runs = "maml-clinc150"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "maml-clinc150"
      row  = "centroid"
    }
    row "chance" {
      runs = "maml-clinc150"
      row  = "chance"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["0", "1", "3", "5"]
    row "MAML, trained - untrained" {
      runs = "maml-clinc150"
      row  = "trained - untrained"
    }
    row "first-order MAML, trained - untrained" {
      runs = "fomaml-clinc150"
      row  = "trained - untrained"
    }
    row "Reptile, trained - untrained" {
      runs = "reptile-clinc150"
      row  = "trained - untrained"
    }
    row "MAML, trained - centroid" {
      runs = "maml-clinc150"
      row  = "trained - centroid"
    }
  }
}
