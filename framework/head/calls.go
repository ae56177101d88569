package head

import (
	"fmt"
	"strings"

	"quickstudy/framework/graph"
)

// The backbone's functions as a head's graph calls them. The host links them; side is
// data or support. B is the side's number of examples, T the set's length.
//
//	encode:SIDE:SET  key → hidden [B, T, D], mask [B, T], pooled [B, D]
//	decode:SIDE:SET  key, memory [B, S, D], memory_mask [B, S] → hidden [B, T, D], mask [B, T]
//	start            key, memory [B, S, D], memory_mask [B, S] → cache [B, N]
//	step             key, cache [B, N], token i32 [B], position i32 [B]
//	                 → hidden [B, D], cache [B, N]
//	embedding        → table [V, D]
//
// A cache means something to the host alone: a head returns what it is given.
//
// All but the last take a key (Int32 [2]) for their dropout. Where the decoder is all of
// the backbone (Spec.DecoderOnly), decode takes no memory and there is no start.
const (
	StartName     = "start"
	StepName      = "step"
	EmbeddingName = "embedding"
)

// EncodeName is the function that encodes an input set of a side.
func EncodeName(side, set string) string { return "encode:" + side + ":" + set }

// DecodeName is the function that decodes an input set of a side.
func DecodeName(side, set string) string { return "decode:" + side + ":" + set }

// function is the signature of a function of the backbone in a use; memory is S where
// there is one. The error says what the use does not offer.
func (s Spec) function(name string, memory int) (*graph.Signature, error) {
	f := &graph.Signature{Name: name}
	param := func(name string, dtype graph.DType, dims ...int) {
		f.Params = append(f.Params, graph.Value{Name: name, DType: dtype, Shape: dims})
	}
	result := func(name string, dims ...int) {
		f.Results = append(f.Results, graph.Value{Name: name, DType: graph.Float32, Shape: dims})
	}
	kind, of, _ := strings.Cut(name, ":")
	side, set, _ := strings.Cut(of, ":")
	batch, sets, positions := s.Batch, s.Sets, 0
	switch {
	case kind == "encode" || kind == "decode":
		if side == support && s.Support != nil {
			batch, sets = s.Support.Batch, s.Support.Sets
		} else if side != data {
			return nil, fmt.Errorf("examples are %q, or %q where there is one; not %.80q", data,
				support, side)
		}
		i := find(sets, set)
		if i < 0 {
			return nil, fmt.Errorf("no input set %.80q; the task has %s", set, names(sets))
		}
		positions = sets[i].Positions
	case name != StartName && name != StepName && name != EmbeddingName:
		return nil, fmt.Errorf("the backbone has no such function")
	}
	switch {
	case kind == EmbeddingName && s.Vocabulary == 0:
		return nil, fmt.Errorf("the backbone has no token embedding; give it an input of tokens")
	case kind == EmbeddingName:
		result("table", s.Vocabulary, s.Width)
		return f, nil
	case kind != "encode" && s.Cache == 0:
		return nil, fmt.Errorf("the backbone has no decoder; choose one of a kind that decodes")
	case kind == StartName && s.DecoderOnly:
		return nil, fmt.Errorf("a decoder alone starts from zeros; return no cache")
	}
	param("key", graph.Int32, 2)
	if kind == StartName || kind == "decode" && !s.DecoderOnly {
		param("memory", graph.Float32, batch, memory, s.Width)
		param("memory_mask", graph.Float32, batch, memory)
	}
	if kind == StepName {
		param("cache", graph.Float32, batch, s.Cache)
		param("token", graph.Int32, batch)
		param("position", graph.Int32, batch)
		result("hidden", batch, s.Width)
	}
	if kind == StartName || kind == StepName {
		result("cache", batch, s.Cache)
		return f, nil
	}
	result("hidden", batch, positions, s.Width)
	result("mask", batch, positions)
	if kind == "encode" {
		result("pooled", batch, s.Width)
	}
	return f, nil
}

// call calls a function of the backbone; args follow the key, and memory is S where one
// is among them.
func (t *Tracer) call(op, name string, memory int, args ...*graph.Node) []*graph.Node {
	f, err := t.spec.function(name, memory)
	if err != nil {
		graph.Failf(op, "%v", err)
	}
	if len(f.Params) > 0 {
		args = append([]*graph.Node{t.key}, args...)
	}
	for i, p := range f.Params {
		if n := args[i]; n == nil || n.DType() != p.DType || !n.Shape().Equal(p.Shape) {
			graph.Failf(op, "%s is %v, want %v", p.Name, n, p)
		}
	}
	return graph.Call(f, args...)
}

// Encoded is what the backbone makes of an input set: Hidden [B, T, D], Mask
// [B, T] (1 real, 0 padding), Pooled [B, D].
type Encoded struct{ Hidden, Mask, Pooled *graph.Node }

// Decoded is what the backbone's decoder makes of an input set: Hidden [B, T, D],
// Mask [B, T].
type Decoded struct{ Hidden, Mask *graph.Node }

// Encode runs the backbone on an input set. Several heads that encode the same
// set of one batch share the pass.
func (s *side) Encode(set string) Encoded {
	r := s.t.call("head.Encode", EncodeName(s.name, set), 0)
	return Encoded{Hidden: r[0], Mask: r[1], Pooled: r[2]}
}

// Decode runs the backbone's decoder on an input set: position i sees positions 0 to i
// and the memory, another set of the same examples. For a target of tokens, Hidden at i
// stands for token i of the target. A decoder that is all of the backbone (DecoderOnly)
// has no memory to see: the zero Encoded.
func (s *side) Decode(memory Encoded, set string) Decoded {
	args, length := s.t.memory("head.Decode", memory)
	r := s.t.call("head.Decode", DecodeName(s.name, set), length, args...)
	return Decoded{Hidden: r[0], Mask: r[1]}
}

// DecoderOnly reports whether the backbone is a decoder alone: Encode and Decode are the
// same pass, in which no position sees a later one, and Decode takes no memory.
func (t *Tracer) DecoderOnly() bool { return t.spec.DecoderOnly }

// memory returns what a call passes of a memory, and its length S.
func (t *Tracer) memory(op string, memory Encoded) (args []*graph.Node, length int) {
	switch given := memory.Hidden != nil && memory.Mask != nil; {
	case t.spec.Cache == 0: // the call will say so
	case t.spec.DecoderOnly && memory != (Encoded{}):
		graph.Failf(op, "the decoder is all of the backbone and sees no memory; pass the zero Encoded")
	case !t.spec.DecoderOnly && (!given || memory.Mask.Shape().Rank() != 2):
		graph.Failf(op, "the decoder sees a memory; pass what Encode gives of another input set")
	case !t.spec.DecoderOnly:
		return []*graph.Node{memory.Hidden, memory.Mask}, memory.Mask.Shape()[1]
	}
	return nil, 1
}

// Embedding returns the backbone's token embedding [V, D], for a head that is tied to
// it.
func (t *Tracer) Embedding() *graph.Node { return t.call("head.Embedding", EmbeddingName, 0)[0] }

// Start returns what the decoder remembers before it writes: a cache [B, N], to be
// returned in Outputs. A decoder that is all of the backbone starts from zeros, which is
// what it means to return none.
func (t *Tracer) Start(memory Encoded) *graph.Node {
	args, length := t.memory("head.Start", memory)
	return t.call("head.Start", StartName, length, args...)[0]
}

// Step runs the decoder on one token of every example, at its position (Int32 [B]
// both): its representation [B, D] stands for the next token. It equals Decode of the
// whole, position by position.
func (t *Tracer) Step(cache, token, position *graph.Node) (hidden, next *graph.Node) {
	r := t.call("head.Step", StepName, 0, cache, token, position)
	return r[0], r[1]
}

// Next is one position of texts that are being written, whose search (greedy, beam) is
// the host's: what the decoder remembers of each, Cache [B, N], and its last Token and
// that token's Position, Int32 [B].
type Next struct{ Cache, Token, Position *graph.Node }

// Next returns the position that the host asks the next token of, or nil when it asks
// for a loss. A head that can write answers with the scores [B, C] of the next token
// and the cache after it:
//
//	if n := t.Next(); n != nil {
//		hidden, cache := t.Step(n.Cache, n.Token, n.Position)
//		return head.Outputs{Cache: cache, Predictions: scores(hidden)}
//	}
func (t *Tracer) Next() *Next {
	if !t.spec.Next {
		return nil
	}
	return &Next{t.tensor("data/cache"), t.tensor("data/token"), t.tensor("data/position")}
}
