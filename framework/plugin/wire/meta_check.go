package wire

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// checkPrograms holds the programs of one learner to what the host passes and
// expects.
func checkPrograms(p *meta.Programs, spec meta.Spec) error {
	dtype := spec.LossSignature("query").Results[0].DType
	scalar := func(name string) graph.Value { return graph.Value{Name: name, DType: dtype} }
	byTask := func(name string, dtype graph.DType) graph.Value {
		return graph.Value{Name: name, DType: dtype, Shape: graph.Shape{spec.Tasks}}
	}
	leaves := prefixed("leaf/", slices.Concat(spec.Leaves, spec.Episodic))
	episodic := prefixed("episodic/", spec.Episodic)
	key := graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}
	support := append(prefixed("support/", spec.Support), key, scalar("progress"))
	look := slices.Concat(episodic, support, prefixed("query/", spec.Query),
		[]graph.Value{scalar("weight")})

	state := p.Init.Signature().Results
	checks := []check{
		{"init", p.Init, prefixed("initial/", spec.Leaves), "state/", nil},
		{"parameters", p.Parameters, slices.Concat(state, episodic), "", leaves},
		{"episode", p.Episode, slices.Concat(state, look), "contribution/", nil},
	}
	if a := p.Adapt; a != nil {
		held := slices.Concat(state, episodic)
		fast := a.Start.Signature().Results
		k := graph.Value{Name: "k", DType: graph.Int32}
		checks = append(checks,
			check{"start of the adaptation", a.Start, slices.Concat(held, support), "fast/", nil},
			check{"finish of the adaptation", a.Finish, slices.Concat(held, fast), "", leaves})
		if a.Step != nil {
			checks = append(checks, check{"step of the adaptation", a.Step,
				slices.Concat(held, fast, support, []graph.Value{k}), "", fast})
		}
	}
	present := byTask("present", graph.Bool)
	if p.Weighing != nil {
		gram := graph.Value{Name: "gram", DType: dtype, Shape: graph.Shape{spec.Tasks, spec.Tasks}}
		checks = append(checks, check{"weighing", p.Weighing, over(p.Reduced, spec), "",
			[]graph.Value{gram, byTask("losses", dtype)}})
	}
	if p.After != nil {
		bare := make([]graph.Value, len(state))
		for i, v := range state {
			bare[i] = v
			bare[i].Name = strings.TrimPrefix(v.Name, "state/")
		}
		checks = append(checks,
			check{"after", p.After, slices.Concat(prefixed("before/", bare),
				prefixed("after/", bare),
				look), "contribution/", nil},
			check{"settle", p.Settle, slices.Concat(state, over(p.AfterReduced, spec),
				[]graph.Value{scalar("progress"), present}), "", state})
	}
	for _, c := range checks {
		if err := c.do(spec); err != nil {
			return err
		}
	}
	known := slices.Concat(state, over(p.Reduced, spec), []graph.Value{scalar("progress"), present,
		scalar("rate"), scalar("step")})
	if p.Weighing != nil {
		known = append(known, byTask("weights", dtype))
	}
	return checkUpdate(p, spec, state, known)
}

// check is one program and what is known of it: the parameters that the host
// passes, and the results by name and type or, if results is nil, by prefix alone.
type check struct {
	name    string
	program *graph.Func
	known   []graph.Value
	prefix  string
	results []graph.Value
}

func (c check) do(spec meta.Spec) error {
	if err := checkParams(c.program, c.known); err != nil {
		return err
	}
	if err := checkCalls(c.program, spec); err != nil {
		return err
	}
	got := c.program.Signature().Results
	if c.prefix != "" {
		return checkNames(c.name, got, c.prefix)
	}
	return checkSame(c.name, got, c.results)
}

// over lists contributions as they are after a step's reduction.
func over(reduced []meta.Reduced, spec meta.Spec) []graph.Value {
	var out []graph.Value
	for _, r := range reduced {
		out = append(out, r.Over(spec))
	}
	return out
}

// checkUpdate compares the update with the state and its slots with each other.
func checkUpdate(p *meta.Programs, spec meta.Spec, state, known []graph.Value) error {
	for _, l := range spec.Leaves {
		known = append(known, graph.Value{Name: "present/" + l.Name, DType: graph.Bool})
	}
	sig := p.Update.Signature()
	var slots []graph.Value
	for _, v := range sig.Params {
		if rest, ok := strings.CutPrefix(v.Name, "slot/"); ok {
			slot, _, _ := strings.Cut(rest, "/")
			if spec.Optimizer == nil || !slices.Contains(spec.Optimizer.Slots(), slot) {
				return fmt.Errorf("update: parameter %q is no slot of the experiment's optimizer",
					v.Name)
			}
			slots = append(slots, v)
		}
	}
	if err := checkParams(p.Update, append(known, slots...)); err != nil {
		return err
	}
	if err := checkCalls(p.Update, spec); err != nil {
		return err
	}
	if len(sig.Results) < len(state) {
		return fmt.Errorf("update: %d results for a state of %d", len(sig.Results), len(state))
	}
	if err := checkSame("update", sig.Results[:len(state)], state); err != nil {
		return err
	}
	return checkSame("update", byName(sig.Results[len(state):]), byName(slots))
}

// checkCalls refuses a call that is not of a loss, or not with its parameters.
func checkCalls(f *graph.Func, spec meta.Spec) error {
	checked := map[*graph.Signature]bool{}
	for _, n := range f.Nodes() {
		sig := n.Attrs().Sig
		if n.Op() != graph.OpCall || checked[sig] {
			continue
		}
		checked[sig] = true
		side, isLoss := strings.CutPrefix(sig.Name, meta.LossName(""))
		if !isLoss || side != "query" && (side != "support" || len(spec.Support) == 0) {
			return fmt.Errorf("program %q: it calls %q, which the host does not have", f.Name,
				sig.Name)
		}
		want := spec.LossSignature(side)
		if len(sig.Params) != len(want.Params) || len(sig.Results) != len(want.Results) {
			return fmt.Errorf("program %q: %q takes %d values to %d, want %d to %d", f.Name,
				sig.Name, len(sig.Params), len(sig.Results), len(want.Params), len(want.Results))
		}
		got := slices.Concat(sig.Params, sig.Results)
		wants := slices.Concat(want.Params, want.Results)
		for i, v := range wants {
			if got[i].DType != v.DType || !got[i].Shape.Equal(v.Shape) {
				return fmt.Errorf("program %q: %q has %v, want %v", f.Name, sig.Name, got[i], v)
			}
		}
	}
	return nil
}

func byName(values []graph.Value) []graph.Value {
	return slices.SortedFunc(slices.Values(values), func(a, b graph.Value) int {
		return strings.Compare(a.Name, b.Name)
	})
}

func prefixed(prefix string, values []graph.Value) []graph.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i].Name = prefix + out[i].Name
	}
	return out
}

// checkParams refuses a parameter that the host does not pass. A program need
// not use all that is passed.
func checkParams(f *graph.Func, known []graph.Value) error {
	types := make(map[string]graph.Value, len(known))
	for _, v := range known {
		types[v.Name] = v
	}
	for _, p := range f.Signature().Params {
		want, ok := types[p.Name]
		if !ok {
			return fmt.Errorf("program %q: parameter %q is not among what the host passes",
				f.Name, p.Name)
		}
		if p.DType != want.DType || !p.Shape.Equal(want.Shape) {
			return fmt.Errorf("program %q: parameter %v, want %v", f.Name, p, want)
		}
	}
	return nil
}

func checkNames(program string, results []graph.Value, prefix string) error {
	for _, r := range results {
		if !strings.HasPrefix(r.Name, prefix) || len(r.Name) == len(prefix) {
			return fmt.Errorf("%s: result %q, want a name that starts with %q", program, r.Name,
				prefix)
		}
	}
	return nil
}

func checkSame(program string, got, want []graph.Value) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d results, want %d", program, len(got), len(want))
	}
	for i, v := range got {
		if v.Name != want[i].Name || v.DType != want[i].DType || !v.Shape.Equal(want[i].Shape) {
			return fmt.Errorf("%s: result %v, want %v", program, v, want[i])
		}
	}
	return nil
}
