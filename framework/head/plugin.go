package head

// Plugin is a head as a program serves it. Use Define to make one.
type Plugin struct {
	Name, Doc string
	// New returns a pointer to a configuration that holds the defaults.
	New func() any
	// Trace traces the head under a configuration made by New.
	Trace func(config any, spec Spec) (*Traced, error)
}

// Define describes a head whose block has the attributes of C; defaults holds
// their defaults, by the tags of package schema.
func Define[C any](name, doc string, defaults C, trace func(c C, t *Tracer) Outputs) Plugin {
	return Plugin{
		Name: name, Doc: doc,
		New: func() any { c := defaults; return &c },
		Trace: func(config any, spec Spec) (*Traced, error) {
			return Trace(name, func(t *Tracer) Outputs { return trace(*config.(*C), t) }, spec)
		},
	}
}
