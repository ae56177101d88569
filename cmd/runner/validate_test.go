package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/session"
)

// TestValidateJSONStatus: for machines a failure has the code and the status that it
// has for people.
func TestValidateJSONStatus(t *testing.T) {
	invalid := hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Wrong", "", hcl.Range{})}
	crashed := fmt.Errorf("row: %w", &plugin.Error{Kind: "head", Name: "x", Reason: "it crashed"})
	for _, test := range []struct {
		name    string
		diags   hcl.Diagnostics
		failure error
		status  int
		codes   []string
	}{
		{"valid", nil, nil, 0, nil},
		{"a plugin", nil, crashed, statusPlugin, []string{"plugin-failed"}},
		{"anything else", nil, errors.New("read plugins.lock: permission denied"), statusFailed,
			[]string{"failed"}},
		{"the file too", invalid, crashed, statusInvalid,
			[]string{string(experiment.CodeFile), "plugin-failed"}},
	} {
		var out bytes.Buffer
		c := &console{stdout: &out, screen: &screen{}}
		err := (&validation{session: &session.Session{}, diags: test.diags}).printJSON(c, test.failure)
		var quiet quietError
		errors.As(err, &quiet)
		if quiet.status != test.status || (err == nil) != (test.status == 0) {
			t.Errorf("%s: %v, want status %d", test.name, err, test.status)
		}
		var report validationReport
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, d := range report.Diagnostics {
			codes = append(codes, string(d.Code))
		}
		if fmt.Sprint(codes) != fmt.Sprint(test.codes) {
			t.Errorf("%s: codes %q, want %q", test.name, codes, test.codes)
		}
	}
}

// TestNothingReachesTheTerminal: what a file or a run's folder holds is shown, and does nothing.
func TestNothingReachesTheTerminal(t *testing.T) {
	good := string(read(t, "testdata", "waves.hcl"))
	for name, text := range map[string]string{
		"syntax": "# \x1b[31m\nx = \"\x1b[31m\n",
		"source": strings.Replace(good, `source = "`, `source = "\u001b[31m/`, 1),
		"bare":   strings.Replace(good, `source = "../../..`, `source = "\u001b[31m`, 1),
		"path":   strings.Replace(good, `experiment "waves"`, `experiment "\u202ewaves"`, 1),
	} {
		path := filepath.Join(t.TempDir(), "x\x1b[31m.hcl")
		write(t, path, text)
		out, errs, status := execute(t, "runner validate "+path)
		if status == 0 || strings.ContainsAny(out+errs, "\x1b\u202e") {
			t.Errorf("%s: status %d: %q", name, status, out+errs)
		}
	}
	dir := finished(t, t.TempDir(), "run", "waves.hcl")
	info := strings.Replace(string(read(t, dir, "run.json")), `"arithmetic": "`,
		`"arithmetic": "\u001b[31m`, 1)
	if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(info), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, status := execute(t, "runner runs show "+dir)
	if status != 0 || !strings.Contains(out, "[31m") || strings.Contains(out+errs, "\x1b") {
		t.Errorf("a run: status %d: %q", status, out+errs)
	}
}
