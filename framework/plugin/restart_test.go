package plugin

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"quickstudy/framework/task"
)

// TestStartedAgain: a task plugin that dies is started again, for all its blocks and for
// all calls that were under way, and answers as it would have.
func TestStartedAgain(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	marker := filepath.Join(t.TempDir(), "marker")
	var log buffer
	p, c := mustTask(t, Options{Logger: zerolog.New(&log)}, "exit once, "+marker, 100, 3)
	other := p.Task()
	if problems, err := other.Configure(t.Context(), configuration("plain", 100, 3)); err != nil {
		t.Fatal(problems, err)
	}
	if _, _, err := other.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	get := func(c *TaskClient, id int64) {
		t.Helper()
		want := []task.Record{{ID: id, Cells: []task.Cell{{Text: fmt.Sprintf("%03d", id)}}}}
		got, err := c.Get(t.Context(), []int64{id})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("record %d: got %v, %v", id, got, err)
		}
	}
	first := p.PID()
	for range 3 {
		if err := os.WriteFile(marker, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for id := range int64(8) {
			all.Go(func() { get(c, id) })
		}
		all.Wait()
		get(other, 7)
	}
	if n := strings.Count(log.String(), "it is started again"); n != 3 || p.PID() == first {
		t.Errorf("started again %d times, want 3:\n%s", n, log.String())
	}
	last := p.PID()
	p.Kill()
	if _, running := processStart(last); running {
		t.Errorf("process %d still runs", last)
	}
	if _, err := c.Get(t.Context(), []int64{1}); err == nil {
		t.Error("it was started again after Kill")
	}
}

// TestStartedTooOften: the restarts of a plugin have an end, however long it lives.
func TestStartedTooOften(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	_, c := mustTask(t, Options{}, "exit once, "+marker, 100, 3)
	var err error
	deaths := 0
	for ; err == nil && deaths < 2*maxRestarts; deaths++ {
		if err := os.WriteFile(marker, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = c.Get(t.Context(), []int64{1})
	}
	wantError(t, err, "it exited with status 3, also after it was started again (10 times)")
	if deaths != maxRestarts+1 {
		t.Errorf("it died %d times", deaths)
	}
}

// TestOtherDataAfterRestart: a plugin that describes other data than before cannot go on.
func TestOtherDataAfterRestart(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	_, c := mustTask(t, Options{}, "exit once, "+marker, 100, 3)
	c.config = configuration("plain", 99, 3)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := c.Get(t.Context(), []int64{1})
	wantError(t, err, "Dataset: started again, it describes other data than before")
}

// TestFlood: a plugin that writes a gigabyte is read and answers; the log says how much
// of it was dropped.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a gigabyte")
	}
	var log bytes.Buffer
	p, c := mustTask(t, Options{Logger: zerolog.New(&log)}, "gigabyte", 10, 3)
	_, err := c.Get(t.Context(), []int64{1})
	if p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.child.done
	if log.Len() > 10<<20 || !strings.Contains(log.String(), "lines were dropped") {
		t.Errorf("a log of %d bytes: %.500s", log.Len(), log.String())
	}
}
