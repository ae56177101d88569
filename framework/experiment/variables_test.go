package experiment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a file into a fresh folder.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// small is a whole experiment with a hole for more, and one for the expression of its steps.
func small(more, steps string) string {
	return `plugins {
  task "sinusoid" { source = "sinusoid" }
  head "regression" { source = "regression" }
  metalearner "maml" { source = "maml" }
}
` + more + `
experiment "small" {
  backbone "transformer" {
    layers = 1
    width  = 4
    heads  = 2
    input "numeric" {}
  }
  head "regression" "value" {}
  task "sinusoid" "sines" {
    inputs { numeric = "x" }
    predict "value" {
      head   = head.value
      target = "y"
    }
  }
  metalearner "maml" { inner_lr = 0.1 }
  train { steps = ` + steps + ` }
}
`
}

func TestVariables(t *testing.T) {
	file := write(t, "set.hcl", "n = 30\n")
	wrong := write(t, "wrong.hcl", "m = 30\n")
	number := "variable \"n\" {\n  type = number\n  default = 10\n}\n"
	tests := []struct {
		name     string
		declared string
		options  Options
		want     int    // steps
		err      string // a part of the diagnostics
	}{
		{"default", number, Options{}, 10, ""},
		{"environment", number, Options{Env: []string{"HOME=/", "RUNNER_VAR_n=20"}}, 20, ""},
		{"file over environment", number, Options{Env: []string{"RUNNER_VAR_n=20"},
			VarFiles: []string{file}}, 30, ""},
		{"flag over file", number, Options{VarFiles: []string{file}, Vars: []string{"n=40"}}, 40, ""},
		{"last flag", number, Options{Vars: []string{"n=40", "n = 50"}}, 50, ""},
		{"expression", number, Options{Vars: []string{"n=3 * 4"}}, 12, ""},
		{"no type", "variable \"n\" {}\n", Options{Vars: []string{"n=7"}}, 7, ""},
		{"type of the default", "variable \"n\" { default = 1 }\n", Options{Vars: []string{"n=x"}}, 0,
			`"n" must be a number, got "x"`},
		{"unknown flag", number, Options{Vars: []string{"nn=1"}}, 0, `Did you mean "n"?`},
		{"unknown in file", number, Options{VarFiles: []string{wrong}}, 0,
			`There is no variable "m". Did you mean "n"?`},
		{"unknown in environment", number, Options{Env: []string{"RUNNER_VAR_x=1"}}, 10, ""},
		{"flag without value", number, Options{Vars: []string{"n"}}, 0, "expected name=value"},
		{"text for a number", number, Options{Vars: []string{"n=many"}}, 0, "<-var n> line 1"},
		{"quoted number", number, Options{Vars: []string{`n="5"`}}, 0, `must be a number, got "5"`},
		{"references", number, Options{Vars: []string{"n=var.n"}}, 0, "must be a number"},
		{"missing file", number, Options{VarFiles: []string{"testdata/absent.hcl"}}, 0, "absent.hcl"},
		{"folder for a file", number, Options{VarFiles: []string{"testdata"}}, 0, "no regular file"},
		{"references in default", "variable \"n\" { default = var.m }\n", Options{}, 0,
			`There is no "var" here`},
		{"wrong type", "variable \"n\" { type = numbr }\n", Options{}, 0, "numbr"},
		{"object", "variable \"n\" {\n  type = object({a = number, b = optional(number, 3)})\n" +
			"  default = { a = 1 }\n}\n", Options{}, 0, "must be a whole number, got an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "small.hcl", small(tt.declared, "var.n"))
			file, exp, diags := loadAll(t, path, tt.options)
			text := rendered(t, diags, file)
			switch {
			case tt.err == "" && (diags.HasErrors() || exp == nil):
				t.Errorf("%s", text)
			case tt.err == "" && exp.Train.Steps != tt.want:
				t.Errorf("%d steps, want %d", exp.Train.Steps, tt.want)
			case tt.err != "" && (!diags.HasErrors() || !strings.Contains(text, tt.err)):
				t.Errorf("diagnostics\n%s\nwant %q", text, tt.err)
			}
		})
	}
}

func TestStringVariableTakesTextAsItIs(t *testing.T) {
	path := write(t, "small.hcl", strings.Replace(small(`variable "d" { default = "x" }`, "1"),
		"backbone", "description = var.d\n  backbone", 1))
	for _, text := range []string{"plain text", "5", `"quoted"`, "${", "[1]"} {
		_, exp := mustLoad(t, path, Options{Vars: []string{"d=" + text}})
		if exp.Description != text {
			t.Errorf("got %q, want %q", exp.Description, text)
		}
	}
}

func TestExpressions(t *testing.T) {
	tests := []struct {
		more, steps string
		want        int
	}{
		{"", "pow(2, 3)", 8},
		{"", "max(1, 2) + min(3, 4)", 5},
		{"", "length(concat([1], [2, 3]))", 3},
		{"", "length([for x in range(4) : x if x > 1])", 2},
		{"", "strlen(join(\"-\", [\"a\", \"bc\"]))", 4},
		{"", "length(replace(\"aXa\", \"X\", \"yy\"))", 0}, // length is not for strings
		{"", "true ? 3 : 4", 3},
		{"", "strlen(\"" + strings.Repeat("%{ for i in [1] }x%{ endfor }", 6) + "\")", 6},
		{"", "strlen(\"" + strings.Repeat("%{ if true }x%{ else }yy%{ endif }", 70) + "\")", 70},
		{"", "tonumber(\"6\")", 6},
		{"", "lookup({ a = 7 }, \"a\", 1)", 7},
		{"locals {\n  c = local.b + local.a\n  b = local.a * 2\n}\nlocals { a = 3 }", "local.c", 9},
		{"locals { m = { k = [1, { d = 5 }] } }", "local.m.k[1].d", 5},
	}
	for _, tt := range tests {
		t.Run(tt.steps, func(t *testing.T) {
			path := write(t, "small.hcl", small(tt.more, tt.steps))
			file, exp, diags := loadAll(t, path, Options{})
			switch {
			case tt.want == 0 && !diags.HasErrors():
				t.Error("no error")
			case tt.want != 0 && exp == nil:
				t.Error(rendered(t, diags, file))
			case tt.want != 0 && exp.Train.Steps != tt.want:
				t.Errorf("%d, want %d", exp.Train.Steps, tt.want)
			}
		})
	}
}

func TestSources(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "small.hcl")
	tests := []struct {
		source, want string
		lookup       bool
	}{
		{"classification", "classification", true},
		{"v1.2", "v1.2", true},
		{"./head", folder + "/head", false},
		{"../head", filepath.Dir(folder) + "/head", false},
		{"heads/one", folder + "/heads/one", false},
		{"/bin/head", "/bin/head", false},
		{".", folder, false},
	}
	for _, tt := range tests {
		text := strings.Replace(small("", "1"), `source = "regression"`, `source = "`+tt.source+`"`, 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, _ := mustLoad(t, path, Options{})
		p := file.Plugins()[1]
		if p.Source != tt.want || p.Lookup != tt.lookup {
			t.Errorf("%s: got %s, lookup %v; want %s, %v", tt.source, p.Source, p.Lookup, tt.want,
				tt.lookup)
		}
	}
}
