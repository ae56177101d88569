package record

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"quickstudy/framework/regular"
)

// Names of the files in a run's folder.
const (
	infoFile     = "run.json"
	resolvedFile = "resolved.hcl"
	pluginsFile  = "plugins.json"
	dataFile     = "data.json"
	metricsFile  = "metrics.jsonl"
	resultsFile  = "results.json"
	episodesFile = "episodes.json"
	encodingFile = "encoding.json"
	initialFile  = "initial.safetensors"
	lockFile     = "lock"

	tokenizersDir = "tokenizers"
	tokenizerExt  = ".json"
	singleTaskDir = "single_task"
)

// A Run is the folder of one run. Methods that write need the lock, which
// Create and Lock take. A Run is used by one goroutine at a time.
type Run struct {
	dir     string
	info    Info
	lock    *lock    // nil: not held
	metrics *journal // nil: nothing appended yet
}

// Create makes the folder root/<experiment>/<id> and locks it. Info must have
// the experiment; its ID is made from the time and random bits unless it is set,
// and then it must not exist. The format, the status and the start are filled
// in. Resolved is the text of resolved.hcl.
func Create(root string, info Info, resolved []byte, plugins []Plugin) (*Run, error) {
	info.Format, info.Status, info.Error = FormatVersion, Running, ""
	info.Started, info.Ended = time.Now().UTC().Truncate(time.Second), time.Time{}
	if info.ID == "" {
		info.ID = newID(info.Started)
	}
	list := &pluginList{Format: FormatVersion, Plugins: plugins}
	if err := errors.Join(info.check(), list.check()); err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	experiment := filepath.Join(root, info.Experiment)
	if err := os.MkdirAll(experiment, 0o755); err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	r := &Run{dir: filepath.Join(experiment, info.ID), info: info}
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("run %s exists already; resume it or choose another id", r.dir)
		}
		return nil, fmt.Errorf("create run: %w", err)
	}
	if err := r.fill(resolved, list); err != nil {
		r.Close()
		return nil, fmt.Errorf("create run: %w", err)
	}
	return r, nil
}

// fill writes the files of a new run. The last one is run.json: a folder without
// it is no run.
func (r *Run) fill(resolved []byte, plugins *pluginList) error {
	if err := r.hold(); err != nil {
		return err
	}
	if err := writeFile(r.path(resolvedFile), maxResolved, resolved); err != nil {
		return err
	}
	if err := writeJSON(r.path(pluginsFile), maxPlugins, plugins); err != nil {
		return err
	}
	return writeJSON(r.path(infoFile), maxInfo, &r.info)
}

// idPattern matches what newID returns.
const idPattern = `\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}`

// newID returns an id that sorts by time, such as 2026-11-24T00-25-10Z-7f3a90.
func newID(now time.Time) string {
	var bits [3]byte
	_, _ = rand.Read(bits[:]) // never fails, says crypto/rand
	return now.UTC().Format("2006-01-02T15-04-05Z") + "-" + hex.EncodeToString(bits[:])
}

// Open opens a run for reading.
func Open(dir string) (*Run, error) {
	r := &Run{dir: dir}
	if err := readJSON(r.path(infoFile), maxInfo, &r.info); err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	return r, nil
}

// Dir returns the run's folder.
func (r *Run) Dir() string { return r.dir }

// Info returns what run.json says.
func (r *Run) Info() Info { return r.info }

// Checkpoints returns the folder of the run's checkpoints. It may not exist yet.
func (r *Run) Checkpoints() string { return r.path("checkpoints") }

func (r *Run) path(name string) string { return filepath.Join(r.dir, name) }

// State returns the status, and Killed for a run that is recorded as running
// although the process that ran it is gone.
func (r *Run) State() Status {
	if r.info.Status != Running || r.lock != nil {
		return r.info.Status
	}
	if owner, ok := readOwner(r.path(lockFile)); ok && owner.mayBeAlive() {
		return Running
	}
	return Killed
}

// SetStatus records how far the run is; cause is why it failed. The time is
// recorded as the end unless the status is Running.
func (r *Run) SetStatus(status Status, cause error) error {
	if err := r.mustBeLocked("record its status"); err != nil {
		return err
	}
	info := r.info
	info.Status, info.Error, info.Ended = status, "", time.Time{}
	if cause != nil {
		info.Error = cause.Error()
	}
	if status != Running {
		info.Ended = time.Now().UTC().Truncate(time.Second)
	}
	return r.setInfo(info)
}

// SetArithmetic records that the run goes on by another arithmetic.
func (r *Run) SetArithmetic(arithmetic string) error {
	if err := r.mustBeLocked("record its arithmetic"); err != nil {
		return err
	}
	info := r.info
	info.Arithmetic = arithmetic
	return r.setInfo(info)
}

// setInfo replaces run.json.
func (r *Run) setInfo(info Info) error {
	if err := writeJSON(r.path(infoFile), maxInfo, &info); err != nil {
		return err
	}
	r.info = info
	return nil
}

// SetCompiled notes how many programs were compiled in how many seconds; SetStatus records
// it.
func (r *Run) SetCompiled(programs int, seconds float64) {
	r.info.Compiled, r.info.CompileSeconds = programs, seconds
}

// Resolved returns the text of the resolved experiment.
func (r *Run) Resolved() ([]byte, error) { return regular.Read(r.path(resolvedFile), maxResolved) }

// ResolvedPath returns the path of the resolved experiment, which can be loaded.
func (r *Run) ResolvedPath() string { return r.path(resolvedFile) }

// Plugins returns the plugins that took part.
func (r *Run) Plugins() ([]Plugin, error) {
	var list pluginList
	if err := readJSON(r.path(pluginsFile), maxPlugins, &list); err != nil {
		return nil, err
	}
	return list.Plugins, nil
}

// Close closes the metrics and gives the lock back. The status stays as it is.
func (r *Run) Close() error {
	var closing error
	if r.metrics != nil {
		closing = r.metrics.close()
		r.metrics = nil
	}
	return errors.Join(closing, r.unlock())
}
