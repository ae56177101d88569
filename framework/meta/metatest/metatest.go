package metatest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
)

// Claims is what the author of a learner says about it.
type Claims struct {
	// Gradient names the field of the contribution that is the derivative of the
	// field Loss with respect to the state: "grad" and "loss" for meta.GradLoss.
	// Empty: no field is, or only to first order.
	Gradient, Loss string
	// Tolerance is the relative error allowed to the gradient; 0: 1e-6. An inner
	// problem that is solved by iteration needs a larger one.
	Tolerance float64
	// NoDropout says that the gradient is one without dropout only, as that of a
	// method that solves the inner problem: there is no solution if every inner
	// step draws anew.
	NoDropout bool
	// NeedsSupport says that ordinary batches are refused.
	NeedsSupport bool
	// Softmax says that the head must be a linear softmax: the toy model then tells
	// classes apart.
	Softmax bool
}

// Run checks a plugin under its defaults, as changed by configure (which may be
// nil). K is the plugin's configuration.
func Run[K any](t *testing.T, plugin meta.Plugin, configure func(*K), claims Claims) {
	t.Helper()
	config, ok := plugin.New().(*K)
	if !ok {
		t.Fatalf("the configuration of %q is a %T, not a %T", plugin.Name, plugin.New(), config)
	}
	if configure != nil {
		configure(config)
	}
	for _, err := range Check(plugin, config, claims) {
		t.Error(err)
	}
}

// Check returns what is wrong with a plugin under a configuration made by New.
func Check(plugin meta.Plugin, config any, claims Claims) []error {
	var problems []error
	if _, err := schema.Of(plugin.New()); err != nil {
		problems = append(problems, err)
	}
	trace := func(spec meta.Spec) (*meta.Programs, error) { return plugin.Trace(config, spec) }
	for _, kind := range kinds {
		kind.noise = kind.noise && !claims.NoDropout
		kind.classes = claims.Softmax
		var err error
		if !kind.support && claims.NeedsSupport {
			if _, traced := trace(kind.spec(0)); traced == nil {
				err = errors.New("traced, though it is said to need a support")
			}
		} else {
			err = checkKind(kind, trace, claims)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", kind.name, err))
		}
	}
	return problems
}

func checkKind(kind toy, trace func(meta.Spec) (*meta.Programs, error), claims Claims) error {
	tr, err := newTrainer(kind, trace)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(3, 1))
	leaves := draw(r, "initial/", kind.spec(-1).Leaves)
	state, err := tr.initial(leaves)
	if err != nil {
		return err
	}
	return errors.Join(
		checkWire(tr.all, kind.spec(-1), trace), checkWire(tr.tasks[1], kind.spec(1), trace),
		checkPaths(tr),
		checkGradient(tr, state, claims),
		checkParts(kind, trace, state),
		checkEmpty(tr, state),
		checkAdaptation(tr, state),
		checkOrder(tr, state),
		checkAbsent(tr, state),
	)
}

// programs lists those that are there by name.
func programs(p *meta.Programs) map[string]*graph.Func {
	all := map[string]*graph.Func{"init": p.Init, "parameters": p.Parameters, "episode": p.Episode,
		"update": p.Update, "weighing": p.Weighing, "after": p.After, "settle": p.Settle}
	if p.Adapt != nil {
		all["start"], all["step"], all["finish"] = p.Adapt.Start, p.Adapt.Step, p.Adapt.Finish
	}
	maps.DeleteFunc(all, func(_ string, f *graph.Func) bool { return f == nil })
	return all
}

// checkWire compares programs with those of a second trace and with what comes out
// of their encoding.
func checkWire(p *meta.Programs, spec meta.Spec,
	trace func(meta.Spec) (*meta.Programs, error)) error {
	again, err := trace(spec)
	if err != nil {
		return err
	}
	m, err := wire.EncodePrograms(p)
	if err != nil {
		return err
	}
	decoded, err := wire.DecodePrograms(m, spec)
	if err != nil {
		return err
	}
	for name, f := range programs(p) {
		if err := graph.Verify(f); err != nil {
			return err
		}
		if got := programs(again)[name]; got == nil || got.String() != f.String() {
			return fmt.Errorf("%s: two traces differ: the learner must depend on nothing but its "+
				"attributes and the spec", name)
		}
		if got := programs(decoded)[name]; got == nil || got.String() != f.String() {
			return fmt.Errorf("%s: it comes back from the wire as another program", name)
		}
	}
	return nil
}

// checkPaths compares a task's states and contributions with those of all tasks.
func checkPaths(tr *trainer) error {
	list := func(p *meta.Programs) map[string]string {
		types := map[string]string{}
		for _, v := range p.Init.Signature().Results {
			types[v.Name] = v.String()
		}
		for _, r := range p.Reduced {
			types[r.Name] = fmt.Sprint(r.Value, r.Reduction)
		}
		for _, r := range p.AfterReduced {
			types["after "+r.Name] = fmt.Sprint(r.Value, r.Reduction)
		}
		return types
	}
	all := list(tr.all)
	for i, p := range tr.tasks {
		for name, of := range list(p) {
			if all[name] != of {
				return fmt.Errorf("task %d has %q, all tasks have %q: the host matches by path, so "+
					"it must not depend on which leaves there are", i, of, all[name])
			}
		}
	}
	return nil
}

// checkGradient compares the claimed gradient with central differences of the
// claimed loss, one random direction a leaf.
func checkGradient(tr *trainer, state values, claims Claims) error {
	if claims.Gradient == "" {
		return nil
	}
	const h = 1e-5
	tolerance := claims.Tolerance
	if tolerance == 0 {
		tolerance = 1e-6
	}
	loss := "contribution/" + claims.Loss
	for task, episode := range tr.maps {
		args := tr.kind.episode(5, task)
		at, err := episode.run(state, args)
		if err != nil {
			return err
		}
		if len(at[loss]) != 1 {
			return fmt.Errorf("the contribution has no scalar %q, which is claimed to be the loss",
				claims.Loss)
		}
		r := rand.New(rand.NewPCG(17, 1))
		checked := 0
		for _, field := range tr.tasks[task].Reduced {
			path, ok := strings.CutPrefix(field.Name, "contribution/"+claims.Gradient+"/")
			if !ok {
				continue
			}
			name, ok := tr.stateOf(path)
			if !ok {
				return fmt.Errorf("%s is claimed to be a gradient, but no state has the path %q",
					field.Name, path)
			}
			along := draw(r, "", []graph.Value{{Name: name, Shape: field.Shape}})[name]
			var ends [2]float64
			for i, sign := range []float64{1, -1} {
				moved := maps.Clone(state)
				moved[name] = slices.Clone(state[name])
				for k := range along {
					moved[name][k] += sign * h * along[k]
				}
				out, err := episode.run(moved, args)
				if err != nil {
					return err
				}
				ends[i] = out[loss][0]
			}
			want, got := (ends[0]-ends[1])/(2*h), 0.0
			for k, g := range at[field.Name] {
				got += g * along[k]
			}
			if !(math.Abs(got-want) <= tolerance*max(math.Abs(want), 1e-3)) {
				return fmt.Errorf("%s: the derivative along a random direction is %.9g, by central "+
					"differences of the loss %.9g", field.Name, got, want)
			}
			checked++
		}
		if checked == 0 {
			return fmt.Errorf("the contribution has no field %q, which is claimed to be the gradient",
				claims.Gradient)
		}
	}
	return nil
}

// stateOf finds what a path of the gradient is the gradient of: the state of that
// path, or the leaf of that address in the first field that has one.
func (tr *trainer) stateOf(path string) (string, bool) {
	states := tr.all.Init.Signature().Results // in the order of the fields
	for _, suffix := range []string{"state/" + path, "/" + path} {
		for _, v := range states {
			if strings.HasSuffix(v.Name, suffix) {
				return v.Name, true
			}
		}
	}
	return "", false
}

// checkParts compares the contribution of a batch with the sum of its parts'.
func checkParts(kind toy, trace func(meta.Spec) (*meta.Programs, error), state values) error {
	if kind.support {
		return nil // episodes are not cut
	}
	kind.noise = false // a part draws its own
	whole, half := kind, kind
	half.rows /= 2
	var sum values
	args := kind.episode(9, 0)
	run := func(k toy, args values) (values, error) {
		p, err := trace(k.spec(0))
		if err != nil {
			return nil, err
		}
		l, err := link(p.Episode, k.bodies(0))
		if err != nil {
			return nil, err
		}
		return l.run(state, args)
	}
	want, err := run(whole, args)
	if err != nil {
		return err
	}
	for lo := 0; lo < whole.rows; lo += half.rows {
		out, err := run(half, part(args, lo, lo+half.rows))
		if err != nil {
			return err
		}
		if sum == nil {
			sum = out
			continue
		}
		for name, data := range out {
			for i, x := range data {
				sum[name][i] += x
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		for i, x := range want[name] {
			if !(math.Abs(sum[name][i]-x) <= 1e-9*max(1, math.Abs(x))) {
				return fmt.Errorf("%s: a batch contributes %.9g, its two parts %.9g together: what "+
					"an ordinary batch contributes must be a sum over examples", name, x,
					sum[name][i])
			}
		}
	}
	return nil
}

// checkEmpty runs an episode in which no example counts.
func checkEmpty(tr *trainer, state values) error {
	args := tr.kind.episode(9, 0)
	for name, data := range args {
		if strings.HasSuffix(name, "/weight") {
			args[name] = make([]float64, len(data))
		}
	}
	out, err := tr.maps[0].run(state, args)
	if err != nil {
		return err
	}
	if err := finite(out); err != nil {
		return fmt.Errorf("an episode of padding: %w", err)
	}
	return nil
}

func finite(v values) error {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, x := range v[name] {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s has a value of %v", name, x)
			}
		}
	}
	return nil
}

// checkAdaptation runs the inner loop beyond its count, and without a step.
func checkAdaptation(tr *trainer, state values) error {
	episode := tr.kind.episode(9, 0)
	unchanged, err := tr.adapt(0, state, episode, 0)
	if err != nil {
		return err
	}
	for _, l := range tr.kind.spec(0).Leaves {
		name, ok := tr.stateOf(l.Name)
		if got := unchanged["leaf/"+l.Name]; !ok || !slices.Equal(got, state[name]) {
			return fmt.Errorf("leaf %s: without adaptation it is not what the state holds", l.Name)
		}
	}
	if tr.tasks[0].Adapt == nil {
		return nil
	}
	adapted, err := tr.adapt(0, state, episode, tr.tasks[0].Adapt.Count+2)
	if err != nil {
		return fmt.Errorf("two inner steps more than the learner takes: %w", err)
	}
	return finite(adapted)
}

// step of both tasks: two episodes of each.
func elements(kind toy) []element {
	var list []element
	for seed := range uint64(4) {
		task := int(seed) % len(names)
		list = append(list, element{task: task, args: kind.episode(20+seed, task)})
	}
	return list
}

// checkOrder runs the episodes of a step forwards and backwards.
func checkOrder(tr *trainer, state values) error {
	forward, backward := elements(tr.kind), elements(tr.kind)
	if err := errors.Join(tr.contribute(state, forward, []int{0, 1, 2, 3}),
		tr.contribute(state, backward, []int{3, 2, 1, 0})); err != nil {
		return err
	}
	spec := tr.kind.spec(-1)
	a, b := reduce(tr.all.Reduced, spec, forward), reduce(tr.all.Reduced, spec, backward)
	for name, data := range a {
		if !slices.Equal(data, b[name]) {
			return fmt.Errorf("%s depends on the order in which the episodes run", name)
		}
	}
	return nil
}

// checkAbsent trains for a step on both tasks, then for one on the first alone.
func checkAbsent(tr *trainer, state values) error {
	state, last, err := tr.step(state, elements(tr.kind), 0, meta.Weighed{})
	if err != nil {
		return fmt.Errorf("a step: %w", err)
	}
	if err := finite(state); err != nil {
		return fmt.Errorf("after a step: %w", err)
	}
	alone := elements(tr.kind)
	for i := range alone {
		alone[i] = element{task: 0, args: tr.kind.episode(40+uint64(i), 0)}
	}
	next, _, err := tr.step(state, alone, 1, last)
	if err != nil {
		return fmt.Errorf("a step without the second task: %w", err)
	}
	moved := false
	for _, name := range slices.Sorted(maps.Keys(state)) {
		same := slices.EqualFunc(state[name], next[name], func(x, y float64) bool {
			return math.Float64bits(x) == math.Float64bits(y)
		})
		absent := strings.Contains(name, "/heads/"+names[1]+"/")
		if absent && !same {
			return fmt.Errorf("%s belongs to a task that had no episode, and has changed", name)
		}
		moved = moved || !same
	}
	if !moved {
		return errors.New("a step changes nothing")
	}
	return finite(next)
}
