package experiment

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHostileFiles loads inputs that crash or stall HCL itself. Each must be refused, and fast.
func TestHostileFiles(t *testing.T) {
	repeat := strings.Repeat
	fors := func(n int) string { return repeat("[for i in [1, 2] : ", n) + "1" + repeat("]", n) }
	const bomb = `"x${1e10000000}"`
	tests := []struct {
		name, steps string
		code        Code
	}{
		{"parentheses", repeat("(", 80_000), CodeLimit},
		{"brackets", repeat("[", 80_000), CodeLimit},
		{"braces", repeat("{", 80_000), CodeLimit},
		{"calls", repeat("f(", 40_000), CodeLimit},
		{"templates", repeat(`"${`, 20_000) + "1" + repeat(`}"`, 20_000), CodeLimit},
		{"template directives", `"` + repeat("%{ if true }", 8_000) + `"`, CodeLimit},
		{"negations", repeat("!", 90_000) + "true", CodeLimit},
		{"minuses", repeat("- ", 50_000) + "1", CodeLimit},
		{"nested blocks", "1 }\n" + repeat("a {\n", 20_000), CodeLimit},
		{"nested fors", fors(22), CodeLimit},
		{"nested template fors", `"` + repeat("%{ for i in [1, 2] }", 6) + "x" +
			repeat("%{ endfor }", 6) + `"`, CodeLimit},
		{"exponent", bomb, CodeLimit},
		{"negative exponent", "1e-10000000", CodeLimit},
		{"digits", repeat("9", 2_000), CodeLimit},
		{"file", `"` + repeat("x", maxFileBytes) + `"`, CodeLimit},
		{"tokens", "[" + repeat("1,", 60_000) + "]", CodeLimit},
		{"sum", "1" + repeat("+1", 60_000), CodeLimit},
		{"sum below the limit", "1" + repeat("+1", 45_000), ""},
		{"conditions below the limit", repeat("true ? 1 : ", 20_000) + "1", ""},
		{"indexes below the limit", "1" + repeat("[0]", 25_000), CodeEvaluation},
		{"splats below the limit", "1" + repeat("[*]", 25_000), "wrong-type"},
		{"not functions", "length(setproduct(range(1000), range(1000)))", CodeReference},
		{"indent", "strlen(indent(200000000, \"\\n\"))", CodeReference},
		{"power", "pow(10, 1000000)", CodeEvaluation},
		{"format", `strlen(format("%500000000d", 1))`, ""},
		{"join", "strlen(join(\"" + repeat("x", 100_000) + "\", range(1000)))", CodeEvaluation},
		{"replace", "strlen(replace(\"" + repeat("x", 10_000) + `", "x", "` + repeat("y", 10_000) +
			"\"))", CodeEvaluation},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "hostile.hcl", small("", tt.steps))
			start := time.Now()
			_, _, diags := loadAll(t, path, Options{})
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("took %v", d)
			}
			if tt.code == "" {
				return
			}
			if !diags.HasErrors() || CodeOf(diags[0]) != tt.code {
				t.Errorf("diagnostics %.300v, want %s", diags, tt.code)
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, diags := Format(source, path); tt.code == CodeLimit && !diags.HasErrors() {
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
