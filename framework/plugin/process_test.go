package plugin

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"quickstudy/framework/task"
)

func TestTaskRoundTrip(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, c := mustTask(t, Options{}, "plain", 10, 3)
	defer p.Kill()
	if d := p.Description(); d.Name != "numbers" || d.Kind != KindTask ||
		d.Schema.Attribute("count").Unit != "records" {
		t.Errorf("description %+v", d)
	}
	got, err := c.Get(t.Context(), []int64{7, 0, 7})
	if err != nil {
		t.Fatal(err)
	}
	want := []task.Record{
		{ID: 7, Cells: []task.Cell{{Text: "007"}}},
		{ID: 0, Cells: []task.Cell{{Text: "000"}}},
		{ID: 7, Cells: []task.Cell{{Text: "007"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if _, err := c.Sample(t.Context(), 1, "all", 0); err == nil ||
		!strings.Contains(err.Error(), "generates no episodes") {
		t.Errorf("Sample of a source: %v", err)
	}
	if p.Kill(); p.Exit() != "exited with status 0" {
		t.Errorf("after Kill: %s", p.Exit())
	}
	if _, err := os.Stat(p.socketDir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
}

func TestGenerator(t *testing.T) {
	_, c := mustTask(t, Options{}, "generate", 1, 1)
	d, err := c.Dataset(t.Context())
	if err != nil || d.Generator == nil {
		t.Fatal(d, err)
	}
	got, err := d.Generator.Sample(5, "train", 9)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := sample(5, "train", 9)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("episode (-want +got):\n%s", diff)
	}
}

// TestBulk moves more than any single message may hold.
func TestBulk(t *testing.T) {
	_, c := mustTask(t, Options{}, "plain", 1000, 100_000)
	ids := make([]int64, 1000)
	for i := range ids {
		ids[i] = int64(i)
	}
	records, err := c.Get(t.Context(), ids)
	if err != nil || len(records) != len(ids) {
		t.Fatal(len(records), err)
	}
	_, c = mustTask(t, Options{}, "plain", 10, 10_000_000)
	if _, err := c.Get(t.Context(), []int64{3, 4}); err != nil {
		t.Errorf("records of 10 MB: %v", err)
	}
}

func TestConfigureReportsProblems(t *testing.T) {
	p, err := launch(t, "sources", Options{})
	if err != nil {
		t.Fatal(err)
	}
	problems, err := p.Task().Configure(t.Context(), configuration("plain", 0, 1))
	if err != nil || len(problems) != 1 || problems[0].Path != ".count" {
		t.Errorf("problems %v, error %v, want one at .count", problems, err)
	}
}

// TestStartFailures: whatever happens before a plugin serves ends in one error
// that says what, shows its last words, and comes in time.
func TestStartFailures(t *testing.T) {
	for _, tt := range []struct {
		role string
		want []string
	}{
		{"exits", []string{`task "numbers" (devel): start: it exited with status 3 before it served`,
			"missing licence", "by hand"}},
		{"panics", []string{"exited with status 2 before it served", "panic: no such device",
			"goroutine 1"}},
		{"ends", []string{"exited with status 0 before it served"}},
		{"sleeps", []string{"did not serve within 1.5s", "plugin.Serve"}},
		{"other protocol", []string{"speaks protocol 99, this runner speaks 1",
			"build the plugin"}},
	} {
		t.Run(tt.role, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			start := time.Now()
			_, err := launch(t, tt.role, Options{StartTimeout: 1500 * time.Millisecond})
			wantError(t, err, tt.want...)
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		_, err := Launch(t.Context(), Command{Kind: KindTask, Name: "x", Path: "no/such/file"},
			Options{})
		wantError(t, err, `task "x": start: stat`, "no such file", "source of the plugin")
	})
	t.Run("no executable", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte("\x7fELF"), 0o755); err != nil {
			t.Fatal(err)
		}
		_, err := Launch(t.Context(), Command{Kind: KindTask, Name: "x", Path: path}, Options{})
		wantError(t, err, "exec format error", "executable for this system")
	})
	t.Run("digest", func(t *testing.T) {
		_, err := Launch(t.Context(), Command{Kind: KindTask, Name: "x", Path: os.Args[0],
			Digest: "00"}, Options{})
		wantError(t, err, "has the digest", "expected 00")
	})
	t.Run("kind", func(t *testing.T) {
		path, _ := os.Executable()
		_, err := Launch(t.Context(), Command{Kind: KindHead, Name: "x", Path: path},
			Options{Env: []string{roleVariable + "=sources"}})
		wantError(t, err, `is the task "numbers", no head`)
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		path, _ := os.Executable()
		_, err := Launch(ctx, Command{Kind: KindTask, Name: "x", Path: path},
			Options{Env: []string{roleVariable + "=sleeps"}})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

// TestUntidyStart: printing before serving is logged, not fatal.
func TestUntidyStart(t *testing.T) {
	for _, role := range []string{"babbles", "floods"} {
		var log buffer
		if _, err := launch(t, role, Options{Logger: zerolog.New(&log)}); err != nil {
			t.Errorf("%s: %v", role, err)
		}
		if role == "babbles" && !strings.Contains(log.String(),
			`"message":"hello, I print before I serve"`) {
			t.Errorf("log:\n%s", log.String())
		}
	}
}

func TestCallFailures(t *testing.T) {
	for _, tt := range []struct {
		mode string
		want []string
	}{
		{"exit", []string{`: Get: it exited with status 3, also after it was started again (2 times)`,
			"the disk is on fire"}},
		{"panic", []string{"it panicked: runtime error: invalid memory address", "testConfig.get",
			"main_test.go:", "bug in the plugin"}},
		{"panic elsewhere", []string{"it exited with status 2", "last words",
			"panic: in a goroutine"}},
		{"hang", []string{"it did not answer within 1s", "timeout = 60"}},
		{"error", []string{"Get: data/numbers.tsv:7: no \ufffd[2Jnumber"}},
		{"short", []string{"1 records for 2 ids"}},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			p, c := mustTask(t, Options{}, tt.mode, 10, 3)
			p.options.CallTimeout = time.Second
			start := time.Now()
			_, err := c.Get(t.Context(), []int64{1, 2})
			wantError(t, err, tt.want...)
			var failure *Error
			if errors.As(err, &failure); failure.Answered != (tt.mode == "error") {
				t.Errorf("the plugin has answered with an error of its own: %t", failure.Answered)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("the error took %v", took)
			}
			start = time.Now()
			p.Kill()
			if took := time.Since(start); took > 4*killTime {
				t.Errorf("Kill took %v", took)
			}
		})
	}
	t.Run("no data", func(t *testing.T) {
		p, err := launch(t, "sources", Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := p.Task()
		if problems, err := c.Configure(t.Context(),
			configuration("no data", 1, 1)); err != nil || problems != nil {
			t.Fatal(problems, err)
		}
		_, _, err = c.Describe(t.Context())
		wantError(t, err, "Dataset: data/numbers.tsv: no such file")
	})
	t.Run("cancelled", func(t *testing.T) {
		_, c := mustTask(t, Options{}, "hang", 10, 3)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := c.Get(ctx, []int64{1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

// A deadline that gRPC notices before the context does is still the caller's.
func TestDeadlineIsTheCallers(t *testing.T) {
	p := &Process{sessionDone: make(chan struct{})}
	for _, code := range []codes.Code{codes.DeadlineExceeded, codes.Canceled} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := p.within(ctx, "Get", time.Minute, func(context.Context) error {
			return status.Error(code, "too early")
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v: error %v", code, err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.Context())
		err = p.within(ctx, "Get", time.Minute, func(context.Context) error {
			time.AfterFunc(50*time.Millisecond, cancel)
			return status.Error(code, "too early")
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v: error %v", code, err)
		}
	}
}

// TestWatchdog: without the kernel's help the plugin notices the end of its
// standard input by itself.
func TestWatchdog(t *testing.T) {
	p, err := launch(t, "sources", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.child.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.child.done:
	case <-time.After(5 * time.Second):
		t.Error("the plugin still runs")
	}
}

func TestLogs(t *testing.T) {
	var log buffer
	p, c := mustTask(t, Options{Logger: zerolog.New(&log).Level(zerolog.InfoLevel)}, "bomb", 10, 3)
	if _, err := c.Get(t.Context(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	for _, want := range []string{
		`{"level":"info","plugin":"task/numbers","b":"�[2Jx","message":"12.5"}`,
		`[line cut]`,
		`{"level":"info","plugin":"task/numbers","message":"�[31mred"}`,
		`{"level":"warn","plugin":"task/numbers","step":7,"message":"slow"}`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in the log:\n%.3000s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "go-plugin") {
		t.Errorf("the transport's own messages at level info:\n%s", log.String())
	}
	if n := len(p.child.logs.last()); n == 0 || n > tailLines {
		t.Errorf("%d lines kept", n)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	t.Setenv("LC_ALL", "C")
	got := environment([]string{"LANG=de"})
	if text := strings.Join(got, "\n"); strings.Contains(text, "s3cret") ||
		!strings.Contains(text, "LC_ALL=C") || !strings.Contains(text, "PATH=") ||
		got[len(got)-1] != "LANG=de" {
		t.Errorf("environment:\n%s", text)
	}
}

func TestByHand(t *testing.T) {
	run := func(args ...string) (stdout, stderr string, code int) {
		path, _ := os.Executable()
		cmd := exec.Command(path, args...)
		cmd.Env = append(os.Environ(), roleVariable+"=sources")
		var out, err bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &err
		_ = cmd.Run()
		return out.String(), err.String(), cmd.ProcessState.ExitCode()
	}
	if _, stderr, code := run(); code != 2 ||
		!strings.Contains(stderr, `the task plugin "numbers"`) {
		t.Errorf("status %d, page:\n%s", code, stderr)
	}
	if stdout, _, code := run("--help"); code != 0 || !strings.Contains(stdout, "describe") {
		t.Errorf("status %d, page:\n%s", code, stdout)
	}
	stdout, stderr, code := run("describe")
	if code != 0 || stderr != "" {
		t.Errorf("status %d, stderr %s", code, stderr)
	}
	for _, want := range []string{`"kind": "task"`, `"protocol": 1`, `"unit": "records"`,
		`"default": 10`, `"go": "go1.`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %s in\n%s", want, stdout)
		}
	}
}

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("error %v (%T), want an *Error", err, err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("no %q in the error:\n%v", w, err)
		}
	}
}

// buffer is a bytes.Buffer that may be read while the log is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestDescribedWhileInUse: records are checked against the first description, and one
// that is asked for meanwhile changes nothing. It is for the race detector, too.
func TestDescribedWhileInUse(t *testing.T) {
	p, _ := mustTask(t, Options{}, "plain", 8, 0)
	c := p.Task()
	if problems, err := c.Configure(t.Context(), configuration("plain", 8, 0)); err != nil {
		t.Fatal(problems, err)
	}
	for name, ask := range map[string]func() error{
		"Get":    func() error { _, err := c.Get(t.Context(), []int64{1}); return err },
		"Sample": func() error { _, err := c.Sample(t.Context(), 1, "all", 0); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "has not been described") {
			t.Errorf("%s before Describe: %v", name, err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, _, err := c.Describe(t.Context()); err != nil {
				t.Error(err)
			}
			if records, err := c.Get(t.Context(), []int64{1, 2}); err != nil || len(records) != 2 {
				t.Error(records, err)
			}
		})
	}
	all.Wait()
}

// TestDeadlines: a plugin that hangs in any one call is told of, and it and all others are
// gone, within 15 s.
func TestDeadlines(t *testing.T) {
	call := max(defaultStartTimeout, defaultCallTimeout, describeTimeout)
	if whole := call + noticeTime + drainTime + killTime; whole > 15*time.Second {
		t.Errorf("%v in all", whole)
	}
}
