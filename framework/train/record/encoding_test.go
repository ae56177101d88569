package record

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/sampling"
)

func TestEncodingsRoundTrip(t *testing.T) {
	run := create(t, t.TempDir())
	if _, err := run.Encodings(); !errors.Is(err, ErrNotYet) {
		t.Errorf("before they are written: got %v, want ErrNotYet", err)
	}
	want := []Encoding{{Task: "waves", Split: "train", Statistics: sampling.Statistics{Inputs: 6,
		Positions: 12, Padding: 3, Truncated: 2, Lost: 5, Shapes: map[string]int64{"a": 2, "b": 1}}},
		{Task: "waves", Split: "test"}}
	if err := run.WriteEncodings(want); err != nil {
		t.Fatal(err)
	}
	got, err := run.Encodings()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := got[0].String(), "waves, train: 6 inputs in 2 shapes, 25.0 % padding, "+
		"2 truncated, 5 tokens lost"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Encoding{Task: "a\x1b[2J"}).String(); got[:1] != "a" || got[1] == 0x1b {
		t.Errorf("control characters of a name reach the terminal: %q", got)
	}
}

func TestEncodingsRefuses(t *testing.T) {
	run := create(t, t.TempDir())
	for _, test := range []struct{ content, want string }{
		{`{"format":1,"data":[{"task":"waves"}]}`, `data 0: task "waves" and split "", want both`},
		{`{"format":1,"data":[{"task":"t","split":"test","lost":-1}]}`, "a count is negative"},
		{`{"format":1,"data":[{"task":"t","split":"test","padding":1}]}`, "a count is negative"},
		{`{"format":2}`, "version 2"},
	} {
		if err := os.WriteFile(run.path(encodingFile), []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := run.Encodings()
		wantError(t, test.content, err, test.want)
	}
}
