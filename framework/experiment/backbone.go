package experiment

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"quickstudy/framework/schema"
)

var backboneRules = blockRules{
	"input":   {labels: []string{"name"}, required: true, many: true},
	"adapter": {labels: []string{"kind"}, many: true},
	"experts": {},
}

// A tokensInput is a block input "tokens", a numericInput one input "numeric".
type tokensInput struct {
	Tokenizer string `config:"tokenizer,required" doc:"a reference such as tokenizer.main"`
	MaxLength int    `config:"max_length,required" doc:"most tokens in a sequence" min:"1"`
	Truncate  bool   `config:"truncate" doc:"cut longer sequences instead of refusing them"`
}

type numericInput struct {
	Features  int  `config:"features" doc:"numbers at each position" min:"1"`
	MaxLength int  `config:"max_length" doc:"most positions in a sequence" min:"1"`
	Truncate  bool `config:"truncate" doc:"cut longer sequences instead of refusing them"`
}

func (l *loader) backbone(b *hclsyntax.Block) {
	const transformer = "transformer"
	if b.Labels[0] != transformer {
		l.report(schema.CodeChoice, "Unknown backbone", fmt.Sprintf("The backbone must be %q, got "+
			"%q.", transformer, b.Labels[0]), b.LabelRanges[0])
	}
	back := defaults.backbone
	back.Name, back.Range = b.Labels[0], b.DefRange()
	before := len(l.diags)
	found := l.read(b, &back, backboneRules)
	understood := len(l.diags) == before
	if back.MLP == 0 && back.Kind != kindMLP {
		back.MLP = 4 * back.Width
	}
	for _, i := range found["input"] {
		l.input(i, &back)
	}
	for _, a := range found["adapter"] {
		if one := l.adapter(a); one.Per != perNone {
			back.Adapters = append(back.Adapters, one)
		}
	}
	for _, e := range found["experts"] {
		back.Experts = l.experts(e)
	}
	l.checkHeads(b, back, understood)
	l.checkBackbone(b, back)
	l.file.exp.Backbone = back
}

// checkHeads reports that there are none where attention needs them. What was not
// understood may have been meant as heads.
func (l *loader) checkHeads(b *hclsyntax.Block, back Backbone, understood bool) {
	switch given := b.Body.Attributes["heads"] != nil; {
	case back.Kind == kindMLP || back.Heads > 0 || !understood:
	case given:
		l.report(schema.CodeRange, "Out of range", "heads must be at least 1, got 0.",
			attributeRange(b, "heads"))
	default:
		l.report(schema.CodeMissing, "Missing attribute", `"heads" must be given: attention heads; `+
			"divides width.", b.DefRange())
	}
}

// checkBackbone reports values that are right alone and do not go together.
func (l *loader) checkBackbone(b *hclsyntax.Block, back Backbone) {
	if back.Kind == kindMLP {
		l.checkMLP(b, back)
		return
	}
	if back.Heads > 0 && back.Width%back.Heads != 0 {
		l.report(CodeConflict, "Heads do not divide width", fmt.Sprintf("width %d is not a multiple "+
			"of heads %d.", back.Width, back.Heads), attributeRange(b, "heads"))
		return
	}
	if back.Positions == "rotary" && back.Heads > 0 && back.Width/back.Heads%2 != 0 {
		l.report(CodeConflict, "Odd width of a head", fmt.Sprintf("Rotary positions turn pairs of "+
			"numbers, so that width / heads must be even; width %d and heads %d make it %d.",
			back.Width, back.Heads, back.Width/back.Heads), attributeRange(b, "positions"))
	}
	if back.Positions == "sinusoidal" && back.Width%2 != 0 {
		l.report(CodeConflict, "Odd width", fmt.Sprintf("Sinusoidal positions are pairs of sine and "+
			"cosine, so that width must be even, got %d.", back.Width), attributeRange(b, "positions"))
	}
	if back.Kind == "decoder" && back.Pooling == "first" {
		l.report(CodeConflict, "Pooling sees one token", "The first position of a decoder sees "+
			"itself alone; pool by \"mean\" or \"last\".", attributeRange(b, "pooling"))
	}
}

const kindMLP = "mlp" // the backbone without attention

// notMLP are the attributes that it does not have.
var notMLP = []string{"heads", "mlp", "norm", "norm_order"}

// checkMLP reports what an mlp does not have.
func (l *loader) checkMLP(b *hclsyntax.Block, back Backbone) {
	for _, name := range notMLP {
		if b.Body.Attributes[name] != nil {
			l.report(CodeConflict, "Not of an mlp", fmt.Sprintf("A backbone of kind \"mlp\" has no %s; "+
				"remove it.", name), attributeRange(b, name))
		}
	}
	if back.Positions != "none" {
		l.report(CodeConflict, "Not of an mlp", "A backbone of kind \"mlp\" has no positions; set "+
			"positions = \"none\".", attributeRange(b, "positions"))
	}
	if back.Activation == "swiglu" {
		l.report(CodeConflict, "Not of an mlp", "A backbone of kind \"mlp\" has activation \"relu\" or "+
			"\"gelu\".", attributeRange(b, "activation"))
	}
}

// The kinds of adapter.
const (
	adapterLoRA       = "lora"
	adapterBottleneck = "bottleneck"
	adapterNorm       = "norm"
	adapterContext    = "context"
)

func (l *loader) adapter(b *hclsyntax.Block) Adapter {
	known := []string{adapterLoRA, adapterBottleneck, adapterNorm, adapterContext}
	a := Adapter{Kind: b.Labels[0], Per: PerAll, Range: b.DefRange()}
	if !slices.Contains(known, a.Kind) {
		l.report(schema.CodeChoice, "Unknown adapter", fmt.Sprintf("There is no adapter %q.%s", a.Kind,
			schema.Hint(a.Kind, known)), b.LabelRanges[0])
		a.Kind = cmp.Or(schema.Nearest(a.Kind, known), adapterLoRA)
	}
	before := len(l.diags)
	l.read(b, &a, nil)
	if len(l.diags) > before {
		return a
	}
	for _, attribute := range []struct {
		name  string
		kinds []string // that have it
		must  bool
	}{
		{"rank", []string{adapterLoRA, adapterBottleneck, adapterContext}, true},
		{"scale", []string{adapterLoRA}, false},
	} {
		given := b.Body.Attributes[attribute.name] != nil
		switch has := slices.Contains(attribute.kinds, a.Kind); {
		case given && !has:
			l.report(CodeConflict, "Unused attribute", fmt.Sprintf("An adapter %q has no %s.", a.Kind,
				attribute.name), attributeRange(b, attribute.name))
		case has && attribute.must && !given:
			l.report(schema.CodeMissing, "Missing attribute", fmt.Sprintf("An adapter %q needs the "+
				"attribute %q.", a.Kind, attribute.name), b.DefRange())
		}
	}
	if a.Kind == adapterLoRA && a.Scale == 0 {
		a.Scale = float64(a.Rank)
	}
	return a
}

// experts returns nil where there are to be none.
func (l *loader) experts(b *hclsyntax.Block) *Experts {
	e, before := &Experts{Per: PerTask, Range: b.DefRange()}, len(l.diags)
	l.read(b, e, nil)
	if e.Count == 1 {
		l.report(schema.CodeRange, "Number out of range", "count must be 0 or at least 2, got 1: one "+
			"expert leaves nothing to mix.", attributeRange(b, "count"))
	}
	if e.Count == 0 && len(l.diags) == before {
		return nil
	}
	return e
}

func (l *loader) input(b *hclsyntax.Block, back *Backbone) {
	known := []string{InputTokens, InputNumeric, InputImage}
	in := Input{Name: b.Labels[0], Range: b.DefRange()}
	exists := func(other Input) bool { return other.Name == in.Name }
	if l.duplicate(slices.ContainsFunc(back.Inputs, exists), b) {
		return
	}
	switch in.Name {
	case InputTokens:
		tokens := defaults.tokens
		l.read(b, &tokens, nil)
		in.Tokenizer, in.MaxLength, in.Truncate = tokens.Tokenizer, tokens.MaxLength, tokens.Truncate
	case InputNumeric:
		numeric := defaults.numeric
		l.read(b, &numeric, nil)
		in.Features, in.MaxLength, in.Truncate = numeric.Features, numeric.MaxLength, numeric.Truncate
	case InputImage:
		image, before := defaults.image, len(l.diags)
		l.read(b, &image, nil)
		if len(l.diags) > before {
			return
		}
		if image.Height%image.Patch != 0 || image.Width%image.Patch != 0 {
			l.report(CodeConflict, "Patches do not divide the image", fmt.Sprintf("Images of %d x %d "+
				"pixels do not divide into patches of %[3]d x %[3]d.", image.Height, image.Width, image.Patch),
				attributeRange(b, "patch"))
			return
		}
		in.Image, in.MaxLength = &image, image.Positions()
	default:
		l.report(schema.CodeChoice, "Unknown input", fmt.Sprintf("There is no input %q.%s", in.Name,
			schema.Hint(in.Name, known)), b.LabelRanges[0])
		in.Name = cmp.Or(schema.Nearest(in.Name, known), in.Name) // one message for one typo
	}
	back.Inputs = append(back.Inputs, in)
}
