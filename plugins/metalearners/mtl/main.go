// Plugin mtl is multi-task learning: one step after another along a combination of the
// tasks' gradients (Caruana 1997, "Multitask Learning",
// https://doi.org/10.1023/A:1007379606734).
//
//	metalearner "mtl" {
//	  weighting = "cagrad"        # fixed: the sum of all losses
//	  cagrad    = { c = 0.4 }     # each method's own settings
//	  optimizer "adamw" { learning_rate = warmup(100, cosine(1e-3)) }
//	}
//
// With L_i the loss of task i, its objectives weighted as the experiment gives them, and
// g_i its gradient over what tasks share, a step goes along Σ w_i g_i. How the weights w
// come about is the method's, each in a file of its own that says after which paper. All
// are one plugin, so that one experiment file compares them by a variable, and what they
// have in common is written once, below.
//
// What tasks share are the leaves that match shared, by default the backbone and its adapters:
// gradients are compared over these alone. All other leaves, such as heads, move along
// their own task's gradient: times w_i where the paper weighs losses (fixed, uncertainty,
// dwa, rlw, gls, gradnorm, nash_mtl, fairgrad, famo), times 1 where it combines gradients
// (pcgrad, gradvac, cagrad, mgda, imtl, aligned_mtl). A head of several tasks moves along
// the sum of these.
//
// relative = true divides every task's loss and gradient by its first loss before a method
// sees them, see relative.go: for tasks whose losses have different units.
//
// A task that has no episode in a step is left out of the step's problem, its own leaves
// and all that is remembered of it stay as they are. With one task the formulas hold as
// they stand. A task whose shared gradient is zero changes nothing in what is shared; what
// a method makes of its weight is in its file. A loss that is no number stops the run, with
// the task's name, before anything is changed.
//
// Nothing adapts: a task is predicted with the parameters as they are. Of an
// episode the query is trained on; its support is left to heads that read it.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(mtl) }

// config is the attributes of the plugin's block.
type config struct {
	Weighting   string      `config:"weighting" doc:"how the tasks' losses or gradients are weighed" oneof:"fixed,uncertainty,dwa,rlw,gls,gradnorm,pcgrad,gradvac,cagrad,mgda,imtl,nash_mtl,aligned_mtl,famo,fairgrad"`
	Normalize   bool        `config:"normalize" doc:"fixed: divide the loss by the sum of all weights"`
	Relative    bool        `config:"relative" doc:"divide every task's loss by its first, so that the units of losses do not matter; not with uncertainty, imtl and famo"`
	Shared      []string    `config:"shared" doc:"patterns of the leaves that tasks share, over which their gradients are compared" example:"[\"backbone/**\"]"`
	Uncertainty uncertainty `config:"uncertainty" doc:"settings of weighting = \"uncertainty\""`
	DWA         dwa         `config:"dwa" doc:"settings of weighting = \"dwa\""`
	GradNorm    gradNorm    `config:"gradnorm" doc:"settings of weighting = \"gradnorm\""`
	GradVac     gradVac     `config:"gradvac" doc:"settings of weighting = \"gradvac\""`
	CAGrad      caGrad      `config:"cagrad" doc:"settings of weighting = \"cagrad\""`
	IMTL        imtl        `config:"imtl" doc:"settings of weighting = \"imtl\""`
	FAMO        famo        `config:"famo" doc:"settings of weighting = \"famo\""`
	FairGrad    fairGrad    `config:"fairgrad" doc:"settings of weighting = \"fairgrad\""`
}

var mtl = meta.Define("mtl",
	"multi-task learning: a weighted sum of the tasks' losses or gradients",
	config{
		Weighting: "fixed", Shared: []string{"backbone/**", "adapters/**"},
		DWA: dwa{Temperature: 2, Window: 100}, GradNorm: gradNorm{Alpha: 1.5, Rate: 0.025},
		GradVac: gradVac{Decay: 0.5}, CAGrad: caGrad{C: 0.5}, IMTL: imtl{BalanceLosses: true},
		FAMO: famo{Rate: 0.025, Decay: 0.001}, FairGrad: fairGrad{Alpha: 1},
	}, config.learner)

type learner = meta.Learner[state, contribution]

// state is the model's parameters, and what a method learns of the tasks, each leaf [T].
type state struct{ Theta, Tasks meta.Params }

// contribution is what an episode contributes. Methods whose weights are known before the
// step need the gradient of the weighted loss alone; for the others there is one for
// every task.
type contribution struct {
	Grad   meta.Params `reduce:"sum"`
	Shared meta.Params `reduce:"task"` // over what tasks share
	Own    meta.Params `reduce:"task"` // over the rest
	Loss   *graph.Node `reduce:"sum"`
	Losses *graph.Node `reduce:"task"`
}

func (c config) learner() learner {
	if c.Relative {
		return c.weighted(c.relative())
	}
	switch c.Weighting {
	case "fixed":
		return c.fixed()
	case "uncertainty":
		return c.Uncertainty.learner()
	case "imtl":
		return c.IMTL.learner(c)
	case "famo":
		return c.FAMO.learner(c)
	}
	return c.weighted(c.method())
}

// relative returns the method for losses that are divided by their first ones.
func (c config) relative() method {
	switch c.Weighting {
	case "uncertainty", "imtl", "famo":
		graph.Failf("mtl", "relative does not go with weighting = %q, which finds a scale for every "+
			"loss by itself; remove it", c.Weighting)
	case "fixed":
		if c.Normalize {
			graph.Failf("mtl", "relative and normalize do not go together; remove one")
		}
		return method{equal, true}.relative()
	}
	return c.method().relative()
}

// method returns one that is a solver in ordinary Go.
func (c config) method() method {
	switch c.Weighting {
	case "dwa":
		return method{c.DWA.solve, true}
	case "rlw":
		return method{rlw, true}
	case "gls":
		return method{gls, true}
	case "gradnorm":
		return method{c.GradNorm.solve, true}
	case "pcgrad":
		return method{pcGrad, false}
	case "gradvac":
		return method{c.GradVac.solve, false}
	case "cagrad":
		return method{c.CAGrad.solve, false}
	case "mgda":
		return method{mgda, false}
	case "nash_mtl":
		return method{nashMTL, true}
	case "aligned_mtl":
		return method{alignedMTL, false}
	default: // fairgrad
		return method{c.FairGrad.solve, true}
	}
}

// weighted is the learner of a solver.
func (c config) weighted(by method) learner {
	return learner{
		Init: begin,
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			return c.gradients(m, s, ep, m.Loss(s.Theta, ep.Query))
		},
		Weigh: by.weigh,
		Update: func(m *meta.Model, s state, sum contribution) state {
			return sum.descend(m, s, m.Weights(), by.own)
		},
	}
}

func begin(_ *meta.Model, initial meta.Params) state { return state{Theta: initial} }

// gradients are those of a task's loss, over what is shared and over the rest.
func (c config) gradients(m *meta.Model, s state, ep meta.Episode, loss *graph.Node) contribution {
	shared := s.Theta.Match(c.Shared...)
	if shared.Len() == 0 {
		graph.Failf("mtl", "no leaf of the model matches shared = %q", c.Shared)
	}
	g := m.Grad(loss, s.Theta)
	return contribution{
		Shared: g.Only(shared),
		Own:    g.Where(func(address string) bool { return shared.Get(address) == nil }),
		Loss:   graph.Mul(ep.Weight, loss), Losses: loss,
	}
}

// descend takes the experiment's optimizer one step along Σ w_i g_i; weights: [T].
func (c contribution) descend(m *meta.Model, s state, weights *graph.Node, own bool) state {
	g := c.Shared.Contract(weights)
	if !own {
		weights = graph.ConstLike(weights, 1)
	}
	g = g.Join(c.Own.Contract(weights)).Only(s.Theta)
	return state{Theta: m.Optimize(s.Theta, g), Tasks: s.Tasks}
}

// of returns the entry of the episode's task in x [T], a scalar.
func of(m *meta.Model, x *graph.Node) *graph.Node {
	return graph.Reshape(graph.Slice(x, 0, m.Task(), m.Task()+1))
}

// perTask makes what a method learns of the tasks: one leaf [T] of the given value.
func perTask(m *meta.Model, theta meta.Params, name string, value float64) meta.Params {
	dtype := graph.Float32
	if theta.Len() > 0 {
		dtype = theta.Leaves()[0].Node.DType()
	}
	return meta.NewParams(meta.Leaf{Address: name,
		Node: graph.Const(dtype, graph.Shape{m.Tasks()}, []float64{value})})
}

// where returns x for the tasks that are present and 0 for the others, [T].
func where(m *meta.Model, x *graph.Node) *graph.Node {
	return graph.Select(m.Present(), x, graph.ConstLike(x, 0))
}
