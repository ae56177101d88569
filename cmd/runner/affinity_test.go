package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/affinity"
)

const planted = "../../experiments/affinity_planted.hcl"

// TestAffinity finds the groups that are planted, with the same report whatever the number
// of workers, printed and in its file.
func TestAffinity(t *testing.T) {
	var before []byte
	for _, workers := range []string{"1", "2"} {
		root := t.TempDir()
		out := affinityOf(t, root, "-transfer", "-steps=200", "-seeds=2", "-workers="+workers)
		stored, err := os.ReadFile(filepath.Join(root, "affinity", "affinity-planted.json"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, stored) {
			t.Errorf("printed\n%s\nand stored\n%s", out, stored)
		}
		if before != nil && !bytes.Equal(out, before) {
			t.Errorf("with %s workers\n%s\nwith 1\n%s", workers, out, before)
		}
		before = out
	}
	r := reportOf(t, before)
	want := [][]int{{0, 2}, {1, 3}} // north and south, east and west
	matrices := map[string]*affinity.Matrix{"look-ahead": &r.LookAhead, "transfer": r.Transfer}
	for name, m := range matrices {
		if diff := cmp.Diff(want, m.Groupings[m.Proposed].Groups); diff != "" {
			t.Errorf("%s: groups (-planted +proposed)\n%s", name, diff)
		}
	}
}

// TestLookAheadIsGradients: a small step for task i takes α gᵢ·gⱼ off the loss of j, so its
// effect on j is cos(gᵢ, gⱼ) |gᵢ| / |gⱼ| times that of j's own step.
func TestLookAheadIsGradients(t *testing.T) {
	r := reportOf(t, affinityOf(t, t.TempDir(), "-steps=1", "-rate=0.001"))
	effects, g := r.LookAhead.Effects, r.Gradients
	for i := range effects {
		for j, e := range effects[i] {
			want := float64(g.Cosines[i][j].Mean*g.Norms[i].Mean/g.Norms[j].Mean) *
				float64(effects[j][j].Mean)
			if own := math.Abs(float64(effects[j][j].Mean)); math.Abs(float64(e.Mean)-want) > 0.01*own {
				t.Errorf("of %s on %s: %v, want about %v", r.Tasks[i], r.Tasks[j], e.Mean, want)
			}
		}
	}
}

// TestAffinityOfAMixture: the steps look at all tasks, however training draws them.
func TestAffinityOfAMixture(t *testing.T) {
	path := changed(t, "\n  train {", "\n  sampling { rule = \"uniform\" }\n  train {")
	want := reportOf(t, affinityOf(t, t.TempDir(), "-steps=2"))
	got := reportOf(t, affinityOfFile(t, path, t.TempDir(), "-steps=2"))
	if diff := cmp.Diff(want.LookAhead, got.LookAhead); diff != "" {
		t.Errorf("-every task +tasks at random\n%s", diff)
	}
}

// TestAffinityOfNothing: a backbone that does not learn has no matrix of zeros, but a reason.
func TestAffinityOfNothing(t *testing.T) {
	path := changed(t, "\n  train {", "\n  freeze = [\"backbone/**\"]\n  train {")
	cmd := exec.Command(runner, "affinity", "-runs", t.TempDir(), "-steps=2", path)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 ||
		!strings.Contains(string(out), "Nothing shared is trained") {
		t.Errorf("%v, want status 3 and a diagnostic, got\n%s", err, out)
	}
}

// changed returns a file with the planted experiment in which a text is replaced.
func changed(t *testing.T, text, by string) string {
	t.Helper()
	folder, err := filepath.Abs("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	content := strings.ReplaceAll(string(read(t, filepath.Dir(planted), filepath.Base(planted))),
		`"../plugins`, `"`+filepath.ToSlash(folder))
	other := strings.Replace(content, text, by, 1)
	if other == content {
		t.Fatalf("no %q in the experiment", text)
	}
	path := filepath.Join(t.TempDir(), "changed.hcl")
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func affinityOf(t *testing.T, root string, flags ...string) []byte {
	t.Helper()
	return affinityOfFile(t, planted, root, flags...)
}

func affinityOfFile(t *testing.T, path, root string, flags ...string) []byte {
	t.Helper()
	args := append([]string{"affinity", "-json", "-runs", root}, flags...)
	cmd := exec.Command(runner, append(args, path)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return out
}

func reportOf(t *testing.T, out []byte) *affinity.Report {
	t.Helper()
	var r affinity.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return &r
}
