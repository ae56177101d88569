package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lockEnv names the run that a child of the test locks until it is killed.
const lockEnv = "RECORD_TEST_LOCK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(lockEnv); dir != "" {
		run, err := Open(dir)
		if err == nil {
			err = run.Lock()
		}
		fmt.Println(err) // <nil>
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sampleInfo() Info {
	return Info{Experiment: "few-shot-intents", Seed: math.MaxUint64, Runner: "v0.1.0", Go: "go1.26.8",
		Arithmetic: "avx2-fma-kc256"}
}

func create(t *testing.T, root string) *Run {
	t.Helper()
	run, err := Create(root, sampleInfo(), []byte("seed = 7\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	return run
}

func closeRun(t *testing.T, run *Run) {
	t.Helper()
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Run {
	t.Helper()
	run, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	return run
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want an error with %q", what, err, want)
	}
}

func TestCreateAndOpen(t *testing.T) {
	root := t.TempDir()
	plugins := []Plugin{{Kind: "head", Name: "classification", Version: "1.2.0", Protocol: 1,
		Digest: "sha256:12ab", Source: "./plugins/heads/classification"}}
	before := time.Now().Add(-time.Second)
	run, err := Create(root, sampleInfo(), []byte("seed = 7\n"), plugins)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	info := run.Info()
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$`).MatchString(info.ID) {
		t.Errorf("id %q is no time and random digits", info.ID)
	}
	if want := filepath.Join(root, "few-shot-intents", info.ID); run.Dir() != want {
		t.Errorf("folder %s, want %s", run.Dir(), want)
	}
	if info.Started.Before(before) || info.Status != Running || info.Seed != math.MaxUint64 {
		t.Errorf("got %+v, want it started now, running, with its seed", info)
	}
	again := open(t, run.Dir())
	if diff := cmp.Diff(info, again.Info()); diff != "" {
		t.Errorf("opened: -want +got:\n%s", diff)
	}
	if got, err := again.Plugins(); err != nil || !cmp.Equal(got, plugins) {
		t.Errorf("plugins %v, %v, want %v", got, err, plugins)
	}
	if got, err := again.Resolved(); err != nil || string(got) != "seed = 7\n" {
		t.Errorf("resolved %q, %v", got, err)
	}
	if got := again.Checkpoints(); got != filepath.Join(run.Dir(), "checkpoints") {
		t.Errorf("checkpoints in %s", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Info)
		want   string
	}{
		{"no experiment", func(i *Info) { i.Experiment = "" }, `experiment "" cannot name a folder`},
		{"path", func(i *Info) { i.Experiment = "../x" }, "cannot name a folder"},
		{"hidden", func(i *Info) { i.ID = ".x" }, `id ".x" cannot`},
		{"separator", func(i *Info) { i.ID = "a/b" }, "cannot name a folder"},
		{"long", func(i *Info) { i.ID = strings.Repeat("a", 101) }, "cannot name a folder"},
	} {
		root := t.TempDir()
		info := sampleInfo()
		test.change(&info)
		_, err := Create(root, info, nil, nil)
		wantError(t, test.name, err, test.want)
		if entries, _ := os.ReadDir(root); len(entries) > 0 {
			t.Errorf("%s: made %v", test.name, entries)
		}
	}
	root := t.TempDir()
	_, err := Create(root, sampleInfo(), nil, []Plugin{{Kind: "head"}})
	wantError(t, "plugin without a name", err, "want both")
	info := sampleInfo()
	info.ID = create(t, root).Info().ID
	_, err = Create(root, info, nil, nil)
	wantError(t, "the same id", err, "exists already")
	_, err = Create(filepath.Join(root, "few-shot-intents", info.ID, infoFile), sampleInfo(), nil, nil)
	wantError(t, "a file as root", err, "create run")
}

func TestStatus(t *testing.T) {
	run := create(t, t.TempDir())
	if err := run.SetStatus(Failed, errors.New("loss is NaN at step 12")); err != nil {
		t.Fatal(err)
	}
	info := open(t, run.Dir()).Info()
	if info.Status != Failed || info.Error != "loss is NaN at step 12" || info.Ended.IsZero() {
		t.Errorf("got %+v, want failed, with the cause and the end", info)
	}
	if err := run.SetStatus(Running, nil); err != nil {
		t.Fatal(err)
	}
	if info := open(t, run.Dir()).Info(); info.Error != "" || !info.Ended.IsZero() {
		t.Errorf("running again: got %+v, want neither cause nor end", info)
	}
	wantError(t, "killed", run.SetStatus(Killed, nil), `status "killed", want running`)
}

// What changes a run needs the lock.
func TestWritingNeedsTheLock(t *testing.T) {
	written := create(t, t.TempDir())
	closeRun(t, written)
	run := open(t, written.Dir())
	for what, err := range map[string]error{
		"status":   run.SetStatus(Done, nil),
		"line":     run.Append(Line{Step: 1, Event: "train"}),
		"truncate": run.Truncate(1),
		"sync":     run.Sync(),
		"results":  run.WriteResults(nil),
		"episodes": run.WriteEpisodes(nil),
	} {
		wantError(t, what, err, "lock it first")
	}
}

func TestLockWithinAProcess(t *testing.T) {
	run := create(t, t.TempDir())
	wantError(t, "twice", run.Lock(), "holds it already")
	other := open(t, run.Dir())
	wantError(t, "by another value", other.Lock(), fmt.Sprintf("process %d", os.Getpid()))
	if got := other.State(); got != Running {
		t.Errorf("state %s, want running", got)
	}
	closeRun(t, run)
	if got := open(t, run.Dir()).State(); got != Killed {
		t.Errorf("closed without a status: state %s, want killed", got)
	}
	if err := other.Lock(); err != nil {
		t.Errorf("after it was given back: %v", err)
	}
}

// A live process keeps its lock; that of a killed one is taken over.
func TestLockOfAnotherProcess(t *testing.T) {
	run := create(t, t.TempDir())
	closeRun(t, run)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), lockEnv+"="+run.Dir())
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || said != "<nil>\n" {
		t.Fatalf("the child said %q, %v, want that it has the lock", said, err)
	}
	run = open(t, run.Dir())
	wantError(t, "while it lives", run.Lock(), fmt.Sprintf("process %d", child.Process.Pid))
	wantError(t, "remove", Remove(run.Dir()), "another process is writing")
	if got := run.State(); got != Running {
		t.Errorf("while it lives: state %s, want running", got)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended well, although it was killed")
	}
	if got := run.State(); got != Killed {
		t.Errorf("killed: state %s, want killed", got)
	}
	if err := run.Lock(); err != nil {
		t.Errorf("killed: %v, want the lock", err)
	}
}

// The content of the lock file decides where the system's lock does not: this
// very process is alive, another start or host is not it.
func TestStaleLock(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	start := processStart(os.Getpid())
	for _, test := range []struct {
		name    string
		content string
		refused bool
	}{
		{"this process", fmt.Sprintf(`{"pid":%d,"start":%q,"host":%q}`, os.Getpid(), start, host),
			start != ""},
		{"same pid, another start", fmt.Sprintf(`{"pid":%d,"start":"x/1","host":%q}`, os.Getpid(), host),
			false},
		{"another host", fmt.Sprintf(`{"pid":%d,"start":%q,"host":"elsewhere.invalid"}`, os.Getpid(),
			start), false},
		{"no such process", fmt.Sprintf(`{"pid":4194305,"start":"x/1","host":%q}`, host), false},
		{"negative pid", `{"pid":-1}`, false},
		{"torn", `{"pid":1`, false},
		{"empty", ``, false},
		{"long", strings.Repeat("x", maxOwner+1), false},
	} {
		run := create(t, t.TempDir())
		closeRun(t, run)
		if err := os.WriteFile(run.path(lockFile), []byte(test.content), 0o644); err != nil {
			t.Fatal(err)
		}
		run = open(t, run.Dir())
		if err := run.Lock(); (err != nil) != test.refused {
			t.Errorf("%s: got %v, want refused: %t", test.name, err, test.refused)
		}
	}
}

const goodInfo = `{"format":1,"experiment":"e","id":"i","seed":1,"status":"done",` +
	`"started":"2026-11-24T00:25:10Z"}`

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct{ name, content, want string }{
		{"empty", ``, "unexpected end"},
		{"torn", goodInfo[:50], "byte 50"},
		{"two values", goodInfo + goodInfo, "invalid character"},
		{"no version", `{}`, `"format", the version, is missing`},
		{"newer", strings.Replace(goodInfo, `"format":1`, `"format":2`, 1),
			"version 2 of the format, this program reads 1"},
		{"seed over 64 bits", strings.Replace(goodInfo, `"seed":1`, `"seed":18446744073709551616`, 1),
			"seed"},
		{"seed is text", strings.Replace(goodInfo, `"seed":1`, `"seed":"1"`, 1), "seed"},
		{"status", strings.Replace(goodInfo, "done", "killed", 1), `status "killed", want running`},
		{"path as id", strings.Replace(goodInfo, `"i"`, `"../../x"`, 1), "cannot name a folder"},
		{"no start", strings.Replace(goodInfo, `"started"`, `"begun"`, 1), "started is missing"},
		{"deep", strings.Repeat("[", 20000), "exceeded max depth"},
		{"large", goodInfo + strings.Repeat(" ", maxInfo), "more than 1048576 bytes"},
	} {
		path := filepath.Join(dir, infoFile)
		if err := os.WriteFile(path, []byte(test.content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		wantError(t, test.name, err, test.want)
		wantError(t, test.name, err, path)
	}
	if err := os.WriteFile(filepath.Join(dir, infoFile), []byte(goodInfo), 0o644); err != nil {
		t.Fatal(err)
	}
	if run, err := Open(dir); err != nil || run.Info().Seed != 1 {
		t.Errorf("good: %v", err)
	}
	_, err := Open(filepath.Join(dir, "missing"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: got %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "folder", infoFile), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = Open(filepath.Join(dir, "folder"))
	wantError(t, "a folder called run.json", err, "no regular file")
}

func TestListFindRemove(t *testing.T) {
	root := t.TempDir()
	var want []string
	for i, name := range []string{"2026-01-03-a", "2026-01-01-b", "2026-01-03-c"} {
		info := sampleInfo()
		info.ID = name
		info.Experiment = []string{"x", "y", "x"}[i]
		run, err := Create(root, info, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.info.Started = time.Date(2026, 1, []int{3, 1, 4}[i], 0, 0, 0, 0, time.UTC)
		if err := errors.Join(run.SetStatus(Done, nil), run.Close()); err != nil {
			t.Fatal(err)
		}
		want = append(want, run.Dir())
	}
	broken := filepath.Join(root, "x", "broken")
	if err := os.MkdirAll(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "README"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	listed, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	wantList := []Listed{{Dir: want[2]}, {Dir: want[0]}, {Dir: want[1]}, {Dir: broken}}
	if diff := cmp.Diff(wantList, listed, cmpopts.IgnoreFields(Listed{}, "Run", "Err")); diff != "" {
		t.Errorf("list: -want +got:\n%s", diff)
	}
	if listed[3].Err == nil || listed[0].Err != nil {
		t.Errorf("errors %v and %v, want one for the broken run alone", listed[3].Err, listed[0].Err)
	}
	for _, test := range []struct{ name, want, err string }{
		{name: want[0], want: want[0]},
		{name: filepath.Join("y", "2026-01-01-b"), want: want[1]},
		{name: "2026-01-03-c", want: want[2]},
		{name: "2026-01-01", want: want[1]},
		{name: "2026-01-03", err: "begins the ids of 2 runs"},
		{name: "broken", err: "no run \"broken\""},
		{name: "", err: "no run \"\""},
	} {
		got, err := Find(root, test.name)
		if test.err != "" {
			wantError(t, test.name, err, test.err)
		} else if err != nil || got != test.want {
			t.Errorf("find %q: got %s, %v, want %s", test.name, got, err, test.want)
		}
	}
	if err := Remove(want[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(want[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("removed, the folder is still there (%v)", err)
	}
	wantError(t, "remove what is no run", Remove(root), "run.json")
	if listed, err := List(filepath.Join(root, "missing")); err != nil || listed != nil {
		t.Errorf("missing root: got %v, %v, want nothing", listed, err)
	}
}

// Whatever run.json holds, it is an error or can be written and read again.
func FuzzInfo(f *testing.F) {
	f.Add([]byte(goodInfo))
	f.Add([]byte(`{"format":1,"started":"9999-12-31T23:59:59.999999999+23:59"}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		var info, again Info
		if decode(content, &info) != nil {
			return
		}
		path := filepath.Join(t.TempDir(), infoFile)
		if err := writeJSON(path, maxInfo, &info); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := readJSON(path, maxInfo, &again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

// TestLockReadsAgain: what was read before the lock may be another process's past.
func TestLockReadsAgain(t *testing.T) {
	writer := create(t, t.TempDir())
	reader := open(t, writer.Dir())
	if err := writer.SetStatus(Done, nil); err != nil {
		t.Fatal(err)
	}
	closeRun(t, writer)
	if err := reader.Lock(); err != nil {
		t.Fatal(err)
	}
	if got := reader.Info().Status; got != Done {
		t.Errorf("status %q after the lock, want %q", got, Done)
	}
	closeRun(t, reader)
	if err := os.WriteFile(filepath.Join(writer.Dir(), infoFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(t, "damaged meanwhile", reader.Lock(), infoFile)
	if err := reader.SetStatus(Running, nil); err == nil {
		t.Error("a run that was not locked is written to")
	}
}
