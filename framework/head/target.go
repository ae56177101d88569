package head

import "quickstudy/framework/graph"

// side is the examples of the batch or of the support, as a head sees them.
type side struct {
	t    *Tracer
	name string
}

// Support is the support of the episode: its inputs and its answers.
type Support struct{ side }

// Support returns the support of the episode, or nil when there is none. A head
// that reads it makes its loss depend on the support's examples.
func (t *Tracer) Support() *Support {
	if t.spec.Support == nil {
		return nil
	}
	return &Support{side{t, support}}
}

// Batch returns B, the side's number of examples.
func (s *side) Batch() int {
	if s.name == support {
		return s.t.spec.Support.Batch
	}
	return s.t.spec.Batch
}

// Labels is a class target: IDs Int32 [B], Mask [C] (1: the class exists in this
// episode, as many in both sides), Weight [B].
type Labels struct {
	IDs, Mask, Weight *graph.Node
	Classes           int // C
	VariableWay       bool
}

// Labels returns the class target. A head that is used with another target is a
// misuse, here and below.
func (s *side) Labels() Labels {
	target := s.want("head.Labels", ClassTarget)
	return Labels{
		IDs:  s.tensor("class"),
		Mask: s.t.tensor("data/class_mask"), Weight: s.tensor("weight"),
		Classes: target.Classes, VariableWay: target.VariableWay,
	}
}

// LabelSets is a target of several classes at once: Sets [B, C] (1: the example has
// the class), Mask [C] (1: the class exists in this episode), Weight [B].
type LabelSets struct {
	Sets, Mask, Weight *graph.Node
	Classes            int // C
	VariableWay        bool
}

// LabelSets returns the target of several classes at once.
func (s *side) LabelSets() LabelSets {
	target := s.want("head.LabelSets", ClassesTarget)
	return LabelSets{
		Sets: s.tensor("classes"),
		Mask: s.t.tensor("data/class_mask"), Weight: s.tensor("weight"),
		Classes: target.Classes, VariableWay: target.VariableWay,
	}
}

// Values is a real target: Values and Weight [B], or [B, T] for every position.
type Values struct{ Values, Weight *graph.Node }

// Values returns the real target.
func (s *side) Values() Values {
	s.want("head.Values", ValueTarget)
	return Values{Values: s.tensor("value"), Weight: s.tensor("weight")}
}

// Spans is a span of an input set: Start and End Int32 [B], its first and last
// position, Present [B] (1: there is a span, 0: the example has none, and Start and End
// mean nothing), Weight [B], Allowed [B, T] (1: a position where a span may be: it is of
// the text that the span is of).
type Spans struct {
	Start, End, Present, Weight, Allowed *graph.Node
	Set                                  string // whose positions are meant
}

// Spans returns the span target.
func (s *side) Spans() Spans {
	s.want("head.Spans", SpanTarget)
	return Spans{s.tensor("start"), s.tensor("end"), s.tensor("present"), s.tensor("weight"),
		s.tensor("allowed"), s.t.Set()}
}

// Tags is a class for every position of an input set: IDs Int32 [B, T], Weight [B, T].
type Tags struct {
	IDs, Weight *graph.Node
	Classes     int    // C
	Set         string // whose positions are meant
}

// Tags returns the target of a class for every position.
func (s *side) Tags() Tags {
	target := s.want("head.Tags", TagsTarget)
	return Tags{s.tensor("tags"), s.tensor("weight"), target.Classes, s.t.Set()}
}

// Tokens is the token that follows every position of an input set: IDs Int32 [B, T],
// Weight [B, T].
type Tokens struct {
	IDs, Weight *graph.Node
	Classes     int    // C, the number of tokens
	Set         string // whose positions are meant
}

// Tokens returns the target of a token for every position.
func (s *side) Tokens() Tokens {
	target := s.want("head.Tokens", TokensTarget)
	return Tokens{s.tensor("tokens"), s.tensor("weight"), target.Classes, s.t.Set()}
}

func (s *side) want(op string, kind TargetKind) Target {
	if got := s.t.spec.Target.Kind; got != kind {
		graph.Failf(op, "the target is a %s, the head wants a %s", got, kind)
	}
	if s.t.spec.Next {
		graph.Failf(op, "there is no target while a text is written; return before it if Next is not nil")
	}
	return s.t.spec.Target
}

func (s *side) tensor(name string) *graph.Node { return s.t.tensor(s.name + "/" + name) }
