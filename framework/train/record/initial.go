package record

import (
	"io"
	"path/filepath"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/train/checkpoint/safetensors"
)

// InitialPath returns the path of the values that the run started from, where these come
// from elsewhere: an array for each leaf, by address. It may not exist.
func (r *Run) InitialPath() string { return r.path(initialFile) }

// WriteInitial keeps the values that the run starts from. It is called before the first
// step.
func (r *Run) WriteInitial(values *safetensors.File) error {
	if err := r.mustBeLocked("write initial values"); err != nil {
		return err
	}
	return atomicfile.Write(r.InitialPath(), 0o644, func(w io.Writer) error {
		return safetensors.Write(w, values)
	})
}

// SingleTask returns the folder of the checkpoints of a model that is trained for one
// objective of one task alone. It may not exist yet.
func (r *Run) SingleTask(task, objective string) string {
	return filepath.Join(r.path(singleTaskDir), task, objective)
}
