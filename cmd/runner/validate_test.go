package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
