package meta

import "quickstudy/framework/graph"

// Programs is a learner traced for one Spec: all that leaves its process.
type Programs struct {
	Init    *graph.Func   // TraceInit
	Adapt   *AdaptProgram // TraceAdapt; nil: none
	Episode *graph.Func   // TraceEpisode
	Reduced []Reduced     // of Episode's results, in their order
	Update  *graph.Func   // TraceUpdate
}

// Trace traces every program of a learner.
func Trace[S, C any](l Learner[S, C], spec Spec) (*Programs, error) {
	var p Programs
	var err error
	if p.Init, err = TraceInit(l, spec); err != nil {
		return nil, err
	}
	if len(spec.Support) > 0 {
		if p.Adapt, err = TraceAdapt(l, spec); err != nil {
			return nil, err
		}
	}
	if p.Episode, p.Reduced, err = TraceEpisode(l, spec); err != nil {
		return nil, err
	}
	if p.Update, err = TraceUpdate(l, spec); err != nil {
		return nil, err
	}
	return &p, nil
}

// Plugin is a meta-learner as a program serves it. Use Define to make one.
type Plugin struct {
	Name, Doc string
	// New returns a pointer to a configuration that holds the defaults.
	New func() any
	// Trace traces the learner under a configuration made by New.
	Trace func(config any, spec Spec) (*Programs, error)
}

// Define describes a learner whose block has the attributes of K; defaults holds
// their defaults, by the tags of package schema.
func Define[K, S, C any](name, doc string, defaults K, learner func(config K) Learner[S, C]) Plugin {
	return Plugin{
		Name: name, Doc: doc,
		New: func() any { c := defaults; return &c },
		Trace: func(config any, spec Spec) (*Programs, error) {
			l := learner(*config.(*K))
			l.Name, l.Doc = name, doc
			return Trace(l, spec)
		},
	}
}
