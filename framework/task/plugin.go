package task

import "fmt"

// Source is a data set of records with fixed ids. Both functions may be called
// from several goroutines at once.
type Source struct {
	Describe func() (Description, error)
	// Get returns the records with these ids, in this order. An id outside
	// 0..Records()-1 is an error.
	Get func(ids []int64) ([]Record, error)
}

// Generator invents episodes. Both functions may be called from several
// goroutines at once.
type Generator struct {
	Describe func() (Description, error)
	// Sample is a pure function of its arguments: any process may draw any
	// episode, and again after a restart. Ids of records need only differ
	// within the episode.
	Sample func(seed uint64, split string, index int64) (Episode, error)
}

// Dataset is an opened task: exactly one of Source and Generator.
type Dataset struct {
	Source    *Source
	Generator *Generator
	Close     func() error // may be nil
}

// Describe returns the verified description of whichever of the two is set.
func (d Dataset) Describe() (Description, error) {
	var describe func() (Description, error)
	switch {
	case d.Source != nil && d.Generator != nil:
		return Description{}, fmt.Errorf("a data set is a source or a generator, not both")
	case d.Source != nil:
		describe = d.Source.Describe
		if d.Source.Get == nil {
			return Description{}, fmt.Errorf("the source has no Get function")
		}
	case d.Generator != nil:
		describe = d.Generator.Describe
		if d.Generator.Sample == nil {
			return Description{}, fmt.Errorf("the generator has no Sample function")
		}
	default:
		return Description{}, fmt.Errorf("a data set needs a source or a generator, and has " +
			"neither")
	}
	if describe == nil {
		return Description{}, fmt.Errorf("the data set has no Describe function")
	}
	description, err := describe()
	if err != nil {
		return Description{}, err
	}
	if err := description.Verify(); err != nil {
		return Description{}, err
	}
	if d.Source != nil && description.Records() == 0 {
		return Description{}, fmt.Errorf("the source has no records")
	}
	return description, nil
}

// Plugin is a task as it is served: Define makes it.
type Plugin struct {
	Name string
	Doc  string
	// New returns a pointer to a fresh copy of the defaults, a *C for a plugin
	// made by Define[C], to be filled from the experiment.
	New func() any
	// Open takes what New returned, filled in, and opens the data.
	Open func(config any) (Dataset, error)
}

// Define describes a task plugin whose block of the experiment has the
// attributes of struct C; defaults holds their default values.
func Define[C any](name, doc string, defaults C, open func(C) (Dataset, error)) Plugin {
	return Plugin{
		Name: name,
		Doc:  doc,
		New: func() any {
			config := defaults
			return &config
		},
		Open: func(config any) (Dataset, error) {
			c, ok := config.(*C)
			if !ok || c == nil {
				return Dataset{}, fmt.Errorf("task %q: configuration is a %T, want a non-nil %T",
					name, config, c)
			}
			return open(*c)
		},
	}
}
