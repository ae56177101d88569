package experiment

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/terminal"
)

const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

// Render writes diagnostics for people, sorted and without repeats: the message, the source line
// with ^^^^ under the place, and the values that an expression used. Colour adds emphasis and
// nothing else. Files are those of File.Sources.
func Render(w io.Writer, diags hcl.Diagnostics, files map[string]*hcl.File, colour bool) error {
	paint := func(style, text string) string {
		if !colour {
			return text
		}
		return style + text + reset
	}
	var out bytes.Buffer
	for _, d := range Sorted(diags) {
		title, style := "Error", red
		if d.Severity == hcl.DiagWarning {
			title, style = "Warning", yellow
		}
		fmt.Fprintf(&out, "%s %s", paint(style, title+":"), paint(bold, terminal.Line(d.Summary)))
		if code := CodeOf(d); code != "" {
			fmt.Fprintf(&out, " [%s]", code)
		}
		out.WriteString("\n\n")
		if d.Subject != nil {
			s := snippetOf(d, files)
			fmt.Fprintf(&out, "  on %s line %d", terminal.Line(d.Subject.Filename),
				d.Subject.Start.Line)
			if s.context != "" {
				fmt.Fprintf(&out, ", in %s", s.context)
			}
			out.WriteString(":\n")
			if s.line != "" {
				number := fmt.Sprintf("%4d: ", d.Subject.Start.Line)
				fmt.Fprintf(&out, "%s%s\n", number, terminal.Text(s.line))
				fmt.Fprintf(&out, "%s%s\n", strings.Repeat(" ", len(number)), s.carets(paint, style))
			}
			for _, v := range s.values {
				fmt.Fprintf(&out, "      %s %s\n", v.Traversal, v.Statement)
			}
			out.WriteString("\n")
		}
		if d.Detail != "" {
			fmt.Fprintf(&out, "%s\n\n", terminal.Text(d.Detail))
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// A snippet is the source line that a diagnostic starts on.
type snippet struct {
	context    string // the block around it
	line       string
	start, end int // bytes of line that the diagnostic is about
	values     []ReportValue
}

func snippetOf(d *hcl.Diagnostic, files map[string]*hcl.File) snippet {
	s := snippet{values: valuesOf(d)}
	file := files[d.Subject.Filename]
	if file == nil {
		return s
	}
	s.context = breadcrumbs(file, d.Subject.Start.Byte)
	at := min(d.Subject.Start.Byte, len(file.Bytes))
	first := bytes.LastIndexByte(file.Bytes[:at], '\n') + 1
	line, _, _ := bytes.Cut(file.Bytes[first:], []byte{'\n'})
	s.line = strings.TrimRight(string(line), "\r\n\t ")
	s.start = min(at-first, len(s.line))
	s.end = min(max(d.Subject.End.Byte-first, s.start), len(s.line))
	s.shorten()
	return s
}

// maxSnippet is the most bytes of a source line that are shown.
const maxSnippet = 300

// shorten leaves of a long line what is around the place.
func (s *snippet) shorten() {
	if len(s.line) <= maxSnippet {
		return
	}
	whole := func(at int) int { // not within a character
		for range utf8.UTFMax - 1 {
			if at > 0 && at < len(s.line) && !utf8.RuneStart(s.line[at]) {
				at--
			}
		}
		return at
	}
	from := whole(max(0, s.start-maxSnippet/2))
	to := whole(min(len(s.line), from+maxSnippet))
	before, after := "", ""
	if from > 0 {
		before = "..."
	}
	if to < len(s.line) {
		after = "..."
	}
	s.line = before + s.line[from:to] + after
	s.start += len(before) - from
	s.end = max(s.start, min(s.end, to)+len(before)-from)
}

// breadcrumbs names the blocks around a place, without the experiment that most are in.
func breadcrumbs(file *hcl.File, offset int) string {
	body, _ := file.Body.(*hclsyntax.Body)
	var blocks []string
	for body != nil {
		var inner *hclsyntax.Body
		for _, b := range body.Blocks {
			if b.Range().ContainsOffset(offset) {
				quoted := make([]string, len(b.Labels))
				for i, label := range b.Labels {
					quoted[i] = fmt.Sprintf(" %q", label)
				}
				blocks = append(blocks, b.Type+strings.Join(quoted, ""))
				inner = b.Body
				break
			}
		}
		body = inner
	}
	if len(blocks) > 1 && strings.HasPrefix(blocks[0], "experiment") {
		blocks = blocks[1:]
	}
	return strings.Join(blocks, ", ")
}

// carets returns the line below the snippet's. Tabs are kept, so that both lines align.
func (s snippet) carets(paint func(style, text string) string, style string) string {
	blank := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s.line[:s.start])
	width := max(1, utf8.RuneCountInString(s.line[s.start:s.end]))
	return blank + paint(style, strings.Repeat("^", width))
}

// valuesOf lists what the names in a failed expression stood for.
func valuesOf(d *hcl.Diagnostic) []ReportValue {
	if d.Expression == nil || d.EvalContext == nil {
		return nil
	}
	var values []ReportValue
	seen := map[string]bool{}
	for _, traversal := range d.Expression.Variables() {
		name := traversalText(traversal)
		v, diags := traversal.TraverseAbs(d.EvalContext)
		if seen[name] || diags.HasErrors() || !v.IsKnown() {
			continue
		}
		seen[name] = true
		values = append(values, ReportValue{Traversal: name, Statement: "is " + brief(v)})
	}
	return values
}

func traversalText(traversal hcl.Traversal) string {
	var b strings.Builder
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			fmt.Fprintf(&b, "[%s]", brief(step.Key))
		}
	}
	return b.String()
}

func brief(v cty.Value) string {
	const longest = 60
	text := "..."
	switch t := v.Type(); {
	case v.IsNull():
		return "null"
	case t.IsPrimitiveType():
		text = Expression(v)
	case t.IsObjectType() || t.IsMapType():
		return fmt.Sprintf("an object of %d", v.LengthInt())
	case v.CanIterateElements():
		return fmt.Sprintf("a list of %d", v.LengthInt())
	}
	if len(text) > longest {
		return strings.ToValidUTF8(text[:longest], "") + "..."
	}
	return text
}
