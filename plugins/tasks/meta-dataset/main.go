// Plugin meta-dataset is a task of images in the layout of Meta-Dataset (Triantafillou et al.
// 2020, https://arxiv.org/abs/1903.03096): a folder with dataset_spec.json and a file of TFRecords
// for each class, as https://github.com/google-research/meta-dataset converts its data sets.
//
//	task "meta-dataset" "birds" {
//	  path = "records/cu_birds"
//	  inputs { image = "image" }
//	  predict "class" { head = head.nearest  target = "class" }
//	  meta_dataset {}
//	}
//
// A record has the fields "image", scaled to height x width with values from 0 to 1, and "class".
// The splits train, validation and test have the classes that the specification gives them, so
// that the block split is not needed. Classes have a superclass where it has two levels, as for
// Omniglot; of a graph of concepts, as for ImageNet, the classes are its leaves, without
// superclasses. Files in shards, and pools of examples within a class, are refused.
//
// Lengths and sums of all records are checked when the task is opened, and images are decoded
// when they are asked for.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(metaDataset) }
