package head

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Traced is a head traced for one Spec. Func's parameters are param/<name> in the
// order of Leaves, data/<tensor> and support/<tensor> in the order in which they were
// asked for, and key; its results are loss, prediction/<name>, metric/<name>/<i>, and
// cache where the head writes texts. Calls in it are the backbone's functions (see
// EncodeName and what follows it).
type Traced struct {
	Func        *graph.Func
	Leaves      []nn.Leaf    // address: the bare name
	Predictions []Prediction // without Node
	Metrics     []Metric     // without Sums
	Coupled     bool         // the loss of an example depends on others: never cut a batch
}

// Trace traces a head for one use of it.
func Trace(name string, trace func(t *Tracer) Outputs, spec Spec) (*Traced, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	t := &Tracer{spec: spec, params: map[string]*graph.Node{}}
	t.side = side{t, data}
	traced := &Traced{}
	f, err := graph.Trace(name, func() *graph.Func {
		t.key = graph.Param("key", graph.Int32, graph.Shape{2})
		traced.take(t, trace(t))
		return &t.f
	})
	if err == nil {
		traced.Func, traced.Leaves, traced.Coupled = f, t.leaves, t.coupled
		err = traced.Check(spec)
	}
	if err != nil {
		return nil, fmt.Errorf("head %q: %w", name, err)
	}
	return traced, nil
}

// take makes the function's results of the outputs.
func (h *Traced) take(t *Tracer, out Outputs) {
	t.f.Params = append(t.f.Params, t.key)
	result := func(name string, n *graph.Node) {
		if n == nil {
			graph.Failf("head", "the %s is nil, want a node: one for every example", name)
		}
		t.f.Results = append(t.f.Results, graph.Result{Name: name, Node: n})
	}
	if !t.spec.Next {
		result("loss", out.Loss)
	}
	for _, p := range out.Predictions {
		result("prediction/"+p.Name, p.Node)
		h.Predictions = append(h.Predictions, Prediction{Name: p.Name, Kind: p.kind()})
	}
	for _, m := range out.Metrics {
		if n := len(m.Finish.Sums()); n != len(m.Sums) {
			graph.Failf("head", "metric %q is a %q of %d sums, want %d", m.Name, m.Finish, len(m.Sums), n)
		}
		for i, sum := range m.Sums {
			result(fmt.Sprintf("metric/%s/%d", m.Name, i), sum)
		}
		m.Sums = nil
		h.Metrics = append(h.Metrics, m)
	}
	if out.Cache != nil {
		result("cache", out.Cache)
	}
}

// Check holds a traced head to the use that it was traced for: parameters, calls,
// results, predictions and metrics must be what the use offers and asks for.
func (h *Traced) Check(spec Spec) error {
	if err := h.checkParams(spec); err != nil {
		return err
	}
	for _, n := range h.Func.Nodes() {
		if n.Op() != graph.OpCall {
			continue
		}
		if err := checkCall(spec, n.Attrs().Sig); err != nil {
			return err
		}
	}
	return h.checkResults(spec)
}

func (h *Traced) checkParams(spec Spec) error {
	tensors, leaves := spec.tensors(), h.Leaves
	for _, p := range h.Func.Signature().Params {
		if address, ok := strings.CutPrefix(p.Name, "param/"); ok {
			if len(leaves) == 0 || leaves[0].Address != address {
				return fmt.Errorf("parameter %q is not the next leaf", p.Name)
			}
			if p.DType != graph.Float32 || !p.Shape.Equal(leaves[0].Shape) {
				return fmt.Errorf("parameter %v, its leaf has the shape %v", p, leaves[0].Shape)
			}
			leaves = leaves[1:]
			continue
		}
		i := slices.IndexFunc(tensors, func(v graph.Value) bool { return v.Name == p.Name })
		if i < 0 {
			return fmt.Errorf("parameter %q is neither a leaf nor a tensor of this use", p.Name)
		}
		if p.DType != tensors[i].DType || !p.Shape.Equal(tensors[i].Shape) {
			return fmt.Errorf("parameter %v, want %v", p, tensors[i])
		}
	}
	if len(leaves) > 0 {
		return fmt.Errorf("leaf %q is no parameter of the function", leaves[0].Address)
	}
	return nil
}

// checkCall compares a call with the backbone's function of that name.
func checkCall(spec Spec, got *graph.Signature) error {
	memory := 1
	for _, p := range got.Params {
		if p.Name == "memory_mask" && p.Shape.Rank() == 2 {
			memory = p.Shape[1]
		}
	}
	want, err := spec.function(got.Name, memory)
	if err != nil {
		return fmt.Errorf("call of %.80q: %w", got.Name, err)
	}
	same := func(a, b graph.Value) bool {
		return a.Name == b.Name && a.DType == b.DType && a.Shape.Equal(b.Shape)
	}
	if !slices.EqualFunc(got.Params, want.Params, same) ||
		!slices.EqualFunc(got.Results, want.Results, same) {
		return fmt.Errorf("call of %q from %v to %v, want %v to %v", got.Name, got.Params, got.Results,
			want.Params, want.Results)
	}
	return nil
}

func (h *Traced) checkResults(spec Spec) error {
	results := h.Func.Signature().Results
	next := func(name string) (graph.Value, error) {
		if len(results) == 0 || results[0].Name != name {
			return graph.Value{}, fmt.Errorf("result %v, want %q", results[:min(len(results), 1)], name)
		}
		r := results[0]
		results = results[1:]
		return r, nil
	}
	if !spec.Next {
		loss, err := next("loss")
		if err != nil {
			return err
		}
		want := spec.answers(spec.Batch, spec.Sets)
		if loss.DType != graph.Float32 || !loss.Shape.Equal(want) {
			return h.at(loss, fmt.Errorf("the loss is %v%v, want f32%v: one for every answer",
				loss.DType, loss.Shape, want))
		}
	}
	var names []string
	for _, p := range h.Predictions {
		r, err := next("prediction/" + p.Name)
		if err != nil {
			return err
		}
		if err := spec.checkPrediction(p, r.DType, r.Shape); err != nil {
			return h.at(r, err)
		}
		names = append(names, p.Name)
	}
	if err := checkNames("prediction", names); err != nil {
		return err
	}
	names = nil
	for _, m := range h.Metrics {
		if len(m.Finish.Sums()) == 0 {
			return fmt.Errorf("metric %.80q is finished by %.80q, want one of %q", m.Name, m.Finish,
				Finishes())
		}
		var sums []graph.Value
		for i := range m.Finish.Sums() {
			r, err := next(fmt.Sprintf("metric/%s/%d", m.Name, i))
			if err != nil {
				return err
			}
			sums = append(sums, r)
		}
		if err := checkMetric(m, sums); err != nil {
			return h.at(sums[0], err)
		}
		names = append(names, m.Name)
	}
	if err := checkNames("metric", names); err != nil {
		return err
	}
	return h.checkCache(spec, results)
}

// at puts the author's line before what is wrong with a result.
func (h *Traced) at(result graph.Value, err error) error {
	if pos := h.Func.Result(result.Name).Pos(); pos != "" {
		return fmt.Errorf("%s: %w", pos, err)
	}
	return err
}

// checkCache checks the results after the metrics: the decoder's cache, or none.
func (h *Traced) checkCache(spec Spec, results []graph.Value) error {
	if spec.Next {
		scored := func(p Prediction) bool {
			r := h.Func.Result("prediction/" + p.Name)
			return p.kind() == Scores && r.Shape().Equal(graph.Shape{spec.Batch, spec.Target.Classes})
		}
		if len(results) == 0 || !slices.ContainsFunc(h.Predictions, scored) {
			return fmt.Errorf("the next token needs scores [%d,%d] and a cache", spec.Batch,
				spec.Target.Classes)
		}
	}
	if len(results) == 0 {
		return nil
	}
	want := graph.Shape{spec.Batch, spec.Cache}
	if r := results[0]; len(results) > 1 || r.Name != "cache" || r.DType != graph.Float32 ||
		!r.Shape.Equal(want) || spec.Target.Kind != TokensTarget || spec.Cache == 0 {
		return fmt.Errorf("result %v belongs to nothing that a head returns", results[0])
	}
	return nil
}
