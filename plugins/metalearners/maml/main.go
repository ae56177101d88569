// Plugin maml is model-agnostic meta-learning, Algorithm 2 of Finn, Abbeel &
// Levine 2017, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep
// Networks", https://arxiv.org/abs/1703.03400: it learns parameters from which a
// few gradient steps on a task's support lead to a low loss on its query.
//
//	metalearner "maml" {
//	  inner_steps = 5
//	  inner_lr    = 0.1                 # α
//	  optimizer "adam" { learning_rate = cosine(1e-3) }  # the outer update, rate β
//	}
//
// Lines of the algorithm, for every episode Tᵢ of a step:
//
//	5, 6   θᵢ′ = θ − α ∇θ L(fθ) on the support, inner_steps times
//	8, 10  θ ← θ − β ∇θ Σᵢ L(fθᵢ′) on the queries: the framework's defaults, an
//	       optimizer step along the gradient of the weighted query losses
//
// With several tasks the outer loss is the weighted sum of their losses after
// adaptation. Evaluation takes the same steps, or as many as it is told to.
//
// Published variants that differ by a line are attributes, so that one experiment file
// compares them by a variable:
//
//   - first_order = true holds ∇L constant in the outer gradient (FOMAML, section 5.2),
//     which saves the second derivatives.
//   - adapt = ["heads/**"] adapts the heads alone: ANIL, Raghu, Raghu, Bengio & Vinyals
//     2020, "Rapid Learning or Feature Reuse?", https://arxiv.org/abs/1909.09157, section 4.
//   - adapt = ["backbone/**"] adapts all but the heads: BOIL, Oh, Yoo, Kim & Yun 2021,
//     "BOIL: Towards Representation Change for Few-shot Learning",
//     https://arxiv.org/abs/2008.08882, equation 2. Heads whose classes the episode draws
//     must then tell them apart as they are.
//   - inner_optimizer = "momentum" or "adam" takes the inner steps, differentiated through.
//   - backprop_steps = 2 lets the outer gradient pass through the last two inner steps
//     alone: truncated back-propagation (Shaban, Cheng, Hatch & Boots 2019,
//     https://arxiv.org/abs/1810.10667).
//
// A task of ordinary batches, which have no support, trains on its loss as it is.
package main

import (
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(maml) }

// config is the attributes of the plugin's block.
type config struct {
	meta.Descent
	FirstOrder    bool `config:"first_order" doc:"hold the inner gradients constant in the outer one"`
	BackpropSteps int  `config:"backprop_steps" doc:"the last inner steps, through which the outer gradient passes; 0: all" unit:"steps" min:"0"`
}

var maml = meta.Define("maml",
	"model-agnostic meta-learning (Finn et al. 2017): parameters that adapt in a few gradient steps",
	config{Descent: meta.NewDescent(1, 0.01)},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	adapt := c.Adaptation(c.FirstOrder)
	if c.BackpropSteps > 0 {
		adapt = adapt.Truncated(c.BackpropSteps)
	}
	return meta.Learner[meta.Params, meta.GradLoss]{Adapt: adapt}
}
