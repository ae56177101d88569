package experiments_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"quickstudy/experiments/experimentstest"
	"quickstudy/framework/experiment"
)

// TestLayout: files are as runner fmt writes them, and begin with what they show.
func TestLayout(t *testing.T) {
	for _, file := range append(experimentstest.Files(t), experimentstest.Workloads(t)...) {
		src := experimentstest.Read(t, file)
		formatted, diags := experiment.Format([]byte(src), file)
		if diags.HasErrors() {
			t.Errorf("%s: %v", file, diags)
			continue
		}
		if diff := cmp.Diff(string(formatted), src); diff != "" {
			t.Errorf("%s: not as runner fmt lays it out (-want +got)\n%s", file, diff)
		}
		if !strings.HasPrefix(src, "# ") {
			t.Errorf("%s: no header that says what it shows", file)
		}
		for i, line := range strings.Split(src, "\n") {
			if len([]rune(line)) > 100 {
				t.Errorf("%s:%d: longer than 100 columns", file, i+1)
			}
		}
	}
}

// TestReadmeListsEvery experiment, and none that is not there.
func TestReadmeListsEvery(t *testing.T) {
	var listed []string
	readme := experimentstest.Read(t, "README.md")
	for _, row := range regexp.MustCompile("(?m)^\\| `.*$").FindAllString(readme, -1) {
		for _, name := range regexp.MustCompile("`([^`]+\\.hcl)`").FindAllStringSubmatch(row, -1) {
			listed = append(listed, name[1])
		}
	}
	slices.Sort(listed)
	want := append(experimentstest.Files(t), experimentstest.Workloads(t)...)
	slices.Sort(want)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the table in README.md (-want +got)\n%s", diff)
	}
}

// TestValid: the plugins build, start and take their blocks, data or not.
func TestValid(t *testing.T) {
	for _, file := range experimentstest.Files(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			args := []string{"validate", "-data=false", file}
			for _, needed := range []string{"pretrained", "metatrained", "multilingual"} {
				if experimentstest.Declares(t, file, needed) {
					args = append(args, "-var="+needed+"=a run")
				}
			}
			if out, _ := experimentstest.Execute(t, args...); out != file+" is valid.\n" {
				t.Errorf("got %q", out)
			}
		})
	}
}

// TestDifferInLearnerAlone compares what the parser makes of the files.
func TestDifferInLearnerAlone(t *testing.T) {
	for _, set := range [][]string{
		{"maml_clinc150.hcl", "fomaml_clinc150.hcl", "reptile_clinc150.hcl"},
		{"maml_sinusoid_sequence.hcl", "fomaml_sinusoid_sequence.hcl"},
		{"maml_sinusoid_points.hcl", "fomaml_sinusoid_points.hcl", "finetune_sinusoid_points.hcl"},
	} {
		first, learners := apart(t, set[0])
		all := []string{strings.Join(learners, " ")}
		for _, other := range set[1:] {
			rest, learners := apart(t, other)
			if diff := cmp.Diff(first, rest); diff != "" {
				t.Errorf("%s and %s differ in more than the meta-learner (-first +second)\n%s", set[0],
					other, diff)
			}
			all = append(all, strings.Join(learners, " "))
		}
		slices.Sort(all)
		if n := len(slices.Compact(all)); n != len(set) {
			t.Errorf("%v have %d different meta-learners", set, n)
		}
	}
}

// apart returns the tokens of an experiment without its name and its meta-learner, and
// those of the meta-learner: its block and its plugin. Comments and white space are none.
func apart(t *testing.T, path string) (rest, learners []string) {
	t.Helper()
	file, diags := hclwrite.ParseConfig([]byte(experimentstest.Read(t, path)), path, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	taken := 0
	for _, block := range file.Body().Blocks() {
		if block.Type() == "experiment" {
			block.SetLabels([]string{"any"})
		}
		for _, inner := range block.Body().Blocks() {
			if inner.Type() == "metalearner" {
				taken++
				learners = append(learners, tokens(t, inner.BuildTokens(nil).Bytes())...)
				block.Body().RemoveBlock(inner)
			}
		}
	}
	if taken != 2 {
		t.Fatalf("%s has %d metalearner blocks, want one in plugins and one in the experiment", path,
			taken)
	}
	return tokens(t, file.Bytes()), learners
}

// tokens are those of HCL that mean something.
func tokens(t *testing.T, src []byte) []string {
	t.Helper()
	lexed, diags := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var texts []string
	for _, token := range lexed {
		if token.Type != hclsyntax.TokenComment && token.Type != hclsyntax.TokenNewline {
			texts = append(texts, string(token.Bytes))
		}
	}
	return texts
}
