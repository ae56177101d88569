package trial

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/nn"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Initialize loads the initial values that the experiment asks for, after Trace. Create
// and Resume do it. A checkpoint has what became of them, so that with one they may be
// gone, unless another training begins with them too.
func (t *Trial) Initialize() error {
	exp := t.experiment()
	loaded, diags := LoadInitial(exp, t.data, t.model)
	if diags.HasErrors() && t.from != nil &&
		!slices.Contains(exp.Evaluate.Rows, experiment.RowSingleTask) {
		t.config.Logger.Warn().Err(diags).Msg("the row of what the run started from is left out")
		return nil
	}
	if err := t.judge(diags, nil); err != nil {
		return err
	}
	if loaded != nil {
		t.tell(Initialized{Loaded: loaded})
		t.initial = loaded.Values
	}
	return nil
}

// LoadInitial reads what the init block asks for; nil without one.
func LoadInitial(exp *experiment.Experiment, data *session.Data, model *program.Model) (
	*train.Loaded, hcl.Diagnostics) {
	if exp.Init == nil {
		return nil, nil
	}
	warnings := sameVocabulary(exp, data) // first: it explains why shapes differ
	if warnings.HasErrors() {
		return nil, warnings
	}
	loaded, err := train.LoadLeaves(exp.Init.From, exp.Init.Only, model.Leaves())
	if err != nil {
		return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile,
			"Unusable initial values", fmt.Sprintf("%v.", err), exp.Init.Range)}
	}
	if embedding, _ := data.Transformer.Embedding(); loaded.Values[embedding] == nil {
		return loaded, nil
	}
	return loaded, warnings
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
	unusable := func(err error) hcl.Diagnostics {
		return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Unusable initial values",
			fmt.Sprintf("%v.", err), exp.Init.Range)}
	}
	if err != nil {
		return unusable(err)
	}
	tokenizers, err := run.Tokenizers()
	if err != nil {
		return unusable(err)
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
