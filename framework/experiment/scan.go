package experiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits on a source file, far above what an experiment needs. HCL's parser, evaluator and
// formatter recurse with the depth of their input and have no limits of their own: 160 kB of "("
// overflow the stack, which no Go program survives, and 21 bytes ("x${1e10000000}") cost minutes.
const (
	maxFileBytes = 256 << 10 // of which every byte may be a token of some 400 bytes of memory
	maxTokens    = 30_000    // some 10 kB of memory each, in a chain of splats
	maxNesting   = 64        // of brackets, blocks and templates; also of ! and - in a row
	maxFor       = 4         // for expressions within each other
	maxExponent  = 400       // of a number
	maxDigits    = 1000
	maxSyntax    = 10 // mistakes that are told
)

// scan refuses sources that are over the limits. It looks at tokens alone: the lexer does not
// recurse.
func scan(src []byte, filename string, start hcl.Pos) hcl.Diagnostics {
	whole := hcl.Range{Filename: filename, Start: start, End: start}
	if len(src) > maxFileBytes {
		return refused(whole, "The file has %d bytes, more than %d.", len(src), maxFileBytes)
	}
	tokens, diags := hclsyntax.LexConfig(src, filename, start)
	if diags.HasErrors() {
		return few(coded(diags, CodeSyntax))
	}
	if len(tokens) > maxTokens {
		return refused(tokens[maxTokens].Range, "The file has %d tokens, more than %d.", len(tokens),
			maxTokens)
	}
	n := nesting{}
	for i, token := range tokens {
		if message := n.see(tokens, i); message != "" {
			return refused(token.Range, "%s", message)
		}
	}
	return nil
}

// few leaves the first mistakes of syntax: those behind may follow from them, and a file that is
// none of ours has one in every character.
func few(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(diags) <= maxSyntax {
		return diags
	}
	more := len(diags) - maxSyntax
	last := *diags[maxSyntax-1]
	last.Detail += fmt.Sprintf(" There are %d more mistakes of syntax.", more)
	return append(slices.Clone(diags[:maxSyntax-1]), &last)
}

func refused(at hcl.Range, format string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{Diagnostic(CodeLimit, "Too much for an experiment file",
		fmt.Sprintf(format, args...), at)}
}

// nesting follows how deep the tokens are in constructs that make the parser recurse.
type nesting struct {
	isFor     []bool // open brackets, and whether each belongs to a for expression
	fors      int
	unary     int // ! and - in a row
	templates int // %{ if } and %{ for } not yet ended
}

func (n *nesting) see(tokens hclsyntax.Tokens, i int) string {
	token := tokens[i]
	switch token.Type {
	case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace,
		hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl:
		isFor := keywordAfter(tokens, i) == "for"
		if isFor {
			n.fors++
		}
		n.isFor = append(n.isFor, isFor && token.Type != hclsyntax.TokenTemplateControl)
		if token.Type == hclsyntax.TokenTemplateControl {
			n.template(keywordAfter(tokens, i))
		}
	case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		if last := len(n.isFor) - 1; last >= 0 {
			if n.isFor[last] {
				n.fors--
			}
			n.isFor = n.isFor[:last]
		}
	case hclsyntax.TokenNumberLit:
		return checkNumber(string(token.Bytes))
	}
	switch token.Type {
	case hclsyntax.TokenBang, hclsyntax.TokenMinus:
		n.unary++
	case hclsyntax.TokenNewline, hclsyntax.TokenComment:
	default:
		n.unary = 0
	}
	switch {
	case len(n.isFor)+n.templates > maxNesting:
		return fmt.Sprintf("Brackets, blocks and templates nest deeper than %d.", maxNesting)
	case n.unary > maxNesting:
		return fmt.Sprintf("More than %d operators ! and - in a row.", maxNesting)
	case n.fors > maxFor:
		return fmt.Sprintf("More than %d for expressions within each other.", maxFor)
	}
	return ""
}

// template counts the directives of a string template, which nest without brackets.
func (n *nesting) template(keyword string) {
	switch keyword {
	case "if", "for":
		n.templates++
	case "endif":
		n.templates = max(0, n.templates-1)
	case "endfor":
		n.templates = max(0, n.templates-1)
		n.fors = max(0, n.fors-1)
	}
}

// keywordAfter returns the identifier that follows an opening bracket, past newlines and comments.
func keywordAfter(tokens hclsyntax.Tokens, i int) string {
	for _, t := range tokens[i+1:] {
		switch t.Type {
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			continue
		case hclsyntax.TokenIdent:
			return string(t.Bytes)
		}
		break
	}
	return ""
}

func checkNumber(literal string) string {
	if len(literal) > maxDigits {
		return fmt.Sprintf("A number has %d digits, more than %d.", len(literal), maxDigits)
	}
	at := strings.IndexAny(literal, "eE")
	if at < 0 {
		return ""
	}
	exponent, err := strconv.Atoi(literal[at+1:])
	if err != nil || slices.Max([]int{exponent, -exponent}) > maxExponent {
		return fmt.Sprintf("The exponent of %.20s is beyond %d.", literal, maxExponent)
	}
	return ""
}
