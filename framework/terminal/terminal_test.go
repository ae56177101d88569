package terminal_test

import (
	"testing"

	"quickstudy/framework/terminal"
)

func TestReplaced(t *testing.T) {
	tests := []struct{ name, in, text, line string }{
		{"plain", "größer ± 1 漢", "größer ± 1 漢", "größer ± 1 漢"},
		{"escape", "\x1b[2Jred", "\ufffd[2Jred", "\ufffd[2Jred"},
		{"eight-bit escape", "a\u009b2Jb", "a\ufffd2Jb", "a\ufffd2Jb"},
		{"lines", "a\r\nb\n\tc", "a\nb\n\tc", "a\ufffd\ufffdb\ufffd c"},
		{"back to the start", "a\rb", "a\ufffdb", "a\ufffdb"},
		{"direction", "a\u202eb", "a\ufffdb", "a\ufffdb"},
		{"no UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb", "a\ufffd\ufffdb"},
	}
	for _, test := range tests {
		if got := terminal.Text(test.in); got != test.text {
			t.Errorf("%s: text %q, want %q", test.name, got, test.text)
		}
		if got := terminal.Line(test.in); got != test.line {
			t.Errorf("%s: line %q, want %q", test.name, got, test.line)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		in      string
		longest int
		want    string
	}{{"short", 5, "short"}, {"longer", 5, "longe..."}, {"aö", 2, "a..."}}
	for _, test := range tests {
		if got := terminal.Cut(test.in, test.longest); got != test.want {
			t.Errorf("cut %q to %d: %q, want %q", test.in, test.longest, got, test.want)
		}
	}
}
