package experiment

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostileVariable names the file that the test binary reads instead of running tests.
const hostileVariable = "EXPERIMENT_TEST_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(hostileVariable); path != "" {
		readHostile(path)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// readHostile prints the codes of what is wrong with a file, and then whether it can be
// laid out.
func readHostile(path string) {
	file, diags := Load(path, Options{})
	if err := Render(io.Discard, diags, file.Sources(), true); err != nil {
		fmt.Println(err)
	}
	Reports(diags, file.Sources())
	for _, d := range diags {
		fmt.Print(CodeOf(d), " ")
	}
	source, _ := Read(path)
	_, diags = Format(source, path)
	fmt.Println(diags.HasErrors())
}

// TestHostileFiles loads inputs that crash or stall HCL itself, each in a process of its own.
// None may need 2 s of a processor or 200 MB.
func TestHostileFiles(t *testing.T) {
	repeat := strings.Repeat
	fors := func(n int) string { return repeat("[for i in [1, 2] : ", n) + "1" + repeat("]", n) }
	const bomb = `"x${1e10000000}"`
	grid := "[for a in range(1000) : [for b in range(1000) : [a, b, \"" + repeat("x", 90) + "\"]]]"
	tests := []struct {
		name, steps string
		code        Code // the first; "": refused or not
		layout      bool // it may be laid out all the same
	}{
		{"parentheses", repeat("(", 80_000), CodeLimit, false},
		{"brackets", repeat("[", 80_000), CodeLimit, false},
		{"braces", repeat("{", 80_000), CodeLimit, false},
		{"calls", repeat("f(", 40_000), CodeLimit, false},
		{"templates", repeat(`"${`, 20_000) + "1" + repeat(`}"`, 20_000), CodeLimit, false},
		{"template directives", `"` + repeat("%{ if true }", 8_000) + `"`, CodeLimit, false},
		{"negations", repeat("!", 90_000) + "true", CodeLimit, false},
		{"minuses", repeat("- ", 50_000) + "1", CodeLimit, false},
		{"nested blocks", "1 }\n" + repeat("a {\n", 20_000), CodeLimit, false},
		{"nested fors", fors(22), CodeLimit, false},
		{"nested template fors", `"` + repeat("%{ for i in [1, 2] }", 6) + "x" +
			repeat("%{ endfor }", 6) + `"`, CodeLimit, false},
		{"exponent", bomb, CodeLimit, false},
		{"negative exponent", "1e-10000000", CodeLimit, false},
		{"digits", repeat("9", 2_000), CodeLimit, false},
		{"many digits", repeat("9", 200_000), CodeLimit, false},
		{"no text", repeat("\x00", 250_000), CodeSyntax, false},
		{"no UTF-8", repeat("\xff", 250_000), CodeSyntax, false},
		{"dollars", repeat("$ ", 125_000), CodeSyntax, false},
		{"empty lines", repeat("\n", 250_000), CodeLimit, false},
		{"short tokens", repeat("()", 125_000), CodeLimit, false},
		{"mistakes in a long line", "[" + repeat("zz,", 9_000) + "]", CodeReference, true},
		{"syntax in a long line", repeat("\x01 ", 2_000) + repeat("x", 200_000), CodeSyntax, false},
		{"plain blocks", "1 }\n" + repeat("a \"b\" {\n  c = 1\n}\n", 1_500_000), CodeLimit, false},
		{"many blocks", "1 }\n" + repeat("a \"b\" {\n}\n", 4_000), "", false},
		{"many attributes", "1\n" + repeat("a = 1\n", 7_000), "", false},
		{"long line", `"` + repeat("é", maxFileBytes/2-1000) + `"`, "", false},
		{"fors within", "length(flatten([for a in range(1000) : [for b in range(1000) : " +
			"[for c in range(1000) : c]]]))", CodeLimit, true},
		{"objects of fors", "length(" + grid + ")", CodeLimit, true},
		{"file", `"` + repeat("x", maxFileBytes) + `"`, CodeLimit, false},
		{"tokens", "[" + repeat("1,", 60_000) + "]", CodeLimit, false},
		{"sum", "1" + repeat("+1", 60_000), CodeLimit, false},
		{"sum below the limit", "1" + repeat("+1", 14_000), "", false},
		{"conditions below the limit", repeat("true ? 1 : ", 7_000) + "1", "", false},
		{"indexes below the limit", "1" + repeat("[0]", 9_500), CodeEvaluation, false},
		{"splats below the limit", "1" + repeat("[*]", 9_500), "wrong-type", false},
		{"not functions", "length(setproduct(range(1000), range(1000)))", CodeReference, false},
		{"indent", "strlen(indent(200000000, \"\\n\"))", CodeReference, false},
		{"power", "pow(10, 1000000)", CodeEvaluation, false},
		{"format", `strlen(format("%500000000d", 1))`, "", false},
		{"join", "strlen(join(\"" + repeat("x", 100_000) + "\", range(1000)))", CodeEvaluation, false},
		{"replace", "strlen(replace(\"" + repeat("x", 10_000) + `", "x", "` + repeat("y", 10_000) +
			"\"))", CodeEvaluation, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "hostile.hcl", small("", tt.steps))
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(cmd.Environ(), hostileVariable+"="+path)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %.2000s", err, out)
			}
			state := cmd.ProcessState
			used, peak := state.UserTime()+state.SystemTime(), peakBytes(state)
			if used > 2*time.Second || peak > 200_000_000 {
				t.Errorf("took %v and %d MB", used, peak/1_000_000)
			}
			t.Logf("%v, %d MB: %s", used, peak/1_000_000, out)
			words := strings.Fields(string(out))
			if tt.code != "" && words[0] != string(tt.code) {
				t.Errorf("codes %s, want %s first", out, tt.code)
			}
			if refused := words[len(words)-1]; tt.code == CodeLimit && !tt.layout && refused != "true" {
				t.Error("Format accepts it")
			}
		})
	}
}

func TestEvaluationHasABudget(t *testing.T) {
	slow := "length([for a in range(1000) : length([for b in range(1000) : b])])"
	doubling := "locals {\n  s0 = \"" + strings.Repeat("x", 1000) + "\"\n"
	for i := range 40 {
		doubling += fmt.Sprintf("  s%d = \"${local.s%d}${local.s%d}\"\n", i+1, i, i)
	}
	tests := []struct {
		name, more, steps string
		limit             budget
		want              string
	}{
		{"time", "", slow, budget{50 * time.Millisecond, 1 << 40}, "takes longer than 50ms"},
		{"memory", doubling + "}\n", "strlen(local.s40)", budget{time.Minute, 64 << 20},
			"more than 64 MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "slow.hcl", small(tt.more, tt.steps))
			_, diags := load(path, Options{}, tt.limit)
			if len(diags) != 1 || !strings.Contains(diags[0].Detail, tt.want) ||
				diags[0].Subject.Start.Line < 5 {
				t.Errorf("diagnostics %v, want %q", diags, tt.want)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	got, diags := Format([]byte("a{\nlonger=1\nb  =  [ 1,2 ] # c\n}\n"), "x.hcl")
	want := "a {\n  longer = 1\n  b      = [1, 2] # c\n}\n"
	if diags.HasErrors() || string(got) != want {
		t.Errorf("%v\ngot  %q\nwant %q", diags, got, want)
	}
	again, _ := Format(got, "x.hcl")
	if !bytes.Equal(got, again) {
		t.Error("formatting is not stable")
	}
	if _, diags := Format([]byte("a {"), "x.hcl"); !diags.HasErrors() ||
		diags[0].Subject.Filename != "x.hcl" || CodeOf(diags[0]) != CodeSyntax {
		t.Errorf("unclosed block: %v", diags)
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.hcl")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	path := filepath.Join(f.TempDir(), "fuzz.hcl")
	table := schemas(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		file, diags := load(path, Options{}, budget{time.Second, 256 << 20})
		exp, more := file.Resolve(table)
		diags = append(diags, more...)
		var out bytes.Buffer
		if err := Render(&out, diags, file.Sources(), false); err != nil {
			t.Fatal(err)
		}
		Reports(diags, file.Sources())
		for _, d := range diags {
			if CodeOf(d) == "" {
				t.Errorf("no code: %v", d)
			}
		}
		if exp == nil {
			if !diags.HasErrors() && len(file.Plugins()) < len(file.blocks) {
				return // a plugin of the file has no schema here
			}
			return
		}
		text := Resolved(exp)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, back := mustLoad(t, path, Options{})
		if second := Resolved(back); !bytes.Equal(text, second) {
			t.Errorf("resolved twice:\n%s\n%s", text, second)
		}
	})
}
