package quickstudy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the pages that tests compare with")

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// named is what docs/architecture.md calls `folder.Name` or `folder.Type.Method`.
var named = regexp.MustCompile(
	"`((?:backbone|cmd|framework|plugins)[\\w/-]*)\\.(\\w+)(?:\\.(\\w+))?`")

// TestArchitectureNames: what the page names is declared where it says.
func TestArchitectureNames(t *testing.T) {
	declared := map[string]map[string]bool{} // by folder
	matches := named.FindAllStringSubmatch(readFile(t, "docs/architecture.md"), -1)
	if len(matches) < 20 {
		t.Fatalf("%d names in the page", len(matches))
	}
	for _, m := range matches {
		folder, name := m[1], m[2]
		if m[3] != "" {
			name += "." + m[3]
		}
		if declared[folder] == nil {
			declared[folder] = declarations(t, folder)
		}
		if !declared[folder][name] {
			t.Errorf("docs/architecture.md: %s has no %s", folder, name)
		}
	}
}

// declarations are the functions, types and methods of a folder; a field that is a function
// counts as a method.
func declarations(t *testing.T, folder string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	paths, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					of := d.Recv.List[0].Type
					if pointer, ok := of.(*ast.StarExpr); ok {
						of = pointer.X
					}
					if identifier, ok := of.(*ast.Ident); ok {
						name = identifier.Name + "." + name
					}
				}
				found[name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						found[s.Name.Name] = true
					}
				}
			}
		}
	}
	return found
}

// licences are told by what their text holds, one after the other; of a file that holds
// several the first counts.
var licences = []struct{ name, text string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"BSD-3-Clause", `Redistribution and use in source and binary forms.*\. Neither the name`},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
	{"MIT", "Permission is hereby granted, free of charge"},
}

// TestLicences: docs/licences.md has what go.mod requires, with its licence.
func TestLicences(t *testing.T) {
	const page, mark = "docs/licences.md", "<!-- modules -->\n"
	text := readFile(t, page)
	before, table, found := strings.Cut(text, mark)
	if !found {
		t.Fatalf("%s has no %s", page, mark)
	}
	known := map[string]string{} // of the modules that are not here
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+) \| \S+ \| (\S+) \|$`).
		FindAllStringSubmatch(table, -1) {
		known[m[1]] = m[2]
	}
	var want strings.Builder
	want.WriteString("\n| module | version | licence |\n|---|---|---|\n")
	for _, m := range requirements(t) {
		licence := licenceOf(t, m)
		if licence == "" {
			licence = known[m.Path]
		}
		if licence == "" {
			t.Errorf("the licence of %s is not known, in %q", m.Path, m.Dir)
		}
		fmt.Fprintf(&want, "| %s | %s | %s |\n", m.Path, m.Version, licence)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+mark+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), table); diff != "" {
		t.Errorf("%s is out of date; run this test with -args -update (-want +got)\n%s", page, diff)
	}
}

type required struct{ Path, Version, Dir string }

// requirements are the modules that go.mod requires, in its order, with their folders if they
// were downloaded.
func requirements(t *testing.T) []required {
	t.Helper()
	line := regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`)
	var paths []string
	for _, m := range line.FindAllStringSubmatch(readFile(t, "go.mod"), -1) {
		paths = append(paths, m[1])
	}
	decoder := json.NewDecoder(strings.NewReader(
		string(goList(t, append([]string{"-m", "-json"}, paths...)...))))
	var found []required
	for decoder.More() {
		var m required
		if err := decoder.Decode(&m); err != nil {
			t.Fatal(err)
		}
		found = append(found, m)
	}
	return found
}

// licenceOf reads the licence of a module, or returns "" if the module was not downloaded.
func licenceOf(t *testing.T, m required) string {
	t.Helper()
	if m.Dir == "" {
		return ""
	}
	entries, err := fs.ReadDir(os.DirFS(m.Dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(strings.ToUpper(e.Name()), "LICEN") {
			continue
		}
		text := strings.Join(strings.Fields(readFile(t, filepath.Join(m.Dir, e.Name()))), " ")
		name, at := "", len(text)
		for _, l := range licences {
			place := regexp.MustCompile(l.text).FindStringIndex(text)
			if place != nil && place[0] < at {
				name, at = l.name, place[0]
			}
		}
		return name
	}
	return ""
}
