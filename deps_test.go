package quickstudy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "quickstudy/"

// Statement of policy.
//
// A package imports only packages of lower layers. A package that the table does not list
// fails the test: its place is decided when it is added. A row that ends in /** covers every
// package below that folder and says that they may not import each other.
var layers = []struct {
	layer    int
	packages []string
}{
	{0, []string{"framework/atomicfile", "framework/graph", "framework/philox",
		"framework/regular", "framework/schema", "framework/terminal", "framework/text/subword"}},
	{1, []string{"framework/kernel", "framework/text"}},
	{10, []string{"framework/graph/graphtest", "framework/nn", "framework/optim",
		"framework/passes", "framework/experiment", "framework/task", "framework/task/datafile",
		"framework/task/picture"}},
	{20, []string{"backbone", "framework/head", "framework/meta", "framework/exec/reference",
		"framework/sampling"}},
	{21, []string{"framework/exec"}},
	{22, []string{"framework/exec/exectest"}},
	{29, []string{"framework/plugin/proto", "framework/plugin/proto/pluginv1"}},
	{30, []string{"framework/link", "framework/plugin/wire"}},
	{40, []string{"framework/head/headtest", "framework/meta/metatest",
		"framework/task/tasktest", "framework/plugin"}},
	{41, []string{"framework/plugin/source"}},
	{42, []string{"framework/train/checkpoint/safetensors"}},
	{43, []string{"framework/train/checkpoint", "framework/train/metric", "framework/train/baseline",
		"framework/train/search"}},
	{44, []string{"framework/train/record", "framework/train/program"}},
	{45, []string{"framework/train/evaluation"}},
	{50, []string{"framework/train", "plugins/**"}},
	{51, []string{"framework/session", "framework/train/traintest"}},
	{52, []string{"framework/trial"}},
	{53, []string{"framework/affinity", "framework/bench", "framework/predict"}},
	{60, []string{"cmd/runner", "cmd/runner/runnertest", "experiments", "experiments/bits",
		"experiments/experimentstest", "tools/bench/methods", "tools/bench/sgemm",
		"tools/results"}},
}

// denied lists imports that the layers would allow.
var denied = []struct{ from, to, reason string }{
	{"plugins/**", "framework/train/**", "a plugin runs in its own process and never trains"},
	{"plugins/**", "framework/exec/**", "a plugin hands over graphs; the core runs them"},
	{"plugins/**", "framework/experiment", "a plugin sees its own block, not the file"},
	{"plugins/**", "framework/sampling", "episodes are drawn by the core"},
	{"framework/train/**", "framework/plugin/**",
		"the loop runs linked graphs, wherever they came from"},
}

// tensorUsers may import gorgonia.org/tensor; elsewhere values are nodes or plain slices.
var tensorUsers = []string{"framework/exec/**", "framework/train/**", "framework/sampling",
	"framework/task/**", "framework/plugin/wire"}

// methods are patterns of the names of published methods, beside those of the plugins of this tree.
// They belong to plugins: the core that knows one has begun to treat it differently.
var methods = []string{"protonet", "prototypical", `\banil\b`, "meta_?sgd", "pcgrad", "cagrad"}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// covers reports whether the pattern names the package; a/** covers a and all below it.
func covers(pattern, pkg string) bool {
	below, tree := strings.CutSuffix(pattern, "/**")
	return pattern == pkg || tree && (pkg == below || strings.HasPrefix(pkg, below+"/"))
}

func layerOf(pkg string) (int, bool) {
	for _, row := range layers {
		for _, pattern := range row.packages {
			if covers(pattern, pkg) {
				return row.layer, true
			}
		}
	}
	return 0, false
}

func goList(t *testing.T, args ...string) []byte {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

func TestImportsFollowLayers(t *testing.T) {
	decoder := json.NewDecoder(bytes.NewReader(goList(t, "-json", "./...")))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkg, inside := strings.CutPrefix(p.ImportPath, module)
		if !inside {
			continue // the root package holds this test alone
		}
		layer, known := layerOf(pkg)
		if !known {
			t.Errorf("%s: no layer; add it to the table in deps_test.go", pkg)
			continue
		}
		for _, path := range p.Imports {
			checkImport(t, pkg, layer, path, false)
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			checkImport(t, pkg, layer, path, true)
		}
	}
}

// checkImport reports an import that the policy forbids. A test may also import its own
// package, suites named *test, and the interpreter with its tensors to check numbers.
func checkImport(t *testing.T, pkg string, layer int, path string, test bool) {
	t.Helper()
	if path == "gorgonia.org/tensor" {
		allowed := func(pattern string) bool { return covers(pattern, pkg) }
		if !test && !slices.ContainsFunc(tensorUsers, allowed) {
			t.Errorf("%s imports %s: only %v may", pkg, path, tensorUsers)
		}
		return
	}
	to, inside := strings.CutPrefix(path, module)
	if !inside || test && (to == pkg || to == "framework/exec/reference" ||
		strings.HasSuffix(to, "test")) {
		return
	}
	if below, known := layerOf(to); known && below >= layer {
		t.Errorf("%s (layer %d) imports %s (layer %d): only lower layers may be imported",
			pkg, layer, to, below)
	}
	for _, d := range denied {
		if covers(d.from, pkg) && covers(d.to, to) {
			t.Errorf("%s imports %s: %s", pkg, to, d.reason)
		}
	}
}

func TestRunnerLinksNoPlugin(t *testing.T) {
	if _, err := os.Stat("cmd/runner"); errors.Is(err, fs.ErrNotExist) {
		return // nothing is linked yet
	}
	for path := range strings.FieldsSeq(string(goList(t, "-deps", "./cmd/runner"))) {
		if strings.HasPrefix(path, module+"plugins/") {
			t.Errorf("cmd/runner links %s: plugins are programs of their own", path)
		}
	}
}

func TestCoreNamesNoMethod(t *testing.T) {
	patterns := slices.Clone(methods)
	bundled, err := os.ReadDir("plugins/metalearners")
	if err != nil || len(bundled) == 0 {
		t.Fatalf("no meta-learners: %v", err)
	}
	for _, folder := range bundled {
		patterns = append(patterns, `\b`+folder.Name())
	}
	method := regexp.MustCompile("(?i)" + strings.Join(patterns, "|"))
	for _, root := range []string{"framework", "backbone", "cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && path == root {
				return nil
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				var text string
				switch n := n.(type) {
				case *ast.Ident:
					text = n.Name
				case *ast.BasicLit:
					text = n.Value
				}
				if name := method.FindString(text); name != "" {
					t.Errorf("%s: %q names a method; methods are plugins", files.Position(n.Pos()), name)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestNothingRunsItself: a plugin is never the runner in another role.
func TestNothingRunsItself(t *testing.T) {
	self := regexp.MustCompile(`os\.Executable|/proc/self/exe|os\.Args\[0\]`)
	for _, root := range []string{"framework", "cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == "testdata" {
				return fs.SkipDir // of programs of their own
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			if found := self.Find(content); found != nil {
				t.Errorf("%s uses %s: the runner starts the plugins of the experiment alone", path, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
