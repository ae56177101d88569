package trial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/nn"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Initialize loads the initial values that the experiment asks for, after Trace.
func (t *Trial) Initialize() error {
	loaded, diags := t.loadInitial()
	if err := t.judge(diags, nil); err != nil {
		return err
	}
	t.adopt(loaded)
	return nil
}

// adopt begins with what was loaded; nil: with what the seed gives.
func (t *Trial) adopt(loaded *train.Loaded) {
	if loaded != nil {
		t.tell(Initialized{Loaded: loaded})
		t.initial = loaded.Values
	}
}

// loadInitial reads what the init block asks for; nil without one. A run that goes on has
// kept it, so that what it started from may be gone.
func (t *Trial) loadInitial() (*train.Loaded, hcl.Diagnostics) {
	exp := t.experiment()
	if exp.Init == nil {
		return nil, nil
	}
	if t.run != nil {
		loaded, err := t.keptInitial()
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return loaded, unusable(exp, err)
		}
	}
	warnings := sameVocabulary(exp, t.data) // first: it explains why shapes differ
	if warnings.HasErrors() {
		return nil, warnings
	}
	loaded, err := train.LoadLeaves(exp.Init.From, exp.Init.Only, t.model.Leaves())
	if err != nil {
		return nil, unusable(exp, err)
	}
	if embedding, _ := t.data.Transformer.Embedding(); loaded.Values[embedding] == nil {
		return loaded, nil
	}
	return loaded, warnings
}

// unusable says at the init block why initial values cannot be had.
func unusable(exp *experiment.Experiment, err error) hcl.Diagnostics {
	if err == nil {
		return nil
	}
	detail := fmt.Sprintf("%v.", err)
	if errors.Is(err, fs.ErrNotExist) {
		detail += " " + experiment.FromFolder(exp.Init.Range.Filename)
	}
	return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Unusable initial values",
		detail, exp.Init.Range)}
}

// keepInitial writes what the run starts from into its folder, unless it is there, to the
// last bit: single precision where that is exact.
func (t *Trial) keepInitial() error {
	if _, err := os.Stat(t.run.InitialPath()); t.initial == nil || err == nil {
		return nil
	}
	file := &safetensors.File{}
	for _, leaf := range t.model.Leaves() {
		values, ok := t.initial[leaf.Address]
		if !ok {
			continue
		}
		one := safetensors.Tensor{Name: leaf.Address, Shape: leaf.Shape, Values: values}
		if single, exact := narrow(values); exact {
			one.Values = single
		}
		file.Tensors = append(file.Tensors, one)
	}
	return t.run.WriteInitial(file)
}

// keptInitial reads what keepInitial wrote.
func (t *Trial) keptInitial() (*train.Loaded, error) {
	return train.LoadLeaves(t.run.InitialPath(), nil, t.model.Leaves())
}

// narrow returns numbers in single precision, and whether none was rounded.
func narrow(values []float64) (single []float32, exact bool) {
	single = make([]float32, len(values))
	for i, x := range values {
		if single[i] = float32(x); float64(single[i]) != x {
			return nil, false
		}
	}
	return single, true
}

// initialOf takes the initial values that a model has leaves for.
func initialOf(model *program.Model, initial map[string][]float64) map[string][]float64 {
	own := map[string][]float64{}
	for _, l := range model.Leaves() {
		if values, ok := initial[l.Address]; ok {
			own[l.Address] = values
		}
	}
	return own
}

// sameVocabulary holds the vocabulary of the run that the init block names to the
// experiment's, where the token embedding is taken from it: its rows mean nothing in
// another. Where the run or file does not tell, there is a warning, which is only about
// an embedding that is then loaded.
func sameVocabulary(exp *experiment.Experiment, data *session.Data) hcl.Diagnostics {
	embedding, _ := data.Transformer.Embedding()
	taken := embedding != "" && (len(exp.Init.Only) == 0 ||
		slices.ContainsFunc(exp.Init.Only, func(p string) bool { return nn.Match(p, embedding) }))
	info, err := os.Stat(exp.Init.From)
	if err != nil || !taken {
		return nil // what is wrong with the file is reported where it is read
	}
	unknown := func(what string) hcl.Diagnostics {
		return hcl.Diagnostics{experiment.Warning(experiment.CodeData, "Vocabulary not checked",
			fmt.Sprintf("%s has no tokenizer, so nothing shows that the rows of %s are of this "+
				"vocabulary.", what, embedding), exp.Init.Range)}
	}
	if !info.IsDir() {
		return unknown("The file")
	}
	run, err := record.Open(exp.Init.From)
	if err != nil {
		return nil
	}
	then, err := run.Data()
	if errors.Is(err, record.ErrNotYet) {
		return unknown("The run")
	}
	if err != nil {
		return unusable(exp, err)
	}
	tokenizers, err := run.Tokenizers()
	if err != nil {
		return unusable(exp, err)
	}
	theirs := tokenizers[then.Tokens]
	if theirs == nil {
		return unknown("The run")
	}
	name := tokensOf(exp)
	d := theirs.Difference(data.Tokenizers[name])
	if d == "" {
		return nil
	}
	return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeConflict, "Another vocabulary",
		fmt.Sprintf("The run's tokenizer %q and this experiment's tokenizer %q differ, so the rows of "+
			"%s would belong to other tokens. The run's against this one's: %s. Use the same data, "+
			"split, seed and tokenizer block as the run, or leave the embedding out by only = patterns "+
			"that do not match backbone/embed/**.", then.Tokens, name, embedding, d), exp.Init.Range)}
}
