package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// equateNaNs compares Numbers and takes NaN for equal to itself.
var equateNaNs = cmp.Comparer(func(a, b Number) bool { return a == b || a != a && b != b })

// appendSteps writes a train line for each step.
func appendSteps(t *testing.T, run *Run, steps ...int64) {
	t.Helper()
	for _, step := range steps {
		line := Line{Step: step, Event: "train", Values: map[string]Number{"loss": 1 / Number(step+1)}}
		if err := run.Append(line); err != nil {
			t.Fatal(err)
		}
	}
}

func steps(t *testing.T, run *Run) []int64 {
	t.Helper()
	var steps []int64
	for line, err := range run.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, line.Step)
	}
	return steps
}

func TestMetricsKeepEveryNumber(t *testing.T) {
	run := create(t, t.TempDir())
	want := Line{Step: 3, Event: "train", Seconds: 1.5, Values: map[string]Number{"third": 1. / 3,
		"nan": Number(math.NaN()), "inf": Number(math.Inf(1)), "-inf": Number(math.Inf(-1)),
		"tiny": math.SmallestNonzeroFloat64, "-0": Number(math.Copysign(0, -1))}}
	if err := run.Append(want); err != nil {
		t.Fatal(err)
	}
	for got, err := range run.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, equateNaNs); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if !math.Signbit(float64(got.Values["-0"])) {
			t.Error("negative zero lost its sign")
		}
	}
	text, err := os.ReadFile(run.path(metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	wantText := `{"step":3,"event":"train","values":{"-0":-0,"-inf":"-Inf","inf":"+Inf","nan":null,` +
		`"third":0.3333333333333333,"tiny":5e-324},"seconds":1.5}` + "\n"
	if diff := cmp.Diff(wantText, string(text)); diff != "" {
		t.Errorf("text: -want +got:\n%s", diff)
	}
}

func TestAppendRefuses(t *testing.T) {
	run := create(t, t.TempDir())
	appendSteps(t, run, 5)
	for _, test := range []struct {
		name string
		line Line
		want string
	}{
		{"going back", Line{Step: 4, Event: "train"}, "step 4 after step 5"},
		{"negative step", Line{Step: -1, Event: "train"}, "step -1"},
		{"no event", Line{Step: 6}, "event is missing"},
		{"seconds", Line{Step: 6, Event: "train", Seconds: math.NaN()}, "NaN"},
		{"long", Line{Step: 6, Event: strings.Repeat("x", maxLine)}, "at most"},
	} {
		wantError(t, test.name, run.Append(test.line), test.want)
	}
	if diff := cmp.Diff([]int64{5}, steps(t, run)); diff != "" {
		t.Errorf("steps: -want +got:\n%s", diff)
	}
}

func TestTruncate(t *testing.T) {
	for _, test := range []struct {
		lines int64
		want  []int64
	}{
		{0, nil}, {1, []int64{0}}, {2, []int64{0, 2}}, {3, []int64{0, 2, 2}},
		{4, []int64{0, 2, 2, 4}},
	} {
		run := create(t, t.TempDir())
		appendSteps(t, run, 0, 2, 2, 4)
		if err := run.Truncate(test.lines); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, steps(t, run)); diff != "" {
			t.Errorf("%d lines: -want +got:\n%s", test.lines, diff)
		}
		appendSteps(t, run, 4) // accepted, and where it belongs
		if diff := cmp.Diff(append(test.want, 4), steps(t, run)); diff != "" {
			t.Errorf("%d lines and one more: -want +got:\n%s", test.lines, diff)
		}
	}
	run := create(t, t.TempDir())
	appendSteps(t, run, 1, 2)
	wantError(t, "more lines than there are", run.Truncate(3), "has 2 lines, 3 had been written")
}

// A run that is killed in the middle of any line, resumes at the checkpoint of
// step 2 and writes the later lines again leaves the file of one that ran through.
func TestResumedMetricsAreThoseOfOneRun(t *testing.T) {
	through := create(t, t.TempDir())
	appendSteps(t, through, 1, 2, 3, 4)
	want, err := os.ReadFile(through.path(metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	untilCheckpoint := bytes.Index(want, []byte(`{"step":3`))
	killed := create(t, t.TempDir())
	closeRun(t, killed)
	for n := untilCheckpoint; n <= len(want); n++ {
		if err := os.WriteFile(killed.path(metricsFile), want[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		run := open(t, killed.Dir())
		for line, err := range run.Metrics() { // a torn line is no error for a reader
			if err != nil || line.Step > 4 {
				t.Fatalf("cut off after %d bytes: %v, %v", n, line, err)
			}
		}
		if err := errors.Join(run.Lock(), run.Truncate(2)); err != nil {
			t.Fatal(err)
		}
		appendSteps(t, run, 3, 4)
		if err := errors.Join(run.Sync(), run.Close()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(killed.path(metricsFile))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("cut off after %d bytes: got\n%s\nwant\n%s", n, got, want)
		}
	}
}

// Opening for appending cuts a torn line off, so that the next is not glued to it.
func TestAppendAfterATornLine(t *testing.T) {
	run := create(t, t.TempDir())
	if err := os.WriteFile(run.path(metricsFile), []byte(`{"step":1,"event":"a","values":{}}`+"\n"+
		`{"step":2,"event":"a","values":{"a very long name that`), 0o644); err != nil {
		t.Fatal(err)
	}
	appendSteps(t, run, 2)
	if diff := cmp.Diff([]int64{1, 2}, steps(t, run)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNoMetrics(t *testing.T) {
	run := create(t, t.TempDir())
	if got := steps(t, run); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

func TestReadMetricsRefuses(t *testing.T) {
	const good = `{"step":1,"event":"a","values":{"loss":1}}` + "\n"
	for _, test := range []struct{ name, text, want string }{
		{"not JSON", good + "x\n" + good, "line 2: byte 1"},
		{"empty line", good + "\n", "line 2"},
		{"number as text", `{"step":1,"event":"a","values":{"loss":"1"}}` + "\n", `"1" is no number`},
		{"number too large", `{"step":1,"event":"a","values":{"loss":1e999}}` + "\n", "1e999"},
		{"object as number", `{"step":1,"event":"a","values":{"loss":{}}}` + "\n", "{} is no number"},
		{"fraction as step", `{"step":1.5,"event":"a"}` + "\n", "1.5"},
		{"step over 63 bits", `{"step":9223372036854775808,"event":"a"}` + "\n",
			"9223372036854775808"},
		{"negative step", `{"step":-1,"event":"a"}` + "\n", "step -1"},
		{"going back", good + strings.Replace(good, "1", "0", 1), "line 2: step 0 after step 1"},
		{"no event", `{"step":1}` + "\n", "event is missing"},
		{"long", good + strings.Repeat(" ", maxLine) + "\n", "line 2: more than 1048576 bytes"},
	} {
		var last error
		for _, err := range ReadMetrics(strings.NewReader(test.text)) {
			if last != nil {
				t.Fatalf("%s: lines after an error", test.name)
			}
			last = err
		}
		wantError(t, test.name, last, test.want)
	}
}

func TestReadMetricsStops(t *testing.T) {
	text := strings.Repeat(`{"step":1,"event":"a","values":{}}`+"\n", 3)
	n := 0
	for range ReadMetrics(strings.NewReader(text)) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d lines after a break", n)
	}
	broken := errors.New("disk on fire")
	failing := io.MultiReader(strings.NewReader(text[:40]), errorReader{broken})
	for _, err := range ReadMetrics(failing) {
		if err != nil && !errors.Is(err, broken) {
			t.Errorf("got %v, want the reader's error", err)
		}
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// Lines that are accepted come back the same, and never go back.
func FuzzMetrics(f *testing.F) {
	f.Add([]byte(`{"step":1,"event":"train","values":{"loss":0.5,"x":null,"y":"+Inf"},` +
		`"seconds":1}` + "\n"))
	f.Add([]byte("{\"step\":1,\"event\":\"a\"}\n{\"step\":2,\"eve"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var last int64
		for line, err := range ReadMetrics(bytes.NewReader(text)) {
			if err != nil {
				return
			}
			if line.Step < last {
				t.Fatalf("step %d after %d", line.Step, last)
			}
			last = line.Step
			written, err := json.Marshal(line)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			again, err := parseLine(append(written, '\n'), 0)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			if diff := cmp.Diff(line, again.Line, equateNaNs); diff != "" {
				t.Fatalf("-first +second:\n%s", diff)
			}
		}
	})
}
