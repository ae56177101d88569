package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"quickstudy/framework/regular"
)

// maxOwner is the most bytes of a lock file that are looked at.
const maxOwner = 4096

// owner is the process that holds a lock, as written in the lock file.
type owner struct {
	PID   int       `json:"pid"`
	Start string    `json:"start"` // tells it from a later process of the same pid; "": unknown
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

func (o owner) String() string {
	return fmt.Sprintf("process %d on %s, since %s", o.PID, o.Host, o.Since.Format(time.RFC3339))
}

// alive reports whether the very process that wrote the lock still runs here. It
// is false wherever that cannot be told.
func (o owner) alive() bool {
	host, err := os.Hostname()
	return err == nil && o.Host == host && o.Start != "" && processStart(o.PID) == o.Start
}

// mayBeAlive is alive, except that a process which cannot be seen from here is
// taken for alive.
func (o owner) mayBeAlive() bool {
	host, err := os.Hostname()
	return o.alive() || err != nil || o.Host != host || o.Start == ""
}

// A lock is a held lock file. The file stays when the lock is given back, since
// removing it would let two processes hold locks on different files of one name.
type lock struct{ file *os.File }

// errHeld is what tryLock returns if another process has the file.
var errHeld = errors.New("another process is writing to it")

// Lock makes this process the only one that writes to the run. The lock is the
// operating system's and ends with the process, so one left by a killed process
// is taken over. Where a file system does not enforce such locks, the process
// named in the file decides: it is refused while that one runs, told from a later
// process of the same number by its start. What run.json says is read again: until
// the lock is held it may change.
func (r *Run) Lock() error {
	if err := r.hold(); err != nil {
		return err
	}
	var info Info
	if err := readJSON(r.path(infoFile), maxInfo, &info); err != nil {
		return errors.Join(fmt.Errorf("lock run: %w", err), r.unlock())
	}
	r.info = info
	return nil
}

// hold takes the lock, also of a run that has no run.json yet.
func (r *Run) hold() error {
	if r.lock != nil {
		return fmt.Errorf("lock run %s: this process holds it already", r.dir)
	}
	path := r.path(lockFile)
	f, err := openToChange(path)
	if err != nil {
		return fmt.Errorf("lock run: %w", err)
	}
	if err := take(f, path); err != nil {
		return errors.Join(fmt.Errorf("lock run %s: %w", r.dir, err), f.Close())
	}
	r.lock = &lock{file: f}
	return nil
}

// take locks the file and writes this process into it.
func take(f *os.File, path string) error {
	locking := tryLock(f)
	if locking != nil && !errors.Is(locking, errHeld) {
		return locking
	}
	// Read after locking: until then the one before may give the lock back.
	if before, known := readOwner(path); known && (locking != nil || before.alive()) {
		return fmt.Errorf("%w: %v; wait for it or stop it", errHeld, before)
	}
	if locking != nil {
		return locking
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	now := owner{PID: os.Getpid(), Start: processStart(os.Getpid()), Host: host,
		Since: time.Now().UTC().Truncate(time.Second)}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	return err
}

// unlock gives the lock back, if it is held.
func (r *Run) unlock() error {
	if r.lock == nil {
		return nil
	}
	f := r.lock.file
	r.lock = nil
	return errors.Join(f.Truncate(0), f.Close())
}

// readOwner reads a lock file, and reports whether it names a process.
func readOwner(path string) (owner, bool) {
	content, err := regular.Read(path, maxOwner)
	if err != nil {
		return owner{}, false
	}
	var o owner
	if err := json.Unmarshal(content, &o); err != nil || o.PID <= 0 {
		return owner{}, false
	}
	return o, true
}

func (r *Run) mustBeLocked(what string) error {
	if r.lock == nil {
		return fmt.Errorf("run %s: to %s, lock it first", r.dir, what)
	}
	return nil
}
