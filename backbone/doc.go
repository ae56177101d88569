// Package backbone holds the Transformer that all heads share. It lists its
// leaves, addressed backbone/..., and traces the pass from a batch to what heads
// read. Weights are [in, out].
//
// Shapes are written with named axes: B examples, T positions, D width, H heads,
// F features, V vocabulary, M width of the hidden layer between attentions. One
// file holds one part: configuration, leaves, inputs, layers, pooling.
package backbone
