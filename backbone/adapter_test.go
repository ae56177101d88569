package backbone_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/nn"
)

// TestAdaptersBeginAsNothing: with the initial values of adapters every bit is that of the
// model without them, whose leaves have the same initial values.
func TestAdaptersBeginAsNothing(t *testing.T) {
	plain, adapted := small(), small()
	adapted.Adapters = adapters
	batch := plain.batch(5, 4, 2)
	run := func(m model) exectest.Values {
		parameters := exectest.Values{}
		for _, leaf := range m.leaves(t) {
			parameters[leaf.Address] = nn.InitialValue(7, leaf)
		}
		p := exectest.Compile(t, m.trace(t, nil), reference.Single)
		return p.Run(t, arguments(parameters, batch))
	}
	want, got := run(plain), run(adapted)
	for name := range want {
		sameBits(t, name, got[name], want[name])
	}
	moved := map[string]int{}
	for name, gradient := range got {
		for _, zero := range []string{"/lora/up", "/context/value"} {
			if strings.HasSuffix(name, zero) && slices.ContainsFunc(gradient, nonzero) {
				moved[zero]++
			}
		}
	}
	begun := map[string]int{"/lora/up": 7, "/context/value": 5}
	if !maps.Equal(moved, begun) {
		t.Errorf("of these leaves have a gradient: %v, want %v", moved, begun)
	}
}

func nonzero(x float64) bool { return x != 0 }

// TestAdaptersMerge: low-rank updates, context and what norms have are the model whose own
// leaves they are added to.
func TestAdaptersMerge(t *testing.T) {
	m, plain := small(), small()
	for _, a := range adapters {
		if a.Kind != "bottleneck" {
			m.Adapters = append(m.Adapters, a)
		}
	}
	batch, parameters := m.batch(5, 4, 2), m.parameters(t)
	merged := maps.Clone(parameters)
	add := func(address string, i int, x float64) {
		if &merged[address][0] == &parameters[address][0] {
			merged[address] = slices.Clone(merged[address])
		}
		merged[address][i] += x
	}
	for _, leaf := range m.leaves(t) {
		of := strings.TrimPrefix(strings.TrimPrefix(leaf.Address, "private/mine/"), "adapters/")
		switch base, name := of[:max(strings.LastIndex(of, "/"), 0)], of[strings.LastIndex(of, "/")+1:]; {
		case leaf.Task != "" && strings.HasSuffix(base, "/norm"):
			for i, x := range parameters[leaf.Address] {
				add(strings.TrimSuffix(base, "/norm")+"/"+name, i, x)
			}
		case strings.HasSuffix(base, "/context") && name == "value":
			w := parameters[strings.TrimSuffix(leaf.Address, "value")+"w"]
			out := len(w) / leaf.Shape[0]
			for i, x := range w {
				phi := parameters[leaf.Address][i/out]
				add(strings.TrimSuffix(base, "/context")+"/b", i%out, phi*x)
			}
		case strings.HasSuffix(base, "/lora") && name == "down":
			up := strings.TrimSuffix(leaf.Address, "down") + "up"
			a, b := parameters[leaf.Address], parameters[up]
			in, rank := leaf.Shape[0], leaf.Shape[1]
			factor := map[bool]float64{true: 1, false: 1.5}[leaf.Task != ""] // scale / rank
			out := len(b) / rank
			for i := range in {
				for j := range out {
					for k := range rank {
						add(strings.TrimSuffix(base, "/lora")+"/w", i*out+j, factor*a[i*rank+k]*b[k*out+j])
					}
				}
			}
		}
	}
	got := exectest.Compile(t, m.trace(t, nil), reference.Double).Run(t, arguments(parameters, batch))
	want := exectest.Compile(t, plain.trace(t, nil), reference.Double).Run(t, arguments(merged, batch))
	for _, name := range []string{"hidden", "pooled", "value", "gradient/backbone/embed/tokens"} {
		exectest.Near(t, name, got[name], want[name], 1e-12)
	}
}

// TestStepAdapted: what is written token by token has its adapters, too.
func TestStepAdapted(t *testing.T) {
	m := writer("encoder_decoder")
	variants["adapters of both"](&m)
	m.sameSteps(t)
}

// TestPrivateLeaves: what is a task's own is below private/, and of that task alone; the
// rest is of all.
func TestPrivateLeaves(t *testing.T) {
	m := small()
	m.Layers, m.Experts = 1, &backbone.Experts{Count: 2, PerTask: true}
	m.Adapters = adapters
	transformer := m.new(t)
	var private []string
	shared := map[string]bool{}
	for _, leaf := range transformer.Leaves() {
		rest, ok := strings.CutPrefix(leaf.Address, "private/mine/backbone/")
		if ok != (leaf.Task == "mine") {
			t.Errorf("%s is of task %q", leaf.Address, leaf.Task)
		}
		if ok {
			private = append(private, strings.TrimPrefix(rest, "layers/0/")+leaf.Shape.String())
		} else {
			shared[leaf.Address] = true
		}
	}
	want := []string{"norm1/norm/scale[8]", "norm1/norm/bias[8]", "attention/k/context/value[1]",
		"attention/k/context/w[1,8]", "attention/v/lora/down[8,1]", "attention/v/lora/up[1,8]",
		"attention/bottleneck/down/w[8,3]", "attention/bottleneck/down/b[3]",
		"attention/bottleneck/up/w[3,8]", "attention/bottleneck/up/b[8]", "norm2/norm/scale[8]",
		"norm2/norm/bias[8]", "mlp/in/lora/down[8,1]", "mlp/in/lora/up[1,12]",
		"mlp/bottleneck/down/w[8,3]",
		"mlp/bottleneck/down/b[3]", "mlp/bottleneck/up/w[3,8]", "mlp/bottleneck/up/b[8]",
		"experts/gate[8,2]"}
	if diff := cmp.Diff(want, private); diff != "" {
		t.Errorf("a task's own leaves (-want +got):\n%s", diff)
	}
	for _, leaf := range transformer.For("").Leaves() {
		if !shared[leaf.Address] {
			t.Errorf("%s is not among those of a task", leaf.Address)
		}
		delete(shared, leaf.Address)
	}
	if len(shared) > 0 {
		t.Errorf("without a task there are none of %v", shared)
	}
}

func TestAdapterMistakes(t *testing.T) {
	lora := backbone.Adapter{Kind: "lora", On: "layers/*/attention/q", Rank: 2, Scale: 1}
	for _, row := range []struct {
		want   string
		change func(c *backbone.Config)
	}{
		{`adapter is "prefix", want lora, bottleneck, norm or context`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "prefix"}}
		}},
		{`an adapter "lora" of rank 0, want at least 1`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "lora"}}
		}},
		{`an adapter "lora" of scale 0, want more than 0`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "lora", Rank: 1}}
		}},
		{`an adapter "context" of rank 0, want at least 1`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "context"}}
		}},
		{`an adapter "norm" of rank 2, want none`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "norm", Rank: 2}}
		}},
		{`on "attention/q", which matches nothing that it can adapt; that is layers/0/attention/q, ` +
			`layers/0/attention/k,`, func(c *backbone.Config) {
			c.Adapters = []backbone.Adapter{{Kind: "lora", On: "attention/q", Rank: 1, Scale: 1}}
		}},
		{`an adapter "norm" on "**", which matches nothing that it can adapt; that is nothing of this ` +
			"backbone", func(c *backbone.Config) {
			c.Kind, c.Heads, c.MLP, c.Positions = "mlp", 0, 0, "none"
			c.Adapters = []backbone.Adapter{{Kind: "norm", On: "**"}}
		}},
		{"two adapters \"lora\" have the parameters adapters/backbone/layers/0/attention/q/lora",
			func(c *backbone.Config) { c.Adapters = []backbone.Adapter{lora, lora} }},
		{"1 experts, want at least 2", func(c *backbone.Config) {
			c.Experts = &backbone.Experts{Count: 1}
		}},
	} {
		config := small().Config
		row.change(&config)
		if _, err := backbone.New(config); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got error %v, want %q", err, row.want)
		}
	}
}
