package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/cmd/runner/runnertest"
	"quickstudy/framework/plugin/source"
)

// TestBundledLock: the lock that the runner comes with is of the plugins of this tree.
func TestBundledLock(t *testing.T) {
	builtFrom(t, moduleRoot(t))
	want, err := runnertest.Bundled(t.Context(), moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := want.Write(source.LockFile); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, bundled()); diff != "" {
		t.Errorf("%s is out of date; run go test ./cmd/runner -run BundledLock -args -update\n%s",
			source.LockFile, diff)
	}
}

// TestLookingRunsNothing: verbs that look at a file neither build nor start what it names, also
// if a lock beside it pins that. They say what they would have done; once that has been locked
// or run here they do it, until it changes.
func TestLookingRunsNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	marker := filepath.Join(folder, "it-ran")
	script := filepath.Join(folder, "head")
	evil := fmt.Sprintf("#!/bin/sh\n# %s\ntouch %s\n", folder, marker)
	write(t, script, evil)
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	// A package that cannot be compiled: a build would say so.
	write(t, filepath.Join(folder, "task", "main.go"),
		fmt.Sprintf("package main\n\n// %s\nfunc main() { undefined() }\n", folder))
	write(t, filepath.Join(folder, "task", "go.mod"), "module task\n\ngo 1.24\n")
	text := string(read(t, "testdata", "names.hcl"))
	for _, change := range [][2]string{
		{"../../../plugins/heads/classification", "./head"},
		{"../../../plugins/tasks/names", "./task"},
		{"../../../plugins/metalearners/maml",
			filepath.ToSlash(moduleRoot(t)) + "/plugins/metalearners/maml"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("names.hcl does not hold %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	path := filepath.Join(folder, "stranger.hcl")
	write(t, path, text)
	look := []string{"validate", "validate -data=false", "validate -json", "graph", "data peek",
		"plugins list"}
	refused := func(verb string, names ...string) {
		t.Helper()
		out, errs, status := execute(t, "runner "+verb+" "+path)
		if status != statusPlugin {
			t.Errorf("%s: status %d, want %d: %s%s", verb, status, statusPlugin, out, errs)
		}
		for _, want := range append(names, "nothing of it was built or started",
			"runner plugins allow "+path) {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%s: no %q in %s%s", verb, want, out, errs)
			}
		}
		if strings.Contains(out+errs, "undefined: undefined") {
			t.Errorf("%s has built the task: %s%s", verb, out, errs)
		}
		if _, err := os.Stat(marker); err == nil {
			t.Fatalf("%s has started the head", verb)
		}
	}
	run := "it would be run with your permissions: " + script
	build := "and be run with your permissions: " + filepath.Join(folder, "task")
	for _, verb := range look {
		refused(verb, run, build)
	}

	// A lock of the stranger's own, with the right digests.
	if out, errs, status := execute(t, "runner plugins verify "+path); status != statusPlugin ||
		strings.Count(out, "not locked") != 3 {
		t.Errorf("verify: status %d: %s%s", status, out, errs)
	}
	lock := source.NewLock()
	for _, request := range []source.Request{{Kind: "head", Name: "classification", Source: "./head"},
		{Kind: "task", Name: "names", Source: "./task"}} {
		request.Dir = folder
		l, err := (&source.Resolver{}).Locate(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		lock.Set(l)
	}
	if err := lock.Write(filepath.Join(folder, source.LockFile)); err != nil {
		t.Fatal(err)
	}
	refused("validate", run, build)

	// Allowing and locking build and start nothing either, and allow what is there now.
	for _, verb := range []string{"allow", "lock"} {
		if out, errs, status := execute(t, "runner plugins "+verb+" "+path); status != 0 ||
			strings.Contains(out+errs, "undefined: undefined") {
			t.Fatalf("%s: status %d: %s%s", verb, status, out, errs)
		}
		if _, errs, _ := execute(t, "runner validate "+path); !strings.Contains(errs,
			"undefined: undefined") {
			t.Errorf("allowed and not built: %s", errs)
		}
		if err := os.Remove(filepath.Join(folder, source.LockFile)); err != nil {
			t.Fatal(err)
		}
		evil += "# changed\n"
		write(t, script, evil)
		refused("validate", run)
	}
}
