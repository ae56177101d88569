package optim

import (
	"fmt"
	"math"

	"quickstudy/framework/graph"
)

// Config chooses an optimizer. Fields that the kind does not use are ignored.
type Config struct {
	Kind         string  // sgd, momentum, adam or adamw
	Momentum     float64 // momentum: the share of the velocity that is kept
	Beta1, Beta2 float64 // adam, adamw: decay of the two moments
	Epsilon      float64 // adam, adamw: added outside the root
	WeightDecay  float64 // adamw: decoupled decay, multiplied by the rate
	// ClipNorm is the largest norm of the gradient over all parameters of a step, to
	// which a longer one is scaled; 0: any. Whoever calls Update for each parameter does
	// it, by Clip.
	ClipNorm float64
}

// Check reports what is wrong with a configuration, or nil.
func (c Config) Check() error {
	share := func(name string, v float64) error {
		if !(v >= 0 && v < 1) {
			return fmt.Errorf("optimizer %q: %s is %v, want a number in [0, 1)", c.Kind, name, v)
		}
		return nil
	}
	if !(c.ClipNorm >= 0) || math.IsInf(c.ClipNorm, 0) {
		return fmt.Errorf("optimizer %q: clip norm is %v, want at least 0", c.Kind, c.ClipNorm)
	}
	switch c.Kind {
	case "sgd":
		return nil
	case "momentum":
		return share("momentum", c.Momentum)
	case "adam", "adamw":
		if err := share("beta1", c.Beta1); err != nil {
			return err
		}
		if err := share("beta2", c.Beta2); err != nil {
			return err
		}
		if !(c.Epsilon >= 0) || math.IsInf(c.Epsilon, 0) {
			return fmt.Errorf("optimizer %q: epsilon is %v, want at least 0", c.Kind, c.Epsilon)
		}
		if !(c.WeightDecay >= 0) || math.IsInf(c.WeightDecay, 0) {
			return fmt.Errorf("optimizer %q: weight decay is %v, want at least 0", c.Kind, c.WeightDecay)
		}
		return nil
	}
	return fmt.Errorf("optimizer is %q, want sgd, momentum, adam or adamw", c.Kind)
}

// Clip returns the factor min(1, c/‖g‖) for a gradient of the given norm, a scalar.
// Pascanu, Mikolov & Bengio 2013, https://arxiv.org/abs/1211.5063, algorithm 1.
func (c Config) Clip(norm *graph.Node) *graph.Node {
	limit := graph.ConstLike(norm, c.ClipNorm)
	return graph.Div(limit, graph.Max(norm, limit))
}

// Slots names the values the optimizer keeps for each parameter.
func (c Config) Slots() []string {
	switch c.Kind {
	case "momentum":
		return []string{"velocity"}
	case "adam", "adamw":
		return []string{"mean", "variance"}
	}
	return nil
}

// Update returns the parameter and slots after one step. p, g and slots (in the
// order of Slots) have one shape; rate and step are scalars of p's type, step
// counting from 1.
func (c Config) Update(p, g *graph.Node, slots []*graph.Node, rate, step *graph.Node) (
	newP *graph.Node, newSlots []*graph.Node,
) {
	if err := c.Check(); err != nil {
		graph.Failf("optimizer", "%v", err)
	}
	if len(slots) != len(c.Slots()) {
		graph.Failf("optimizer", "%d slots for %q, want %d: %q", len(slots), c.Kind, len(c.Slots()),
			c.Slots())
	}
	switch c.Kind {
	case "sgd":
		return graph.Sub(p, graph.Mul(rate, g)), nil
	case "momentum":
		velocity := graph.Add(scale(slots[0], c.Momentum), g)
		return graph.Sub(p, graph.Mul(rate, velocity)), []*graph.Node{velocity}
	case "adamw":
		p = decay(p, rate, c.WeightDecay)
	}
	return c.adam(p, g, slots, rate, step)
}
