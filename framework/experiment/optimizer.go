package experiment

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/schema"
)

// An Optimizer turns gradients into updates. Attributes that its kind does not have are zero.
type Optimizer struct {
	Kind         string          `config:"-"` // sgd, momentum, adam or adamw
	LearningRate schema.Schedule `config:"learning_rate,required" doc:"size of a step" min:">0"`
	Momentum     float64         `config:"momentum" doc:"share of the last step kept" min:"0" max:"<1"`
	Beta1        float64         `config:"beta1" doc:"decay of the first moment" min:"0" max:"<1"`
	Beta2        float64         `config:"beta2" doc:"decay of the second moment" min:"0" max:"<1"`
	Epsilon      float64         `config:"epsilon" doc:"added to the second moment's root" min:">0"`
	WeightDecay  float64         `config:"weight_decay" doc:"decoupled from the gradient" min:"0"`
	Range        hcl.Range       `config:"-"`
}

// optimizerKinds lists the kinds with the attributes that each has.
var optimizerKinds = []struct {
	kind       string
	attributes []string
}{
	{"sgd", []string{"learning_rate"}},
	{"momentum", []string{"learning_rate", "momentum"}},
	{"adam", []string{"learning_rate", "beta1", "beta2", "epsilon"}},
	{"adamw", []string{"learning_rate", "beta1", "beta2", "epsilon", "weight_decay"}},
}

func optimizerNames() []string {
	var names []string
	for _, k := range optimizerKinds {
		names = append(names, k.kind)
	}
	return names
}

// optimizerSchema returns the attributes of a kind with their defaults, or nil for an unknown kind.
func optimizerSchema(kind string) (*schema.Schema, error) {
	s, err := schema.Of(defaults.optimizer)
	if err != nil {
		return nil, err
	}
	for _, k := range optimizerKinds {
		if k.kind == kind {
			s.Attributes = slices.DeleteFunc(s.Attributes, func(a schema.Attribute) bool {
				return !slices.Contains(k.attributes, a.Name)
			})
			return s, nil
		}
	}
	return nil, nil
}
