// Plugin generation writes a text token by token, from another one or from nothing but its
// beginning. Trained on whole texts, every token from those before it (Vaswani et al.
// 2017, https://arxiv.org/abs/1706.03762), its output is tied to the token embedding
// (Press & Wolf 2017, https://arxiv.org/abs/1608.05859) unless tied = false:
//
//	p = softmax(h·Eᵀ + b)    loss = -Σ q log p, one for every token
//
// where q is 1 - label_smoothing for the right token, and the rest spread evenly over all
// (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567, section 7). Perplexity, of which
// smoothing is no part, and the share of tokens that are right are counted beside the loss.
//
//	head "generation" "translation" {
//	  source          = "source"
//	  label_smoothing = 0.1
//	}
//
// The backbone must decode. One of kind encoder_decoder reads the input set source; of a
// decoder alone the text that is written is all there is, after what its input set reads before it.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(generation) }

var generation = head.Define(
	"generation",
	"a text, token by token, from another one or from its beginning (Vaswani et al. 2017)",
	config{Source: "source", Tied: true},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Source         string  `config:"source" doc:"the input set that the decoder looks at, if there is an encoder"`
	LabelSmoothing float64 `config:"label_smoothing" min:"0" max:"<1" doc:"probability that is spread over all tokens"`
	Tied           bool    `config:"tied" doc:"the output's weights are the token embedding"`
	Dropout        float64 `config:"dropout" min:"0" max:"<1" doc:"share of the representations that is dropped in training"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	classes := t.Target().Classes
	scores := c.scores(t, classes)
	if n := t.Next(); n != nil {
		hidden, cache := t.Step(n.Cache, n.Token, n.Position)
		return head.Outputs{Cache: cache, Predictions: []head.Prediction{
			{Name: "scores", Node: nn.LogSoftmax(scores(hidden))}}}
	}
	target, memory := t.Tokens(), head.Encoded{}
	if !t.DecoderOnly() {
		memory = t.Encode(c.Source)
	}
	hidden := t.Decode(memory, target.Set).Hidden // [B, T, D]
	if t.Train() {
		hidden = nn.Dropout(hidden, c.Dropout, t.Key())
	}
	logits, shape := scores(hidden), target.IDs.Shape()
	logs := nn.LogSoftmax(graph.Reshape(logits, -1, classes))   // [B·T, V]
	right := graph.Take(logs, graph.Reshape(target.IDs, -1, 1)) // [B·T, 1]
	nll := graph.Neg(graph.Reshape(right, shape...))            // [B, T]
	loss := nll
	if c.LabelSmoothing > 0 && t.Train() {
		even := graph.Neg(graph.Reshape(graph.Sum(logs, 1), shape...))
		part := func(x *graph.Node, share float64) *graph.Node {
			return graph.Mul(x, graph.ConstLike(x, share))
		}
		loss = graph.Add(part(nll, 1-c.LabelSmoothing), part(even, c.LabelSmoothing/float64(classes)))
	}
	tokens := graph.ArgMax(logits) // Int32 [B, T]
	out := head.Outputs{
		Loss:        loss,
		Predictions: []head.Prediction{{Name: "tokens", Node: tokens}},
		Metrics:     metrics(nll, tokens, target),
	}
	if !t.DecoderOnly() {
		out.Cache = t.Start(memory)
	}
	return out
}

// scores returns the map of representations [..., D] to scores [..., V].
func (c config) scores(t *head.Tracer, classes int) func(*graph.Node) *graph.Node {
	var w *graph.Node // [D, V]
	if c.Tied {
		table := t.Embedding()
		if rows := table.Shape()[0]; rows != classes {
			graph.Failf("generation", "%d tokens to write and an embedding of %d: tied = true needs "+
				"the tokenizer of the backbone's input", classes, rows)
		}
		w = graph.Transpose(table, 1, 0)
	} else {
		w = t.Param("w", graph.Shape{t.Width(), classes}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	}
	b := t.Param("b", graph.Shape{classes}, nn.Init{Kind: nn.Zeros})
	return func(x *graph.Node) *graph.Node { return nn.Linear(x, w, b) }
}

// metrics are the perplexity and the share of tokens that are right. nll: [B, T].
func metrics(nll, tokens *graph.Node, target head.Tokens) []head.Metric {
	zero := graph.ConstLike(target.Weight, 0)
	right := graph.Select(graph.Eq(tokens, target.IDs), target.Weight, zero)
	count := graph.Sum(target.Weight)
	return []head.Metric{
		{Name: "perplexity", Finish: head.Perplexity,
			Sums: []*graph.Node{graph.Sum(graph.Mul(nll, target.Weight)), count}},
		{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(right), count}},
	}
}
