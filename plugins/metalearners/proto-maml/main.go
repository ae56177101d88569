// Plugin proto-maml is Proto-MAML, Triantafillou et al. 2020, "Meta-Dataset: A Dataset of
// Datasets for Learning to Learn from Few Examples", https://arxiv.org/abs/1903.03096,
// section 3: MAML whose linear head begins, in every episode, as a prototypical network.
//
//	metalearner "proto-maml" {
//	  inner_steps = 5
//	  inner_lr    = 0.05
//	  optimizer "adam" { learning_rate = cosine(1e-3) }
//	}
//
// For every episode of a step, with c_k the mean of the features of class k's support:
//
//	W_k ← 2 c_k,  b_k ← −‖c_k‖²        so that W_k·x + b_k = −‖x − c_k‖² + ‖x‖²
//	θ′ ← θ − α ∇θ L(θ) on the support, inner_steps times, W and b with the rest
//	θ ← θ − β ∇θ Σ L(θ′) on the queries; the gradient flows through the c_k too
//
// Without a step the head is as the state has it, in evaluation too, and inner_steps = 0 is
// refused: the prototypical network itself is head "prototypical" with mtl.
//
// A learner sees no features, but derivatives of the loss, and those of a linear softmax
// head at W = 0 and a large b_j, where all probability is with class j, are
//
//	∂L/∂W_k = −n_k c_k / n,  ∂L/∂b_k = −n_k / n        for k ≠ j
//
// whose quotient is c_k. Two such points give all classes. So the head must be one whose
// leaves, that match head_weight [D, C] and head_bias [C], are those of a linear softmax,
// such as classification; the state's values of these do not matter and have no gradient.
// A class without support begins at zero. A task of ordinary batches is refused, for it has
// no classes to begin from.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(protoMAML) }

// config is the attributes of the plugin's block.
type config struct {
	meta.Descent
	FirstOrder bool   `config:"first_order" doc:"hold the inner gradients constant in the outer one, but not the prototypes"`
	Weight     string `config:"head_weight" doc:"pattern of the head's weight, [features, classes]"`
	Bias       string `config:"head_bias" doc:"pattern of the head's bias, [classes]"`
}

var protoMAML = meta.Define("proto-maml",
	"Proto-MAML (Triantafillou et al. 2020): MAML from a head that begins as prototypes",
	config{Descent: meta.NewDescent(1, 0.01), Weight: "heads/*/w", Bias: "heads/*/b"},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	adapt := c.adaptation()
	if c.InnerSteps == 0 {
		return meta.Learner[meta.Params, meta.GradLoss]{Episode: func(*meta.Model, meta.Params,
			meta.Episode) meta.GradLoss {
			graph.Failf("proto-maml", "inner_steps is 0, want at least 1: without a step the head "+
				"does not begin as prototypes; the prototypical head with mtl never adapts")
			return meta.GradLoss{}
		}}
	}
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt: adapt,
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			if ep.Support.Absent() {
				graph.Failf("proto-maml", "its head begins from the classes of an episode's support, "+
					"and this task has ordinary batches without support; give it an episodes block, "+
					"or use another metalearner")
			}
			loss := graph.Mul(ep.Weight, m.Loss(adapt.Run(m, theta, ep.Support), ep.Query))
			return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
		},
	}
}

func (c config) adaptation() meta.Adaptation[meta.Params] {
	return meta.StepsOn(c.InnerSteps, func(m *meta.Model, theta meta.Params,
		support meta.Batch) meta.Descending {
		adapted := c.Adapted(m, theta)
		head := c.prototypes(m, theta, support)
		for _, l := range head.Leaves() {
			if adapted.Get(l.Address) == nil {
				graph.Failf("proto-maml", "adapt = %q leaves out %s, which begins anew in every episode",
					c.Adapt, l.Address)
			}
		}
		return c.From(adapted.With(head))
	}, func(m *meta.Model, a meta.Descending, support meta.Batch, k *graph.Node) meta.Descending {
		g := m.Grad(m.Loss(a.Theta, support), a.Theta)
		if c.FirstOrder {
			g = g.Stop()
		}
		return c.Step(m, a, g, k)
	})
}

// prototypes returns W [D, C] and b [C] of the heads for the classes of a support.
func (c config) prototypes(m *meta.Model, theta meta.Params, support meta.Batch) meta.Params {
	all := m.Fast(theta)
	weights, biases := all.Match(c.Weight), all.Match(c.Bias)
	if weights.Len() == 0 || weights.Len() != biases.Len() {
		graph.Failf("proto-maml", "head_weight = %q matches %d leaves and head_bias = %q %d; want as "+
			"many of both, of a linear softmax", c.Weight, weights.Len(), c.Bias, biases.Len())
	}
	first, second := c.sums(m, all, support, 0), c.sums(m, all, support, 1)
	var out []meta.Leaf
	for i, w := range weights.Leaves() {
		b := biases.Leaves()[i]
		shape := w.Node.Shape() // [D, C]
		if len(shape) != 2 || !b.Node.Shape().Equal(shape[1:]) || shape[1] < 2 {
			graph.Failf("proto-maml", "%s is %v and %s %v, want [features, classes] and [classes] of "+
				"at least two classes", w.Address, shape, b.Address, b.Node.Shape())
		}
		zeroth := graph.Eq(graph.Iota(graph.Int32, shape[1:], 0),
			graph.Const(graph.Int32, shape[1:], []float64{0})) // which class all is given to
		counts := graph.Select(zeroth, second.Get(b.Address), first.Get(b.Address)) // [C]
		sums := graph.Select(graph.Broadcast(graph.Reshape(zeroth, 1, shape[1]), shape...),
			second.Get(w.Address), first.Get(w.Address)) // [D, C]
		means := nn.SafeDiv(sums, graph.Broadcast(graph.Reshape(counts, 1, shape[1]), shape...))
		out = append(out,
			meta.Leaf{Address: w.Address, Node: graph.Mul(graph.ConstLike(means, 2), means)},
			meta.Leaf{Address: b.Address, Node: graph.Neg(graph.Sum(graph.Mul(means, means), 0))})
	}
	return meta.NewParams(out...)
}

// sums returns ∂L/∂W and ∂L/∂b of the heads at W = 0 and a bias that gives class j all
// probability: for k ≠ j, the sums of features and of weights of class k, negative.
func (c config) sums(m *meta.Model, all meta.Params, support meta.Batch, j int) meta.Params {
	const certain = 1e3 // e^-1000 is 0 in single and double precision
	at := all.Match(c.Weight).Zeros().Join(all.Match(c.Bias).Map(func(b *graph.Node) *graph.Node {
		is := graph.OneHot(graph.Scalar(graph.Int32, float64(j)), b.Shape()[0], b.DType())
		return graph.Mul(is, graph.ConstLike(is, certain))
	}))
	return m.Grad(m.Loss(all.With(at), support), at)
}
