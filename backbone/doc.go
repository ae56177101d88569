// Package backbone holds the Transformer that all heads share: an encoder, a
// decoder, or one of each. It lists its leaves, addressed backbone/..., and traces
// the pass from a batch to what heads read, and the step by which a decoder writes.
// Weights are [in, out].
//
//	t, err := backbone.New(backbone.Config{
//		Kind: "encoder_decoder", Layers: 2, Width: 64, Heads: 4, MLP: 256, Activation: "gelu",
//		Positions: "rotary", Pooling: "mean",
//		Tokens: &backbone.Tokens{Vocabulary: 4000, MaxLength: 32},
//	})
//	memory := t.Encode(leaf, source, key, train)
//	hidden := t.Decode(leaf, target, memory, key, train).Hidden // [B, T, D]
//
// Shapes are written with named axes: B examples, T positions, S positions of a
// memory, P positions and N numbers of a cache, D width, H heads, E = D/H width of a head,
// F features, V vocabulary, M the width of the hidden layer between attentions.
// One file holds one part: configuration, leaves, inputs, positions, stacks, layers,
// pooling, steps.
package backbone
