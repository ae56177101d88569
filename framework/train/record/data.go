package record

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"quickstudy/framework/regular"
	"quickstudy/framework/text"
)

// Data is what data.json holds: what a run learned from.
type Data struct {
	Format int `json:"format"`
	// Tokens names the tokenizer whose entries have the rows of the backbone's token
	// embedding; "" where the backbone reads no tokens.
	Tokens string     `json:"tokens,omitempty"`
	Tasks  []TaskData `json:"tasks"` // in the order of the experiment
}

// TaskData is the data of one task.
type TaskData struct {
	Task    string `json:"task"`
	Digest  string `json:"digest"` // lower-case hexadecimal SHA-256; "" of what is generated
	Origin  string `json:"origin"`
	Licence string `json:"licence"`
	// LeftOut counts what of the data took no part.
	LeftOut LeftOut `json:"left_out,omitzero"`
}

// LeftOut counts records that have no label, that are beyond the share of training or whose
// inputs another split has, and classes with fewer records than min_examples in a split.
type LeftOut struct {
	Unlabelled   int `json:"unlabelled,omitempty"`
	Unused       int `json:"unused,omitempty"`
	Duplicates   int `json:"duplicates,omitempty"`
	SmallClasses int `json:"small_classes,omitempty"`
}

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (d *Data) check() error {
	if d.Tokens != "" {
		if err := checkFolderName("tokenizer", d.Tokens); err != nil {
			return err
		}
	}
	names := map[string]bool{}
	for i, t := range d.Tasks {
		if t.Task == "" {
			return fmt.Errorf("task %d has no name", i)
		}
		if names[t.Task] {
			return fmt.Errorf("task %q occurs twice", t.Task)
		}
		names[t.Task] = true
		if l := t.LeftOut; l.Unlabelled < 0 || l.Unused < 0 || l.Duplicates < 0 || l.SmallClasses < 0 {
			return fmt.Errorf("task %q: a count of what was left out is negative: %+v", t.Task, l)
		}
		if t.Digest != "" && !sha256Text.MatchString(t.Digest) {
			return fmt.Errorf("task %q: digest %q is not the lower-case hexadecimal of a SHA-256",
				t.Task, t.Digest)
		}
	}
	return nil
}

// WriteData keeps what the run learns from, and its tokenizers by name. It is called before
// the first step. The data is written last, so that a run that has it has all tokenizers.
func (r *Run) WriteData(data Data, tokenizers map[string]*text.Tokenizer) error {
	if err := r.mustBeLocked("write data"); err != nil {
		return err
	}
	if len(tokenizers) > 0 {
		if err := os.MkdirAll(r.path(tokenizersDir), 0o755); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tokenizers)) {
		if err := checkFolderName("tokenizer", name); err != nil {
			return err
		}
		var content bytes.Buffer
		if err := tokenizers[name].Save(&content); err != nil {
			return err
		}
		if err := writeFile(r.tokenizer(name), maxTokenizer, content.Bytes()); err != nil {
			return err
		}
	}
	data.Format = FormatVersion
	return writeJSON(r.path(dataFile), maxData, &data)
}

// Data returns what the run learned from, or ErrNotYet for a run that does not tell.
func (r *Run) Data() (*Data, error) {
	var data Data
	if err := readJSON(r.path(dataFile), maxData, &data); err != nil {
		return nil, r.notYet("record of its data", err)
	}
	return &data, nil
}

// Tokenizers returns the run's tokenizers by name.
func (r *Run) Tokenizers() (map[string]*text.Tokenizer, error) {
	tokenizers := map[string]*text.Tokenizer{}
	entries, err := os.ReadDir(r.path(tokenizersDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), tokenizerExt)
		if !is || checkFolderName("tokenizer", name) != nil {
			continue // what a killed process left unfinished, or somebody else's
		}
		content, err := regular.Read(r.tokenizer(name), maxTokenizer)
		if err != nil {
			return nil, err
		}
		if tokenizers[name], err = text.Load(bytes.NewReader(content)); err != nil {
			return nil, fmt.Errorf("%s: %w", r.tokenizer(name), err)
		}
	}
	return tokenizers, nil
}

func (r *Run) tokenizer(name string) string {
	return filepath.Join(r.path(tokenizersDir), name+tokenizerExt)
}
