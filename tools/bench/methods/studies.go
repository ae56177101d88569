package main

import (
	"regexp"
	"strings"
)

const title = "## What a step costs"

const introduction = `
Measured by ` + "`runner bench`" + `: the median of steps, relative to the plain method's just
before, and the most memory that was resident, relative to it. The first table is of W1 (five-way
five-shot episodes of 32 tokens, 2 layers of width 64, four episodes a step; five inner steps unless
a method's own default is another), the second of W2 (three tasks, 32 sequences of 128 tokens
each, 4 layers of width 256), where three gradients that are kept apart and what is made of
them may cost 1 + 0.15 T = 1.45 times the fixed weights. The third is the arena of a worker on
W1, with the inner steps kept or computed again.
`

// method is a variant of a workload.
type method struct {
	name, title string
	plugin      string // of the meta-learner
	attributes  string // of its block, lines of HCL
	head        string // another head; "": the workload's
	backbone    string // what is added to the backbone
	noOptimizer bool
}

// study compares methods on a workload.
type study struct {
	file, head string
	base       method
	methods    []method
}

var fomaml = method{name: "fomaml", title: "FOMAML", plugin: "maml",
	attributes: "inner_steps = 5\ninner_lr = 0.01\nfirst_order = true"}

var adapting = study{file: "experiments/bench/w1-maml.hcl", head: "W1, against FOMAML",
	base: fomaml,
	methods: []method{
		{name: "maml", title: "MAML", plugin: "maml", attributes: "inner_steps = 5\ninner_lr = 0.01"},
		fomaml,
		{name: "truncated", title: "truncated MAML, 2 of 5", plugin: "maml",
			attributes: "inner_steps = 5\ninner_lr = 0.01\nbackprop_steps = 2"},
		{name: "adam", title: "MAML with Adam", plugin: "maml",
			attributes: "inner_steps = 5\ninner_lr = 0.01\ninner_optimizer = \"adam\""},
		{name: "anil", title: "ANIL", plugin: "maml",
			attributes: "inner_steps = 5\ninner_lr = 0.01\nadapt = [\"heads/**\"]"},
		{name: "boil", title: "BOIL", plugin: "maml",
			attributes: "inner_steps = 5\ninner_lr = 0.01\nadapt = [\"backbone/**\"]"},
		{name: "meta-sgd", title: "Meta-SGD", plugin: "meta-sgd",
			attributes: "inner_steps = 5\ninner_lr = 0.01"},
		{name: "maml-plus-plus", title: "MAML++", plugin: "maml-plus-plus",
			attributes: "inner_steps = 5\ninner_lr = 0.01"},
		{name: "cavia", title: "CAVIA, norms", plugin: "cavia",
			attributes: "inner_steps = 5\ninner_lr = 0.5",
			backbone:   "    adapter \"norm\" { on = \"layers/*/norm*\" }\n"},
		{name: "imaml", title: "iMAML, 16 steps, 5 products", plugin: "imaml",
			attributes: "inner_steps = 16\ninner_lr = 0.01\nlambda = 2\ncg_steps = 5"},
		{name: "proto-maml", title: "Proto-MAML", plugin: "proto-maml",
			attributes: "inner_steps = 5\ninner_lr = 0.01"},
		{name: "reptile", title: "Reptile", plugin: "reptile", noOptimizer: true,
			attributes: "inner_steps = 5\ninner_lr = 0.01\nepsilon = 0.1"},
		{name: "protonet", title: "ProtoNet", plugin: "mtl", head: "prototypical"},
		{name: "matching", title: "MatchingNet", plugin: "mtl", head: "matching"},
		{name: "in-context", title: "in-context, 2 layers", plugin: "mtl", head: "in-context"},
		{name: "finetune", title: "pre-training", plugin: "finetune"},
	}}

var fixed = method{name: "fixed", title: "fixed", plugin: "mtl"}

var weighting = study{file: "experiments/bench/w2-mtl.hcl", head: "W2, against fixed weights",
	base: fixed, methods: append([]method{fixed}, weightings()...)}

var studies = []study{adapting, weighting}

// weightings are those of mtl that are not fixed.
func weightings() []method {
	var all []method
	for _, name := range []string{"uncertainty", "dwa", "rlw", "gls", "gradnorm", "pcgrad", "gradvac",
		"cagrad", "mgda", "imtl", "nash_mtl", "aligned_mtl", "famo", "fairgrad"} {
		all = append(all, method{name: name, title: "`" + name + "`", plugin: "mtl",
			attributes: "weighting = \"" + name + "\""})
	}
	return all
}

var (
	source  = regexp.MustCompile(`metalearner "[^"]*" \{ source = "[^"]*" \}`)
	block   = regexp.MustCompile(`(?ms)^  metalearner "[^"]*" \{$.*?^  \}$`)
	oneHead = regexp.MustCompile(`head "classification" (\{ source = "[^"]*" \}|"class" \{\})`)
)

// variant puts a method in the place of a workload's.
func (s study) variant(text string, m method) string {
	text = source.ReplaceAllLiteralString(text,
		`metalearner "`+m.plugin+`" { source = "../../plugins/metalearners/`+m.plugin+`" }`)
	lines := m.attributes
	if !m.noOptimizer {
		lines += "\noptimizer \"adam\" { learning_rate = 1e-3 }"
	}
	text = block.ReplaceAllLiteralString(text, `  metalearner "`+m.plugin+"\" {\n"+
		strings.TrimSpace(lines)+"\n  }")
	if m.head != "" {
		text = oneHead.ReplaceAllStringFunc(text, func(old string) string {
			if strings.HasSuffix(old, `"class" {}`) {
				return `head "` + m.head + `" "class" {}`
			}
			return `head "` + m.head + `" { source = "../../plugins/heads/` + m.head + `" }`
		})
	}
	return strings.Replace(text, "    input \"tokens\" {", m.backbone+"    input \"tokens\" {", 1)
}
