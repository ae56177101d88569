# What docs/results.md shows. Numbers come from records alone; see tools/results.

intro = <<EOT
What the methods do on real data, over three seeds. A cell is the mean over training runs with its
95 % interval over seeds (Student's t, so with three seeds 4.3 standard errors): how far it is the
method's score, not that of one lucky run. Seeds change initial values, the order of the data and
the test episodes; which classes are trained on stays the same. Every run's state is the one that
was best on validation. In tables of differences, which are paired episode by episode, * marks
intervals that exclude 0. Wall times are of two cores that did other work as well.

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
examples alone, and is ahead of all of them: 90 intents are little to learn an encoder from nothing.
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

section "Intents across domains" {
  text = <<EOT
CLINC150's ten domains, such as banking or travel, of which six are trained on, two choose the state
and two are the test, so that neither intents nor subjects were seen; five ways, five shots,
prototypes (Snell et al. 2017), 1,000 steps: `experiments/crossdomain_clinc150.hcl`. Training helps,
and less than a count of words does: the centroid of TF-IDF vectors is again ahead.
EOT
  table "intents/test" {
    columns = ["0"]
    control {
      runs     = "crossdomain-clinc150"
      row      = "trained"
      column   = "0"
      at_least = 0.6
      why      = "far above chance, 0.2"
    }
    row "prototypes" {
      runs = "crossdomain-clinc150"
      row  = "trained"
    }
    row "prototypes, untrained" {
      runs = "crossdomain-clinc150"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "crossdomain-clinc150"
      row  = "centroid"
    }
    row "chance" {
      runs = "crossdomain-clinc150"
      row  = "chance"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["0"]
    row "prototypes, trained - untrained" {
      runs = "crossdomain-clinc150"
      row  = "trained - untrained"
    }
    row "prototypes, trained - centroid" {
      runs = "crossdomain-clinc150"
      row  = "trained - centroid"
    }
  }
}

section "Zero-shot intents" {
  text = <<EOT
Queries of 30 intents that were not trained on, told apart by the intents' names alone: what one
encoder makes of query and name is compared by cosine (Radford et al. 2021), after 2,000 steps over
names and queries of 90 other intents: `experiments/zeroshot_clinc150.hcl`. The centroid compares
the words of query and name. An untrained encoder is above chance because a query often has a word
of the name.
EOT
  table "intents/test" {
    columns = ["0"]
    control {
      runs     = "zeroshot-clinc150"
      row      = "trained"
      column   = "0"
      at_least = 0.3
      why      = "far above chance, 0.033, and the untrained encoder"
    }
    row "similarity" {
      runs = "zeroshot-clinc150"
      row  = "trained"
    }
    row "similarity, untrained" {
      runs = "zeroshot-clinc150"
      row  = "untrained"
    }
    row "TF-IDF of the names" {
      runs = "zeroshot-clinc150"
      row  = "centroid"
    }
    row "chance" {
      runs = "zeroshot-clinc150"
      row  = "chance"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["0"]
    row "similarity, trained - untrained" {
      runs = "zeroshot-clinc150"
      row  = "trained - untrained"
    }
    row "similarity, trained - TF-IDF" {
      runs = "zeroshot-clinc150"
      row  = "trained - centroid"
    }
  }
}

section "Relations" {
  text = <<EOT
FewRel (Han et al. 2018), which of five relations holds between two entities of a sentence, five
sentences of each: `experiments/fewrel.hcl`. The published validation file is the data, of whose 16
relations six are trained on, and a Transformer from nothing learns from these less than a count of
words knows: prototypes are ahead of the encoder before training and behind the centroid of TF-IDF
vectors. With 64 relations and a pretrained encoder, PAIR reports 0.895 on this file.
EOT
  table "relations/test" {
    columns = ["0"]
    control {
      runs     = "fewrel"
      row      = "trained"
      column   = "0"
      at_least = 0.5
      why      = "above chance, 0.2, and the encoder that has not learned"
    }
    row "prototypes" {
      runs = "fewrel"
      row  = "trained"
    }
    row "prototypes, untrained" {
      runs = "fewrel"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "fewrel"
      row  = "centroid"
    }
    row "chance" {
      runs = "fewrel"
      row  = "chance"
    }
  }
  table "relations/test" {
    kind    = "difference"
    columns = ["0"]
    row "prototypes, trained - untrained" {
      runs = "fewrel"
      row  = "trained - untrained"
    }
    row "prototypes, trained - centroid" {
      runs = "fewrel"
      row  = "trained - centroid"
    }
  }
}

section "Drawn characters" {
  text = <<EOT
Omniglot (Lake et al. 2015), five characters of an alphabet that was not trained on: a Transformer
reads patches of drawings and compares them by the cosine, after 2,000 steps on the two small
background sets: `experiments/omniglot.hcl`, with `-var shot=5` for five drawings of a character.
"Nearest" is the drawing of the support that is nearest by its pixels. Prototypical networks (Snell
et al. 2017), which are convolutional and trained on four times as many characters, have 0.988 of
one drawing and 0.997 of five.
EOT
  table "characters/test" {
    columns = ["0"]
    control {
      runs     = "omniglot-1-shot"
      row      = "trained"
      column   = "0"
      at_least = 0.5
      why      = "above the nearest drawing by pixels"
    }
    row "prototypes, one shot" {
      runs = "omniglot-1-shot"
      row  = "trained"
    }
    row "nearest, one shot" {
      runs = "omniglot-1-shot"
      row  = "nearest"
    }
    row "prototypes, five shots" {
      runs = "omniglot-5-shot"
      row  = "trained"
    }
    row "nearest, five shots" {
      runs = "omniglot-5-shot"
      row  = "nearest"
    }
    row "chance" {
      runs = "omniglot-1-shot"
      row  = "chance"
    }
  }
  table "characters/test" {
    kind    = "difference"
    columns = ["0"]
    row "one shot, trained - nearest" {
      runs = "omniglot-1-shot"
      row  = "trained - nearest"
    }
    row "five shots, trained - nearest" {
      runs = "omniglot-5-shot"
      row  = "trained - nearest"
    }
  }
}

section "Eight learners across domains" {
  text = <<EOT
Five-way five-shot intents of two of CLINC150's domains, after training on six others and choosing
the state on two: one small encoder, eight ways to learn, each with 8,000 gradients of a loss and
with rates chosen on validation: `experiments/crossdomain_*_clinc150.hcl`. Columns are steps of
adaptation; three are trained for. "Untrained" adapts from the initial parameters, at the rate that
was best for it on validation; after ten steps most learners are hardly ahead of it. Prototypes, of
an encoder half as wide as that of the section before, and the episode as one sequence, which
further layers read, need no steps. The centroid of TF-IDF vectors is ahead of all.
EOT
  table "intents/test" {
    columns = ["0", "1", "3", "10"]
    control {
      runs     = "crossdomain-5shot-maml"
      row      = "trained"
      column   = "10"
      at_least = 0.6
      why      = "far above chance, 0.2"
    }
    row "MAML" {
      runs = "crossdomain-5shot-maml"
      row  = "trained"
    }
    row "first-order MAML" {
      runs = "crossdomain-5shot-fomaml"
      row  = "trained"
    }
    row "ANIL" {
      runs = "crossdomain-5shot-anil"
      row  = "trained"
    }
    row "Reptile" {
      runs = "crossdomain-5shot-reptile"
      row  = "trained"
    }
    row "Proto-MAML" {
      runs = "crossdomain-5shot-protomaml"
      row  = "trained"
    }
    row "fine-tuning of all" {
      runs = "crossdomain-5shot-finetune"
      row  = "trained"
    }
    row "fine-tuning of the head" {
      runs = "crossdomain-5shot-finehead"
      row  = "trained"
    }
    row "untrained" {
      runs = "crossdomain-5shot-maml"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "crossdomain-5shot-maml"
      row  = "centroid"
    }
    row "chance" {
      runs = "crossdomain-5shot-maml"
      row  = "chance"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["3", "10"]
    row "MAML, trained - untrained" {
      runs = "crossdomain-5shot-maml"
      row  = "trained - untrained"
    }
    row "first-order MAML, trained - untrained" {
      runs = "crossdomain-5shot-fomaml"
      row  = "trained - untrained"
    }
    row "ANIL, trained - untrained" {
      runs = "crossdomain-5shot-anil"
      row  = "trained - untrained"
    }
    row "Reptile, trained - untrained" {
      runs = "crossdomain-5shot-reptile"
      row  = "trained - untrained"
    }
    row "Proto-MAML, trained - untrained" {
      runs = "crossdomain-5shot-protomaml"
      row  = "trained - untrained"
    }
    row "fine-tuning of all, trained - untrained" {
      runs = "crossdomain-5shot-finetune"
      row  = "trained - untrained"
    }
    row "fine-tuning of the head, trained - untrained" {
      runs = "crossdomain-5shot-finehead"
      row  = "trained - untrained"
    }
  }
  table "intents/test" {
    columns = ["0"]
    control {
      runs     = "crossdomain-5shot-protonet"
      row      = "trained"
      column   = "0"
      at_least = 0.6
      why      = "far above chance, 0.2"
    }
    row "prototypes" {
      runs = "crossdomain-5shot-protonet"
      row  = "trained"
    }
    row "prototypes, untrained" {
      runs = "crossdomain-5shot-protonet"
      row  = "untrained"
    }
    row "in context" {
      runs = "crossdomain-5shot-incontext"
      row  = "trained"
    }
    row "TF-IDF centroid" {
      runs = "crossdomain-5shot-protonet"
      row  = "centroid"
    }
  }
}

section "Learners across domains, one shot" {
  text = <<EOT
The same learners and rates as above with one example of each intent, `-var shot=1`. MAML's
ten steps have the highest mean; fine-tuning and prototypes, which take no step, are next to it.
EOT
  table "intents/test" {
    columns = ["0", "1", "3", "10"]
    control {
      runs     = "crossdomain-1shot-finetune"
      row      = "trained"
      column   = "10"
      at_least = 0.35
      why      = "far above chance, 0.2"
    }
    row "MAML" {
      runs = "crossdomain-1shot-maml"
      row  = "trained"
    }
    row "first-order MAML" {
      runs = "crossdomain-1shot-fomaml"
      row  = "trained"
    }
    row "ANIL" {
      runs = "crossdomain-1shot-anil"
      row  = "trained"
    }
    row "Reptile" {
      runs = "crossdomain-1shot-reptile"
      row  = "trained"
    }
    row "Proto-MAML" {
      runs = "crossdomain-1shot-protomaml"
      row  = "trained"
    }
    row "fine-tuning of all" {
      runs = "crossdomain-1shot-finetune"
      row  = "trained"
    }
    row "fine-tuning of the head" {
      runs = "crossdomain-1shot-finehead"
      row  = "trained"
    }
    row "untrained" {
      runs = "crossdomain-1shot-maml"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "crossdomain-1shot-maml"
      row  = "centroid"
    }
    row "chance" {
      runs = "crossdomain-1shot-maml"
      row  = "chance"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["3", "10"]
    row "MAML, trained - untrained" {
      runs = "crossdomain-1shot-maml"
      row  = "trained - untrained"
    }
    row "first-order MAML, trained - untrained" {
      runs = "crossdomain-1shot-fomaml"
      row  = "trained - untrained"
    }
    row "ANIL, trained - untrained" {
      runs = "crossdomain-1shot-anil"
      row  = "trained - untrained"
    }
    row "Reptile, trained - untrained" {
      runs = "crossdomain-1shot-reptile"
      row  = "trained - untrained"
    }
    row "Proto-MAML, trained - untrained" {
      runs = "crossdomain-1shot-protomaml"
      row  = "trained - untrained"
    }
    row "fine-tuning of all, trained - untrained" {
      runs = "crossdomain-1shot-finetune"
      row  = "trained - untrained"
    }
    row "fine-tuning of the head, trained - untrained" {
      runs = "crossdomain-1shot-finehead"
      row  = "trained - untrained"
    }
  }
  table "intents/test" {
    columns = ["0"]
    control {
      runs     = "crossdomain-1shot-protonet"
      row      = "trained"
      column   = "0"
      at_least = 0.35
      why      = "far above chance, 0.2"
    }
    row "prototypes" {
      runs = "crossdomain-1shot-protonet"
      row  = "trained"
    }
    row "prototypes, untrained" {
      runs = "crossdomain-1shot-protonet"
      row  = "untrained"
    }
    row "in context" {
      runs = "crossdomain-1shot-incontext"
      row  = "trained"
    }
    row "TF-IDF centroid" {
      runs = "crossdomain-1shot-protonet"
      row  = "centroid"
    }
  }
}

section "Several tasks in one model" {
  text = <<EOT
Intents and domains of CLINC150, relations of FewRel and slots of RESTAURANTS-8K by one small
encoder with a head for each, 600 steps of all tasks: `experiments/weightings_text.hcl`; what the
weightings are is in [methods](methods.md). The second table has changes against a model for each
task alone, of as many steps, as parts of its score, and their mean over tasks. The 150 intents
lose by company, slots gain a little, and no weighting is better than weights of 1; FAMO, which
levels the logarithms of losses, leaves intents behind in so few steps.
EOT
  table "intents/test" {
    columns = ["accuracy"]
    control {
      runs     = "weighting-fixed"
      row      = "trained"
      column   = "accuracy"
      at_least = 0.7
      why      = "far above the most frequent of 150 intents, 0.007"
    }
    row "single task" {
      runs = "weighting-fixed"
      row  = "single_task"
    }
    row "fixed, all 1" {
      runs = "weighting-fixed"
      row  = "trained"
    }
    row "uncertainty" {
      runs = "weighting-uncertainty"
      row  = "trained"
    }
    row "PCGrad" {
      runs = "weighting-pcgrad"
      row  = "trained"
    }
    row "CAGrad" {
      runs = "weighting-cagrad"
      row  = "trained"
    }
    row "Nash-MTL" {
      runs = "weighting-nashmtl"
      row  = "trained"
    }
    row "FAMO" {
      runs = "weighting-famo"
      row  = "trained"
    }
  }
  table "relative change against single_task" {
    kind    = "objective"
    columns = ["intents/test accuracy", "domains/test accuracy", "relations/test accuracy",
      "slots/test exact_match", "mean"]
    row "fixed, all 1" {
      runs = "weighting-fixed"
      row  = "change"
    }
    row "uncertainty" {
      runs = "weighting-uncertainty"
      row  = "change"
    }
    row "PCGrad" {
      runs = "weighting-pcgrad"
      row  = "change"
    }
    row "CAGrad" {
      runs = "weighting-cagrad"
      row  = "change"
    }
    row "Nash-MTL" {
      runs = "weighting-nashmtl"
      row  = "change"
    }
    row "FAMO" {
      runs = "weighting-famo"
      row  = "change"
    }
  }
}

section "Linear functions in context" {
  text = <<EOT
An episode is a linear function w·x of five numbers, seen at k points without noise and read as one
sequence, without steps of adaptation (Garg et al. 2022): `experiments/incontext_linear.hcl`. After
k points no predictor has a lower expected squared error than 5 - k, that of the least squares of
minimal norm: 4, 3, 2, 1, and 0 from five points on; a guess of 0 has 5.
EOT
  table "linear functions" {
    columns = ["0"]
    control {
      runs    = "incontext-linear"
      row     = "trained"
      set     = "points_1/test"
      column  = "0"
      at_most = 4.8
      why     = "below a guess of 0, 5"
    }
    control {
      runs    = "incontext-linear"
      row     = "trained"
      set     = "points_10/test"
      column  = "0"
      at_most = 0.8
      why     = "below a guess of 0, 5"
    }
    row "1 point, at least 4" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_1/test"
    }
    row "2 points, at least 3" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_2/test"
    }
    row "3 points, at least 2" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_3/test"
    }
    row "4 points, at least 1" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_4/test"
    }
    row "5 points, at least 0" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_5/test"
    }
    row "7 points, at least 0" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_7/test"
    }
    row "10 points, at least 0" {
      runs = "incontext-linear"
      row  = "trained"
      set  = "points_10/test"
    }
  }
}

section "Slots of utterances" {
  text = <<EOT
RESTAURANTS-8K (Coope et al. 2020), every utterance asked for every slot, the value found as a span:
`experiments/restaurants8k.hcl`, which trains on 1,024 utterances, an eighth, and nothing else. Span
F1 is the paper's measure, 0.96 with all utterances and a pretrained encoder. Never answering is
right for four of five questions.
EOT
  table "slots/test" {
    columns = ["exact_match", "answer_f1", "span_f1"]
    control {
      runs     = "restaurants8k-1024"
      row      = "trained"
      column   = "exact_match"
      at_least = 0.82
      why      = "above never answering, 0.814"
    }
    row "1,024 utterances" {
      runs = "restaurants8k-1024"
      row  = "trained"
    }
    row "never an answer" {
      runs = "restaurants8k-1024"
      row  = "majority"
    }
  }
}

section "How much training data" {
  text = <<EOT
Prototypes from a tenth, three tenths and all of 90 intents of CLINC150 (9, 27 and 90), whatever
their domain, 2,000 steps in every case; tested on 30 others:
`experiments/crossdomain_protonet_clinc150.hcl` with `by=class` and `train_share`. In the second
table the same by pre-training and fine-tuning, `crossdomain_finetune_clinc150.hcl`, whose columns
are steps that adapt. What is untrained knows the words of more intents, too, and the rest are
unknown words to it.
EOT
  table "intents/test" {
    columns = ["0"]
    control {
      runs     = "efficiency-protonet-100"
      row      = "trained"
      column   = "0"
      at_least = 0.7
      why      = "far above chance, 0.2"
    }
    row "9 intents" {
      runs = "efficiency-protonet-10"
      row  = "trained"
    }
    row "27 intents" {
      runs = "efficiency-protonet-30"
      row  = "trained"
    }
    row "90 intents" {
      runs = "efficiency-protonet-100"
      row  = "trained"
    }
    row "untrained" {
      runs = "efficiency-protonet-100"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "efficiency-protonet-100"
      row  = "centroid"
    }
  }
  table "intents/test" {
    columns = ["0", "1", "3", "10"]
    control {
      runs     = "efficiency-finetune-100"
      row      = "trained"
      column   = "10"
      at_least = 0.7
      why      = "far above chance, 0.2"
    }
    row "9 intents" {
      runs = "efficiency-finetune-10"
      row  = "trained"
    }
    row "9 intents, untrained" {
      runs = "efficiency-finetune-10"
      row  = "untrained"
    }
    row "27 intents" {
      runs = "efficiency-finetune-30"
      row  = "trained"
    }
    row "27 intents, untrained" {
      runs = "efficiency-finetune-30"
      row  = "untrained"
    }
    row "90 intents" {
      runs = "efficiency-finetune-100"
      row  = "trained"
    }
    row "90 intents, untrained" {
      runs = "efficiency-finetune-100"
      row  = "untrained"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["1", "3", "10"]
    row "9 intents, trained - untrained" {
      runs = "efficiency-finetune-10"
      row  = "trained - untrained"
    }
    row "27 intents, trained - untrained" {
      runs = "efficiency-finetune-30"
      row  = "trained - untrained"
    }
    row "90 intents, trained - untrained" {
      runs = "efficiency-finetune-100"
      row  = "trained - untrained"
    }
  }
}

section "Commands and their actions" {
  text = <<EOT
SCAN (Lake & Baroni 2018), a command right if all of its actions are: `experiments/scan_simple.hcl`,
divided at random, is the control, and differs from `scan_addprim_jump.hcl` in the division alone,
where jump was seen in no command but itself. Lake and Baroni's best network has 0.998 and 0.012 of
them; Transformers of Chaabouni et al. 2021 0.034 and, with relative positions, 0.430 of the latter,
those of Ontañón et al. 2021 0.003 with absolute positions. Relative positions do not do it here.
EOT
  table "commands/test" {
    columns = ["exact_match", "accuracy"]
    control {
      runs     = "scan-simple-absolute"
      row      = "trained"
      column   = "exact_match"
      at_least = 0.98
      why      = "near all of what a random division keeps apart"
    }
    row "at random, absolute positions" {
      runs = "scan-simple-absolute"
      row  = "trained"
    }
    row "jump, absolute positions" {
      runs = "scan-addprim-jump-absolute"
      row  = "trained"
    }
    row "jump, relative positions" {
      runs = "scan-addprim-jump-relative"
      row  = "trained"
    }
  }
}

section "Which initial parameters" {
  text = <<EOT
What ten steps of fixed length make of the parameters that training leaves, on the episodes of the
section of eight learners, five shots: `experiments/initial_clinc150.hcl`. Multi-task pre-training
on intents and domains is 2,000 steps of SGD of fixed length, or that falls along half a cosine, or
that warms up before, or of Adam, also with the steps of SGD after; MAML's are what its training
leaves without its head. "At random" is before all training. Of the states of a training the one
that is best on validation counts. After ten steps from five examples little is left of where they
began, and SGD after Adam makes it worse: what fits the trained domains more closely serves others
less. Wall times of rows that begin with another run are without it.
EOT
  table "intents/test" {
    columns = ["0", "1", "3", "10"]
    control {
      runs     = "initial-sgd-fixed"
      row      = "trained"
      column   = "10"
      at_least = 0.6
      why      = "far above chance, 0.2"
    }
    row "at random" {
      runs = "initial-sgd-fixed"
      row  = "untrained"
    }
    row "SGD, fixed" {
      runs = "initial-sgd-fixed"
      row  = "trained"
    }
    row "SGD, cosine" {
      runs = "initial-sgd-cosine"
      row  = "trained"
    }
    row "SGD, warm-up and cosine" {
      runs = "initial-sgd-warmup"
      row  = "trained"
    }
    row "Adam, cosine" {
      runs = "initial-adam"
      row  = "trained"
    }
    row "Adam, then SGD, fixed" {
      runs = "initial-adamsgd"
      row  = "trained"
    }
    row "MAML" {
      runs = "initial-maml"
      row  = "trained"
    }
  }
  table "intents/test" {
    kind    = "difference"
    columns = ["1", "3", "10"]
    row "SGD, fixed - at random" {
      runs = "initial-sgd-fixed"
      row  = "trained - untrained"
    }
    row "SGD, cosine - at random" {
      runs = "initial-sgd-cosine"
      row  = "trained - untrained"
    }
    row "SGD, warm-up - at random" {
      runs = "initial-sgd-warmup"
      row  = "trained - untrained"
    }
  }
}

section "What tasks share" {
  text = <<EOT
Intents and domains of CLINC150, which are of the same queries, and intents and relations of
FewRel, which have nothing in common, in one encoder of 289,728 parameters, of which all is shared,
or which has besides for each task adapters (2,192 parameters a task), low-rank updates (2,048) or
norms (256) of its own, or four experts (16,640, and 256 a task) or which each task has for itself
(289,728 a task): `experiments/modules_text.hcl`, 600 steps. The first three tables are of what is
related. In tables of change a model for each task with the same modules is what is compared to.
Intents lose two parts in a hundred by company, related or not, and small modules of a task's own
do not bring them back within the intervals; the mixture of experts is behind by itself.
EOT
  table "intents/test" {
    columns = ["accuracy"]
    control {
      runs     = "modules-related-shared"
      row      = "trained"
      column   = "accuracy"
      at_least = 0.7
      why      = "far above the most frequent of 150 intents, 0.007"
    }
    row "all shared" {
      runs = "modules-related-shared"
      row  = "trained"
    }
    row "adapters" {
      runs = "modules-related-adapters"
      row  = "trained"
    }
    row "low-rank updates" {
      runs = "modules-related-lora"
      row  = "trained"
    }
    row "norms" {
      runs = "modules-related-norm"
      row  = "trained"
    }
    row "mixture of experts" {
      runs = "modules-related-mmoe"
      row  = "trained"
    }
    row "separate models" {
      runs = "modules-related-shared"
      row  = "single_task"
    }
  }
  table "domains/test" {
    columns = ["accuracy"]
    control {
      runs     = "modules-related-shared"
      row      = "trained"
      column   = "accuracy"
      at_least = 0.8
      why      = "far above the most frequent of ten domains, 0.1"
    }
    row "all shared" {
      runs = "modules-related-shared"
      row  = "trained"
    }
    row "adapters" {
      runs = "modules-related-adapters"
      row  = "trained"
    }
    row "low-rank updates" {
      runs = "modules-related-lora"
      row  = "trained"
    }
    row "norms" {
      runs = "modules-related-norm"
      row  = "trained"
    }
    row "mixture of experts" {
      runs = "modules-related-mmoe"
      row  = "trained"
    }
    row "separate models" {
      runs = "modules-related-shared"
      row  = "single_task"
    }
  }
  table "relative change against single_task" {
    kind    = "objective"
    columns = ["intents/test accuracy", "domains/test accuracy", "mean"]
    row "all shared" {
      runs = "modules-related-shared"
      row  = "change"
    }
    row "adapters" {
      runs = "modules-related-adapters"
      row  = "change"
    }
    row "low-rank updates" {
      runs = "modules-related-lora"
      row  = "change"
    }
    row "norms" {
      runs = "modules-related-norm"
      row  = "change"
    }
    row "mixture of experts" {
      runs = "modules-related-mmoe"
      row  = "change"
    }
  }
  table "intents/test" {
    columns = ["accuracy"]
    control {
      runs     = "modules-unrelated-shared"
      row      = "trained"
      column   = "accuracy"
      at_least = 0.7
      why      = "far above the most frequent of 150 intents, 0.007"
    }
    row "all shared" {
      runs = "modules-unrelated-shared"
      row  = "trained"
    }
    row "adapters" {
      runs = "modules-unrelated-adapters"
      row  = "trained"
    }
    row "low-rank updates" {
      runs = "modules-unrelated-lora"
      row  = "trained"
    }
    row "norms" {
      runs = "modules-unrelated-norm"
      row  = "trained"
    }
    row "mixture of experts" {
      runs = "modules-unrelated-mmoe"
      row  = "trained"
    }
    row "separate models" {
      runs = "modules-unrelated-shared"
      row  = "single_task"
    }
  }
  table "relations/test" {
    columns = ["accuracy"]
    control {
      runs     = "modules-unrelated-shared"
      row      = "trained"
      column   = "accuracy"
      at_least = 0.5
      why      = "far above the most frequent of 16 relations, 0.06"
    }
    row "all shared" {
      runs = "modules-unrelated-shared"
      row  = "trained"
    }
    row "adapters" {
      runs = "modules-unrelated-adapters"
      row  = "trained"
    }
    row "low-rank updates" {
      runs = "modules-unrelated-lora"
      row  = "trained"
    }
    row "norms" {
      runs = "modules-unrelated-norm"
      row  = "trained"
    }
    row "mixture of experts" {
      runs = "modules-unrelated-mmoe"
      row  = "trained"
    }
    row "separate models" {
      runs = "modules-unrelated-shared"
      row  = "single_task"
    }
  }
  table "relative change against single_task" {
    kind    = "objective"
    columns = ["intents/test accuracy", "relations/test accuracy", "mean"]
    row "all shared" {
      runs = "modules-unrelated-shared"
      row  = "change"
    }
    row "adapters" {
      runs = "modules-unrelated-adapters"
      row  = "change"
    }
    row "low-rank updates" {
      runs = "modules-unrelated-lora"
      row  = "change"
    }
    row "norms" {
      runs = "modules-unrelated-norm"
      row  = "change"
    }
    row "mixture of experts" {
      runs = "modules-unrelated-mmoe"
      row  = "change"
    }
  }
}

section "Sine waves" {
  text = <<EOT
Five points of a wave y = A sin(x - φ), then ten others, by the network of Finn et al. 2017 (two
hidden layers of 40), 20,000 steps of 25 waves: `experiments/*_sinusoid_mlp.hcl`. Mean squared error
after steps of adaptation; less is better. No predictor that does not adapt has less than 3.0057,
and 0 everywhere has 4.2517. Finn et al. have 0.67, 0.38 and 0.35 after 1, 5 and 10 steps, from
70,000 training steps. Steps of training are one for MAML, its kin, Meta-SGD and CAVIA, five for
MAML++, ten for Reptile and implicit MAML; fine-tuning learns all waves at once and adapts in the
test alone. Where a cell is empty the error of a seed is not finite: rates that are learned for one
step, or five, are too long for more. CAVIA, of which five numbers adapt, is the best after one step
and after ten. ANIL, of which the head adapts, is the last of those after one step that learn to
adapt: waves differ in more than a last layer.
EOT
  table "waves/test" {
    columns = ["0", "1", "5", "10"]
    control {
      runs    = "sinusoid-maml"
      row     = "trained"
      column  = "10"
      at_most = 1.0
      why     = "far below the best that does not adapt, 3.0057"
    }
    row "MAML" {
      runs = "sinusoid-maml"
      row  = "trained"
    }
    row "first-order MAML" {
      runs = "sinusoid-fomaml"
      row  = "trained"
    }
    row "ANIL" {
      runs = "sinusoid-anil"
      row  = "trained"
    }
    row "BOIL" {
      runs = "sinusoid-boil"
      row  = "trained"
    }
    row "Meta-SGD" {
      runs = "sinusoid-metasgd"
      row  = "trained"
    }
    row "MAML++" {
      runs = "sinusoid-mamlpp"
      row  = "trained"
    }
    row "implicit MAML" {
      runs = "sinusoid-imaml"
      row  = "trained"
    }
    row "CAVIA" {
      runs = "sinusoid-cavia"
      row  = "trained"
    }
    row "Reptile" {
      runs = "sinusoid-reptile"
      row  = "trained"
    }
    row "fine-tuning" {
      runs = "sinusoid-finetune"
      row  = "trained"
    }
    row "untrained" {
      runs = "sinusoid-maml"
      row  = "untrained"
    }
  }
}

section "A frozen encoder" {
  text = <<EOT
Five relations of FewRel from ten sentences of each, by a head on what an encoder pools: the encoder
learned intents, domains and slots, and never relations: `experiments/probe_fewrel.hcl`. Columns are
steps of Adam of the head alone, or of all; the rate of "untrained", the encoder as it was at first,
is the best on validation. What the three tasks teach is of no use to relations: frozen, the encoder
is behind the random one, and fine-tuned it is ahead after ten steps and level after fifty.
EOT
  table "relations/test" {
    columns = ["0", "10", "50"]
    control {
      runs     = "probe-all"
      row      = "untrained"
      column   = "50"
      at_least = 0.4
      why      = "far above chance, 0.2: the head and the steps do learn"
    }
    row "frozen" {
      runs = "probe-head"
      row  = "trained"
    }
    row "frozen, untrained" {
      runs = "probe-head"
      row  = "untrained"
    }
    row "fine-tuned" {
      runs = "probe-all"
      row  = "trained"
    }
    row "fine-tuned, untrained" {
      runs = "probe-all"
      row  = "untrained"
    }
    row "TF-IDF centroid" {
      runs = "probe-head"
      row  = "centroid"
    }
    row "chance" {
      runs = "probe-head"
      row  = "chance"
    }
  }
}
