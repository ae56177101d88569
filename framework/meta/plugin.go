package meta

import (
	"context"
	"errors"
	"fmt"

	"quickstudy/framework/graph"
)

// Programs is a learner traced for one Spec: all that leaves its process.
type Programs struct {
	Init       *graph.Func   // TraceInit
	Parameters *graph.Func   // TraceParameters
	Adapt      *AdaptProgram // TraceAdapt; nil: none, or no support
	Episode    *graph.Func   // TraceEpisode
	Reduced    []Reduced     // of Episode's results, in their order
	Update     *graph.Func   // TraceUpdate

	Weighing *graph.Func // TraceWeighing; nil: the learner does not weigh
	// Weigh asks the learner for the weights of a step's tasks; nil without
	// Weighing. An answer without an error is one finite number a task.
	Weigh func(ctx context.Context, w Weighing) (Weighed, error)

	After        *graph.Func // TraceSettle; nil: no second round
	AfterReduced []Reduced   // of After's results, in their order
	Settle       *graph.Func
}

// Trace traces every program of a learner.
func Trace[S, C any](l Learner[S, C], spec Spec) (*Programs, error) {
	var p Programs
	var err error
	if p.Init, err = TraceInit(l, spec); err != nil {
		return nil, err
	}
	if p.Parameters, err = TraceParameters(l, spec); err != nil {
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
	if p.Weighing, err = TraceWeighing(l, spec); err != nil {
		return nil, err
	}
	if p.Weighing != nil {
		p.Weigh = weigh(l.Weigh)
	}
	if p.Update, err = TraceUpdate(l, spec); err != nil {
		return nil, err
	}
	p.After, p.AfterReduced, p.Settle, err = TraceSettle(l, spec)
	if err != nil {
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
	// Weigh calls the learner's Weigh and checks what it answers; a learner without
	// one is an error.
	Weigh func(ctx context.Context, config any, w Weighing) (Weighed, error)
}

var errNoWeigh = errors.New("it does not weigh tasks")

// Define describes a learner whose block has the attributes of K; defaults holds
// their defaults, by the tags of package schema. Attributes that do not go together are a
// misuse that learner reports by graph.Failf.
func Define[K, S, C any](name, doc string, defaults K,
	learner func(config K) Learner[S, C]) Plugin {
	configured := func(config any) (l Learner[S, C], err error) {
		defer graph.Catch(fmt.Sprintf("configure %q", name), &err)
		l = learner(*config.(*K))
		l.Name, l.Doc = name, doc
		return l, nil
	}
	return Plugin{
		Name: name, Doc: doc,
		New: func() any { c := defaults; return &c },
		Trace: func(config any, spec Spec) (*Programs, error) {
			l, err := configured(config)
			if err != nil {
				return nil, err
			}
			return Trace(l, spec)
		},
		Weigh: func(ctx context.Context, config any, w Weighing) (Weighed, error) {
			l, err := configured(config)
			if err != nil {
				return Weighed{}, err
			}
			if l.Weigh == nil {
				return Weighed{}, wrap(name, errNoWeigh)
			}
			answer, err := weigh(l.Weigh)(ctx, w)
			return answer, wrap(name, err)
		},
	}
}
