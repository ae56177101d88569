// Plugin similarity compares two inputs of an example by the cosine of their
// representations, y = cos(x, x′) (Reimers & Gurevych 2019,
// https://arxiv.org/abs/1908.10084). The target says what of:
//
//	class, of two   p = σ(a·y + b) for class 1    loss = -log p[class]
//	value           loss = (scale·y - value)²
//
// Of any number of classes, with a support that holds texts of each, such as its name in
// zero-shot episodes, both are of the same input (Radford et al. 2021,
// https://arxiv.org/abs/2103.00020, section 3.1, with words for images):
//
//	p = softmax over classes of y / temperature    loss = -log p[class]
//
// where x′ is the mean of the class's support; left and right are not used, and classes that
// were never trained on are told apart by their texts.
//
// With contrastive = true the loss tells the right partner of an example from the others
// of the batch (van den Oord et al. 2018, https://arxiv.org/abs/1807.03748, equation 4):
//
//	loss = -log softmax over j of cos(xᵢ, x′ⱼ) / temperature, at j = i
//
// for examples of class 1, or of a value above 0; the others are wrong partners alone.
// How often the nearest partner is the right one is counted beside the loss.
//
//	head "similarity" "paraphrase" {
//	  left  = "question1"
//	  right = "question2"
//	}
//
//	head "similarity" "intent" {} # of a task with zero_shot { ... }
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(similarity) }

var similarity = head.Define(
	"similarity",
	"two inputs by the cosine of their representations (Reimers & Gurevych 2019)",
	config{Left: "left", Right: "right", Scale: 1, Temperature: 0.05},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Left        string  `config:"left" doc:"the input set of one"`
	Right       string  `config:"right" doc:"the input set of the other"`
	Scale       float64 `config:"scale" min:">0" doc:"value of two that point the same way"`
	Contrastive bool    `config:"contrastive" doc:"tell right partners from the others of the batch"`
	Temperature float64 `config:"temperature" min:">0" doc:"what cosines are divided by, if contrastive or of classes with texts"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	if t.Support() != nil && t.Target().Kind == head.ClassTarget && !c.Contrastive {
		return c.choose(t)
	}
	left, right := t.Encode(c.Left).Pooled, t.Encode(c.Right).Pooled // [B, D]
	cosine := nn.Cosine(left, right)                                 // [B]
	out := head.Outputs{Predictions: []head.Prediction{
		{Name: "cosine", Kind: head.Scores, Node: cosine}}}
	switch kind := t.Target().Kind; {
	case kind != head.ClassTarget && kind != head.ValueTarget:
		graph.Failf("similarity", "the target is a %s, want a class of two or a value", kind)
	case c.Contrastive:
		c.contrast(t, left, right, &out)
	case kind == head.ClassTarget:
		decide(t, cosine, &out)
	default:
		c.regress(t.Values(), cosine, &out)
	}
	return out
}

// choose is the class whose texts, the support, are the nearest by the cosine.
func (c config) choose(t *head.Tracer) head.Outputs {
	labels, texts := t.Labels(), t.Support().Labels()
	x := t.Encode(t.Set()).Pooled                                // [B, D]
	written := t.Support().Encode(t.Set()).Pooled                // [N, D]
	in := graph.OneHot(texts.IDs, labels.Classes, graph.Float32) // [N, C]
	in = graph.Mul(in, graph.Reshape(texts.Weight, -1, 1))
	sums := graph.DotT(in, written, true, false) // [C, D]; a sum has the direction of the mean
	shape := []int{t.Batch(), labels.Classes, t.Width()}
	cosines := nn.Cosine(graph.Broadcast(graph.Reshape(x, shape[0], 1, shape[2]), shape...),
		graph.Broadcast(graph.Reshape(sums, 1, shape[1], shape[2]), shape...)) // [B, C]
	logits := graph.Div(cosines, graph.ConstLike(cosines, c.Temperature))
	scores := nn.MaskedSoftmax(logits, labels.Mask)
	class := graph.ArgMax(scores)
	zero := graph.ConstLike(labels.Weight, 0)
	right := graph.Select(graph.Eq(class, labels.IDs), labels.Weight, zero)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask), // [B]
		Predictions: []head.Prediction{{Name: "class", Node: class}, {Name: "scores", Node: scores}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(right), graph.Sum(labels.Weight)}}},
	}
}

// decide is the logistic regression of class 1 on the cosine.
func decide(t *head.Tracer, cosine *graph.Node, out *head.Outputs) {
	labels := two(t)
	a := t.Param("a", graph.Shape{1}, nn.Init{Kind: nn.Ones})
	b := t.Param("b", graph.Shape{1}, nn.Init{Kind: nn.Zeros})
	one := graph.Reshape(graph.Add(graph.Mul(cosine, a), b), -1, 1) // [B, 1]
	logits := graph.Concat(1, graph.ConstLike(one, 0), one)         // [B, 2]
	class := graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))
	zero := graph.ConstLike(labels.Weight, 0)
	right := graph.Select(graph.Eq(class, labels.IDs), labels.Weight, zero)
	out.Loss = nn.CrossEntropy(logits, labels.IDs, labels.Mask)
	out.Predictions = append(out.Predictions, head.Prediction{Name: "class", Node: class})
	out.Metrics = []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
		Sums: []*graph.Node{graph.Sum(right), graph.Sum(labels.Weight)}}}
}

// two returns the target of two classes.
func two(t *head.Tracer) head.Labels {
	labels := t.Labels()
	if labels.Classes != 2 || labels.VariableWay {
		graph.Failf("similarity", "a target of %d classes, want two: 1 for similar", labels.Classes)
	}
	return labels
}

// regress compares the cosine with a value.
func (c config) regress(target head.Values, cosine *graph.Node, out *head.Outputs) {
	value := graph.Mul(cosine, graph.ConstLike(cosine, c.Scale))
	out.Loss = nn.SquaredError(value, target.Values)
	out.Predictions = append(out.Predictions, head.Prediction{Name: "value", Node: value})
	out.Metrics = []head.Metric{{Name: "mse", Finish: head.MeanError, Sums: []*graph.Node{
		graph.Sum(graph.Mul(out.Loss, target.Weight)), graph.Sum(target.Weight)}}}
}

// contrast compares every left with every right of the batch. left, right: [B, D].
func (c config) contrast(t *head.Tracer, left, right *graph.Node, out *head.Outputs) {
	t.Coupled()
	b, d := t.Batch(), t.Width()
	var weight, similar *graph.Node // [B]; Bool [B]
	if t.Target().Kind == head.ClassTarget {
		labels := two(t)
		weight, similar = labels.Weight, graph.Eq(labels.IDs, graph.ConstLike(labels.IDs, 1))
	} else {
		target := t.Values()
		weight = target.Weight
		similar = graph.Gt(target.Values, graph.ConstLike(weight, 0))
	}
	cosines := nn.Cosine(graph.Broadcast(graph.Reshape(left, b, 1, d), b, b, d),
		graph.Broadcast(graph.Reshape(right, 1, b, d), b, b, d)) // [B, B]
	logits := graph.Div(cosines, graph.ConstLike(cosines, c.Temperature))
	own := graph.Iota(graph.Int32, graph.Shape{b}, 0)
	zero := graph.ConstLike(weight, 0)
	// What weighs nothing is padding, and nobody's partner; its own loss is not counted.
	counted := graph.And(similar, graph.Gt(weight, zero))
	out.Loss = graph.Select(counted, nn.CrossEntropy(logits, own, weight), zero)
	nearest := graph.ArgMax(nn.MaskedSoftmax(logits, weight))
	hit := graph.And(counted, graph.Eq(nearest, own))
	out.Metrics = []head.Metric{{Name: "retrieval", Finish: head.Ratio, Higher: true,
		Sums: []*graph.Node{graph.Sum(graph.Select(hit, weight, zero)),
			graph.Sum(graph.Select(counted, weight, zero))}}}
}
