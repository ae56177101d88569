package experiments_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/experiments/experimentstest"
	"quickstudy/framework/experiment"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// A table is what is expected of one that compares methods: the episodes' set, the columns
// and the rows.
type table struct{ set, columns, rows string }

// adapted is the table of a task that is adapted to; models are the rows above the
// untrained one.
func adapted(set, models string) table {
	return table{set, "0 1 3 5", models + " untrained centroid chance"}
}

// nearest is the table of a task that compares a query with the support, and adapts nothing.
func nearest(task, rows string) table { return table{task + "/test", "0", rows} }

// wave is the table of the sine waves.
var wave = []table{{"waves/test", "0 1 5 10", "trained untrained"}}

// crossdomain is the table of intents across domains, of learners that adapt.
var crossdomain = []table{{"intents/test", "0 1 3 10", "trained untrained centroid chance"}}

// points are the tables of linear functions, of so many points each.
func points(numbers ...int) []table {
	var all []table
	for _, n := range numbers {
		all = append(all, table{fmt.Sprintf("points_%d/test", n), "0", "trained"})
	}
	return all
}

// reduced is how far an experiment is cut down, and what it still prints. The chain has a
// test of its own.
var reduced = []struct {
	file   string
	tables []table
}{
	{"quickstart.hcl", []table{adapted("languages/test", "trained")}},
	{"maml_clinc150.hcl", []table{adapted("intents/test", "trained")}},
	{"fomaml_clinc150.hcl", []table{adapted("intents/test", "trained")}},
	{"reptile_clinc150.hcl", []table{adapted("intents/test", "trained")}},
	{"maml_two_tasks_clinc150_names.hcl",
		[]table{adapted("intents/test", "trained"), adapted("languages/test", "trained")}},
	{"mtl_clinc150.hcl", []table{
		{"queries/test/intent", "accuracy macro_f1", "trained single_task majority"},
		{"queries/test/domain", "accuracy macro_f1", "trained single_task majority"},
		{"queries/test/scope", "accuracy macro_f1", "trained single_task majority"},
	}},
	{"maml_sinusoid_sequence.hcl", wave},
	{"fomaml_sinusoid_sequence.hcl", wave},
	{"maml_sinusoid_points.hcl", wave},
	{"fomaml_sinusoid_points.hcl", wave},
	{"finetune_sinusoid_points.hcl", wave},
	{"maml_sinusoid_mlp.hcl", wave},
	{"meta_sgd_sinusoid_mlp.hcl", wave},
	{"maml_plus_plus_sinusoid_mlp.hcl", wave},
	{"reptile_sinusoid_mlp.hcl", wave},
	{"finetune_sinusoid_mlp.hcl", wave},
	{"cavia_sinusoid_mlp.hcl", wave},
	{"imaml_sinusoid_mlp.hcl", wave},
	{"affinity_planted.hcl", []table{
		{"north/test", "accuracy macro_f1", "trained majority"},
		{"east/test", "accuracy macro_f1", "trained majority"},
		{"south/test", "accuracy macro_f1", "trained majority"},
		{"west/test", "accuracy macro_f1", "trained majority"},
	}},
	{"restaurants8k.hcl",
		[]table{{"slots/test", "exact_match answer_f1 span_f1", "trained majority"}}},
	{"metadataset_mixture.hcl", []table{
		nearest("intents", "trained centroid chance"),
		nearest("relations", "trained centroid chance"),
		nearest("characters", "trained nearest chance"),
	}},
	{"scan_simple.hcl", []table{{"commands/test", "exact_match accuracy", "trained"}}},
	{"scan_length.hcl", []table{{"commands/test", "exact_match accuracy", "trained"}}},
	{"scan_addprim_jump.hcl", []table{{"commands/test", "exact_match accuracy", "trained"}}},
	{"scan_permuted.hcl", []table{{"commands/test", "0 1 3 10", "trained"}}},
	{"scan_in_context.hcl", []table{{"commands/test", "0", "trained"}}},
	{"multi30k_episodes.hcl", []table{{"captions/test", "0 2 10", "trained"}}},
	{"multi30k_one_pair.hcl", written("trained")},
	{"crossdomain_clinc150.hcl", []table{nearest("intents", "trained untrained centroid chance")}},
	{"crossdomain_maml_clinc150.hcl", crossdomain},
	{"crossdomain_reptile_clinc150.hcl", crossdomain},
	{"crossdomain_protomaml_clinc150.hcl", crossdomain},
	{"crossdomain_finetune_clinc150.hcl", crossdomain},
	{"crossdomain_protonet_clinc150.hcl",
		[]table{nearest("intents", "trained untrained centroid chance")}},
	{"crossdomain_incontext_clinc150.hcl",
		[]table{nearest("intents", "trained untrained centroid chance")}},
	{"weightings_text.hcl", []table{
		{"intents/test", "accuracy macro_f1", "trained single_task majority"},
		{"domains/test", "accuracy macro_f1", "trained single_task majority"},
		{"relations/test", "accuracy macro_f1", "trained single_task majority"},
		{"slots/test", "exact_match answer_f1 span_f1", "trained single_task majority"},
	}},
	{"initial_clinc150.hcl", crossdomain},
	{"modules_text.hcl", []table{
		{"intents/test", "accuracy macro_f1", "trained single_task majority"},
		{"domains/test", "accuracy macro_f1", "trained single_task majority"},
	}},
	{"probe_fewrel.hcl",
		[]table{{"relations/test", "0 10 50", "trained untrained centroid chance"}}},
	{"incontext_linear.hcl", points(1, 2, 3, 4, 5, 7, 10)},
	{"zeroshot_clinc150.hcl", []table{nearest("intents", "trained untrained centroid chance")}},
	{"fewrel.hcl", []table{nearest("relations", "trained untrained centroid chance")}},
	{"shared_encoder.hcl", []table{nearest("intents", "trained untrained chance"),
		nearest("characters", "trained untrained chance")}},
	{"omniglot.hcl", []table{nearest("characters", "trained nearest chance")}},
	{"dialogue_restaurants8k.hcl",
		[]table{{"dialogues/test", "bleu chrf exact_match accuracy", "trained"}}},
	{"mixed_heads.hcl", []table{
		{"queries/test", "accuracy macro_f1", "trained"},
		{"bookings/test/slots", "entity_f1 accuracy", "trained"},
		{"bookings/test/note", "bleu chrf exact_match accuracy", "trained"},
	}},
	{"shared_decoder.hcl", []table{
		{"queries/test/intent", "accuracy macro_f1", "trained single_task"},
		{"queries/test/words", "exact_match accuracy", "trained single_task"},
	}},
	{"two_sentences.hcl", []table{
		{"one_sentence/test/place", "exact_match answer_f1 span_f1", "trained majority"},
		{"one_sentence/test/person", "exact_match answer_f1 span_f1", "trained majority"},
		{"two_sentences/test/place", "exact_match answer_f1 span_f1", "trained majority"},
		{"two_sentences/test/person", "exact_match answer_f1 span_f1", "trained majority"},
		{"two_sentences/test/holder", "exact_match answer_f1 span_f1", "trained majority"},
		{"two_sentences/test/thing", "exact_match answer_f1 span_f1", "trained majority"},
	}},
}

// chain are the experiments that start from one another, and the variable that says where
// from.
var chain = []struct {
	file, from string
	steps      int
	tables     []table
}{
	{"chain_1_pretrain_clinc150.hcl", "", 2,
		[]table{{"queries/test", "accuracy macro_f1", "trained majority"}}},
	{"chain_2_metatrain_clinc150.hcl", "pretrained", 2,
		[]table{adapted("intents/test", "trained initial")}},
	{"chain_3_metatest_clinc150.hcl", "metatrained", 0,
		[]table{adapted("intents/test", "trained")}},
}

// leftOut are the two of Multi30k of which the other begins with the run of the one.
var leftOut = []string{"multi30k_multilingual.hcl", "multi30k_left_out.hcl"}

// written is the table of translations, with rows of models.
func written(rows string) []table {
	return []table{{"captions/test", "bleu chrf exact_match accuracy", rows}}
}

// TestEveryRunsToItsEnd in a reduced form.
func TestEveryRunsToItsEnd(t *testing.T) {
	experimentstest.SkipShort(t)
	covered := map[string]bool{}
	for _, test := range reduced {
		covered[test.file] = true
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			r := experimentstest.Run(t, test.file, 1)
			check(t, r, 2, test.tables)
		})
	}
	for _, test := range chain {
		covered[test.file] = true
	}
	for _, file := range leftOut {
		covered[file] = true
	}
	for _, file := range experimentstest.Files(t) {
		if !covered[file] {
			t.Errorf("%s is run by no test", file)
		}
	}
}

// TestChain: each takes its weights from the run of the one before, and says which.
func TestChain(t *testing.T) {
	experimentstest.SkipShort(t)
	t.Parallel()
	before := ""
	for _, link := range chain {
		var variables []string
		if link.from != "" {
			variables = append(variables, link.from+"="+before)
		}
		r := experimentstest.Run(t, link.file, 1, variables...)
		check(t, r, link.steps, link.tables)
		if link.from != "" && !strings.Contains(r.Stderr, "leaves from "+before) {
			t.Errorf("%s does not say what it has loaded from %s:\n%s", link.file, before, r.Stderr)
		}
		before = r.Dir
	}
	// Without a step of training the row still is of parameters that nobody trained.
	kept, err := record.Open(before)
	if err != nil {
		t.Fatal(err)
	}
	scored, err := kept.Episodes()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]record.Number{}
	for _, series := range scored.Sets[0].Series {
		if series.Metric == "loss" {
			rows[series.Row] = append(rows[series.Row], series.Scores...)
		}
	}
	if len(rows["trained"]) != 4*4 || slices.Equal(rows["trained"], rows["untrained"]) {
		t.Errorf("losses of the meta-trained %v, of the untrained %v", rows["trained"], rows["untrained"])
	}
}

// TestLeftOut: a pair that is left out is begun with what the others have learned, by their
// vocabulary, and is shown before and after it is adapted to.
func TestLeftOut(t *testing.T) {
	experimentstest.SkipShort(t)
	t.Parallel()
	before := experimentstest.Run(t, leftOut[0], 1)
	check(t, before, 2, written("trained"))
	after := experimentstest.Run(t, leftOut[1], 1, "multilingual="+before.Dir)
	check(t, after, 2, written("trained initial"))
	if !strings.Contains(after.Stderr, "leaves from "+before.Dir) {
		t.Errorf("it does not say what it has loaded:\n%s", after.Stderr)
	}
}

// TestChainDividesAlike: what one of the chain is tested on, none has trained on, and all
// have one vocabulary.
func TestChainDividesAlike(t *testing.T) {
	t.Parallel()
	first := ""
	var want map[string][]int64
	for _, link := range chain {
		variables := experimentstest.Data(t, link.file)
		if link.from != "" {
			variables = append(variables, link.from+"=a run")
		}
		s, diags, err := session.Open(t.Context(), link.file,
			session.Options{Variables: experiment.Options{Vars: variables}})
		t.Cleanup(s.Close)
		if err != nil || diags.HasErrors() {
			t.Fatal(diags, err)
		}
		data, diags, err := s.Data(t.Context())
		if err != nil || diags.HasErrors() {
			t.Fatal(diags, err)
		}
		got := map[string][]int64{}
		for _, split := range []string{sampling.Train, sampling.Validation, sampling.Test} {
			got[split] = data.Tasks[0].Pool().Records(split)
		}
		var tokenizer strings.Builder
		if err := data.Tasks[0].Config.Inputs[0].Tokenizer.Save(&tokenizer); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, first = got, tokenizer.String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s divides its records as no other (-want +got)\n%s", link.file, diff)
		}
		if tokenizer.String() != first {
			t.Errorf("%s has a vocabulary of its own", link.file)
		}
	}
}

// TestMissingData is told with what it should be, where it is found and its licence.
func TestMissingData(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), experimentstest.Runner, "run", "-runs="+t.TempDir(),
		"-var=clinc150=nowhere.json", "maml_clinc150.hcl")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("it ran without data")
	}
	for _, want := range []string{experimentstest.Absolute(t, "nowhere.json"), "queries of CLINC150",
		"https://github.com/clinc/oos-eval", "CC BY 3.0"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// check holds a result to what was trained and compared.
func check(t *testing.T, r experimentstest.Result, steps int, want []table) {
	t.Helper()
	if diff := cmp.Diff(want, compared(r.Stdout), cmp.AllowUnexported(table{})); diff != "" {
		t.Errorf("tables (-want +got)\n%s%s", diff, r.Stdout)
	}
	kept, err := record.Open(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if status := kept.Info().Status; status != record.Done {
		t.Errorf("the run is recorded as %s", status)
	}
	trained := 0
	for line, err := range kept.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		if line.Event != "train" {
			continue
		}
		trained++
		if loss, ok := line.Values["loss"]; !ok || math.IsNaN(float64(loss)) {
			t.Errorf("step %d has the loss %v", line.Step, loss)
		}
	}
	if trained != steps {
		t.Errorf("%d steps in the metrics, want %d", trained, steps)
	}
	found, err := checkpoint.Latest(kept.Checkpoints())
	if err != nil || found.Step != int64(steps) {
		t.Errorf("the last checkpoint is %+v, want one of step %d: %v", found, steps, err)
	}
}

// compared reads the tables of methods that were printed.
func compared(stdout string) []table {
	var tables []table
	for part := range strings.SplitSeq(stdout, "\n\n") {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		if len(lines) < 2 || !strings.HasPrefix(lines[1], "method ") {
			continue
		}
		set, _, _ := strings.Cut(lines[0], ",")
		columns := strings.Fields(lines[1])[1:]
		var rows []string
		for _, line := range lines[2:] {
			name, _, isRow := strings.Cut(line, "  ") // notes have single spaces
			if isRow {
				rows = append(rows, name)
			}
		}
		tables = append(tables, table{set, strings.Join(columns, " "), strings.Join(rows, " ")})
	}
	return tables
}

// TestRepeats: the same steps leave the same bytes, and so with any number of workers.
func TestRepeats(t *testing.T) {
	experimentstest.SkipShort(t)
	for _, file := range []string{"quickstart.hcl", "mtl_clinc150.hcl", "maml_sinusoid_points.hcl"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			first := left(t, experimentstest.Run(t, file, 1))
			for _, workers := range []int{2, 3} {
				again := left(t, experimentstest.Run(t, file, workers))
				if diff := cmp.Diff(first, again); diff != "" {
					t.Errorf("with %d workers (-first +again)\n%s", workers, diff)
				}
			}
		})
	}
}

// left is what a run has left that must not differ: metrics but for their times, tables,
// scores, and checkpoints to the last byte.
func left(t *testing.T, r experimentstest.Result) map[string]string {
	t.Helper()
	traces := map[string]string{"stdout": r.Stdout}
	kept, err := record.Open(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for line, err := range kept.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		line.Seconds = 0
		encoded, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		traces["metrics.jsonl"] += string(encoded) + "\n"
	}
	files, err := filepath.Glob(filepath.Join(kept.Checkpoints(), "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no checkpoint: %v", err)
	}
	for _, name := range []string{"results.json", "episodes.json", "resolved.hcl", "plugins.json"} {
		files = append(files, filepath.Join(r.Dir, name))
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) == ".safetensors" {
			content = fmt.Appendf(nil, "%x", sha256.Sum256(content)) // of the difference no more is read
		}
		traces[filepath.Base(path)] = string(content)
	}
	return traces
}
