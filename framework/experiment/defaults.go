package experiment

import (
	"math"

	"quickstudy/framework/schema"
)

// defaults are the core's blocks as they are where a file says nothing.
var defaults = struct {
	plugin    pluginEntry
	tokenizer Tokenizer
	backbone  Backbone
	tokens    tokensInput
	numeric   numericInput
	image     Image
	predict   Predict
	split     Split
	rates     Rates
	episodes  Episodes
	meta      MetaDataset
	zeroShot  ZeroShot
	sampling  Sampling
	train     Train
	evaluate  Evaluate
	optimizer Optimizer
}{
	plugin:    pluginEntry{Timeout: 10},
	tokenizer: Tokenizer{Kind: "words", Size: 4000, Lowercase: true, MinCount: 1},
	backbone: Backbone{Kind: "encoder", Activation: "gelu", Norm: "layernorm", NormOrder: "pre",
		Positions: "learned", Pooling: "mean"},
	numeric:  numericInput{Features: 1, MaxLength: 1},
	image:    Image{Channels: 1},
	predict:  Predict{Weight: 1},
	split:    Split{TrainShare: 1},
	rates:    Rates{Loss: schema.Constant(1), Own: schema.Constant(1)},
	episodes: Episodes{Query: 15},
	// The constants of Meta-Dataset, https://github.com/google-research/meta-dataset,
	// learn/gin/setups/data_config_common.gin.
	meta: MetaDataset{MinWay: 5, MaxWay: 50, MaxQuery: 10, MaxSupport: 500, MaxSupportPerClass: 100,
		MinLogWeight: -math.Ln2, MaxLogWeight: math.Ln2},
	zeroShot: ZeroShot{Query: 15},
	sampling: Sampling{Rule: SampleEvery, Temperature: schema.Constant(1)},
	train:    Train{MetaBatch: 1, CheckpointEvery: 500, Keep: 2},
	evaluate: Evaluate{Episodes: 600, ValidationEpisodes: 100, LengthPenalty: 0.6},
	// Adam's are those of Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1; the
	// weight decay is that of Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101, as
	// PyTorch has it.
	optimizer: Optimizer{Momentum: 0.9, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01},
}
