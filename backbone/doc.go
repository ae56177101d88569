// Package backbone holds the Transformer that all heads share. Its leaves are
// addressed backbone/..., and weights are [in, out]. One file holds one part:
// configuration, leaves, embedding, layers, pooling.
package backbone
