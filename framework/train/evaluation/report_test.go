package evaluation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/baseline"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// fewShotReport compares a trained state, here any, on few-shot episodes.
func fewShotReport(t testing.TB) Config {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	model := newModel(t, descent(2, 0.05), programTask("letters", data,
		objectiveOf("letter", 3, bare)))
	state, err := model.Initial(6, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Learner: "descent", Model: model, State: state,
		Untrained: &Untrained{Initial: firstState},
		Tasks: []Task{{Test: freeze(t, data, sampling.Test, 8),
			Validation: freeze(t, data, sampling.Validation, 3).Frozen, Steps: []int{0, 1, 3},
			Rows:     []string{RowCentroid, RowChance},
			Features: baseline.Characters}}}
}

func firstState(m *program.Model) (program.Values, error) { return m.Initial(5, nil) }

func report(t testing.TB, c Config) ([]record.Table, []record.EpisodeSet) {
	t.Helper()
	tables, sets, err := Report(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return tables, sets
}

// names are the row names of a table.
func names(table record.Table) string {
	var out []string
	for _, row := range table.Rows {
		out = append(out, row.Name)
	}
	return strings.Join(out, ", ")
}

func TestReportOfEpisodes(t *testing.T) {
	c := fewShotReport(t)
	tables, sets := report(t, c)
	if len(tables) != 2 || len(sets) != 1 {
		t.Fatalf("%d tables and %d sets, want 2 and 1", len(tables), len(sets))
	}
	scores, differences := tables[0], tables[1]
	if got := scores.Title + ": " + scores.Metric + fmt.Sprint(scores.Columns); got != "letters/test,"+
		" 8 episodes, mean ± 95 % interval after adaptation steps: accuracy[0 1 3]" {
		t.Errorf("first table %q", got)
	}
	if got := names(scores); got != "trained, untrained, centroid, chance" {
		t.Errorf("rows %s", got)
	}
	if got := names(differences); got != "trained - untrained, trained - centroid" {
		t.Errorf("differences %s", got)
	}
	trained := run(t, Request{Model: c.Model, State: c.State, Set: c.Tasks[0].Test,
		Steps: []int{0, 1, 3}})
	for i, step := range trained.Steps {
		want := trained.Find("letter", "accuracy", step).Interval()
		if got := scores.Rows[0].Cells[i]; got != record.IntervalCell(want) {
			t.Errorf("after %d steps: %+v, want %v", step, got, want)
		}
		if got := scores.Rows[3].Cells[i]; float64(got.Mean) != 1./3 ||
			!math.IsNaN(float64(got.HalfWidth)) {
			t.Errorf("chance: %+v, want a third", got)
		}
		// The letters tell the classes apart.
		if got := scores.Rows[2].Cells[i]; got.Mean != 1 || got.N != 8 {
			t.Errorf("centroid: %+v, want 1 over 8 episodes", got)
		}
	}
	if got := fmt.Sprint(scores.Notes); got != "[trained: by descent, with 2 adaptation steps]" {
		t.Errorf("notes %s", got)
	}
	for _, reference := range []string{RowUntrained, RowCentroid} {
		compared, err := record.CompareRows(&record.Episodes{Sets: sets}, RowTrained, reference)
		if err != nil {
			t.Fatal(err)
		}
		row := differences.Rows[slices.IndexFunc(differences.Rows, func(r record.Row) bool {
			return r.Name == "trained - "+reference
		})]
		for _, one := range compared {
			if one.Metric != "accuracy" {
				continue
			}
			i := slices.Index(differences.Columns, one.Column)
			if got := row.Cells[i]; got != record.DifferenceCell(one.Difference) ||
				got.Clear != one.Clear() {
				t.Errorf("%s after %s steps: %+v, want %+v", row.Name, one.Column, got, one.Difference)
			}
		}
	}
	if set := sets[0]; set.Name != "letters/test" || set.Hash != c.Tasks[0].Test.Frozen.Hash ||
		set.Count != 8 {
		t.Errorf("set %q of %d episodes with hash %s", set.Name, set.Count, set.Hash)
	}
}

// What Report gives can be written and read again, and printed.
// TestReportOfLoadedStart: what a run adds to the one it started from is a row and a
// difference of its own.
func TestReportOfLoadedStart(t *testing.T) {
	c := fewShotReport(t)
	c.Initial = c.State
	tables, _ := report(t, c)
	if got := names(tables[0]); got != "trained, initial, untrained, centroid, chance" {
		t.Errorf("rows %s", got)
	}
	if !cmp.Equal(tables[0].Rows[0].Cells, tables[0].Rows[1].Cells, cmpopts.EquateNaNs()) {
		t.Errorf("scores of one state differ:\n%v\n%v", tables[0].Rows[0], tables[0].Rows[1])
	}
	if got := names(tables[1]); !strings.HasPrefix(got, "trained - initial, trained - untrained") {
		t.Errorf("differences %s", got)
	}
}

// The tables say which state it is, where it is not that after the last step.
func TestReportOfChosenState(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	model := longModel(t, 8, descent(2, 0.1), programTask("letters", data,
		objectiveOf("letter", 3, bare)))
	for trained, want := range map[int]string{
		8: "trained: by descent, with 2 adaptation steps",
		5: "trained: by descent, with 2 adaptation steps\n" +
			"trained: the state after step 5 of 8, the best on validation",
	} {
		tables, _ := report(t, Config{Learner: "descent", Model: model, State: initial(t, model),
			Trained: trained, Tasks: []Task{{Test: freeze(t, data, sampling.Test, 2),
				Steps: []int{0, 2}}}})
		if got := strings.Join(tables[0].Notes, "\n"); got != want {
			t.Errorf("after step %d: notes %q, want %q", trained, got, want)
		}
	}
}

func TestReportIsRecorded(t *testing.T) {
	tables, sets := report(t, fewShotReport(t))
	run, err := record.Create(t.TempDir(), record.Info{Experiment: "letters"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if err := errors.Join(run.WriteResults(tables), run.WriteEpisodes(sets)); err != nil {
		t.Fatal(err)
	}
	episodes, err := run.Episodes()
	if err != nil {
		t.Fatal(err)
	}
	same, err := record.Compare(episodes, episodes)
	if err != nil || same[0].Difference.Mean != 0 {
		t.Errorf("a run against itself: %+v, %v", same, err)
	}
	var text strings.Builder
	for _, table := range tables {
		if err := table.WriteText(&text); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("\n" + text.String())
}

// unlike generates lines on which adaptation helps, except those for validation, on
// which the support lies about the query.
func unlike() task.Dataset {
	data := lines(0)
	honest := data.Generator.Sample
	data.Generator.Sample = func(seed uint64, split string, index int64) (task.Episode, error) {
		e, err := honest(seed, split, index)
		for _, r := range e.Support {
			if y := r.Cells[1].Floats; split == sampling.Validation {
				y[0] = 5 - y[0]
			}
		}
		return e, err
	}
	return data
}

// The setting is the best on validation, also where another is better on the test.
func TestUntrainedIsChosenOnValidation(t *testing.T) {
	data := newTask(t, unlike(), points())
	modelAt := func(rate float64) *program.Model {
		return newModel(t, descent(2, rate), programTask("lines", data, objectiveOf("y", 0, regress)))
	}
	c := Config{Learner: "descent", Model: modelAt(0.1), Tasks: []Task{{
		Test:       freeze(t, data, sampling.Test, 6),
		Validation: freeze(t, data, sampling.Validation, 4).Frozen, Steps: []int{0, 2},
		Rows: []string{RowMajority}}}}
	c.State = initial(t, c.Model)
	c.Untrained = &Untrained{Initial: firstState}
	onTest := map[float64]float64{}
	for _, rate := range []float64{0.05, 0, 0.1} {
		c.Untrained.Variants = append(c.Untrained.Variants, Variant{fmt.Sprint("rate = ", rate),
			func(context.Context) (*program.Model, error) { return modelAt(rate), nil }})
		model := modelAt(rate)
		onTest[rate] = run(t, Request{Model: model, State: initial(t, model), Set: c.Tasks[0].Test,
			Steps: []int{2}}).Main("y", 2).Total
	}
	if !(onTest[0.05] < onTest[0]) {
		t.Fatalf("on the test no adaptation is best: %v", onTest)
	}
	tables, _ := report(t, c)
	scores, chosen := tables[0], tables[2]
	if got := names(scores); got != "trained, untrained, mean" {
		t.Errorf("rows %s", got)
	}
	const want = "untrained: rate = 0, the best of 3 on validation after 2 adaptation steps"
	if !slices.Contains(scores.Notes, want) {
		t.Errorf("notes %q, want %q", scores.Notes, want)
	}
	if scores.HigherBetter || scores.Rows[1].Cells[0] != scores.Rows[1].Cells[1] {
		t.Errorf("untrained row %+v, want the same without adaptation", scores.Rows[1])
	}
	if got := names(chosen); got != "rate = 0.05, rate = 0, rate = 0.1" || chosen.HigherBetter ||
		!(chosen.Rows[1].Cells[0].Mean < chosen.Rows[0].Cells[0].Mean) {
		t.Errorf("validation table %+v", chosen)
	}
}

// The setting is judged by the last number of steps that is reported, not by the
// number that the learner is trained with.
func TestUntrainedIsChosenAtTheLastSteps(t *testing.T) {
	data := newTask(t, lines(0), points())
	rates := []float64{0.01, 0.1, 0.3, 1}
	c := Config{Learner: "descent", Tasks: []Task{{Test: freeze(t, data, sampling.Test, 2),
		Validation: freeze(t, data, sampling.Validation, 4).Frozen, Steps: []int{0, 20}}}}
	c.Untrained = &Untrained{Initial: firstState}
	best := map[int]float64{} // rate by number of steps
	least := map[int]float64{1: math.Inf(1), 20: math.Inf(1)}
	for _, rate := range rates {
		model := newModel(t, descent(1, rate), programTask("lines", data, objectiveOf("y", 0, regress)))
		c.Model, c.State = model, initial(t, model)
		c.Untrained.Variants = append(c.Untrained.Variants, Variant{fmt.Sprint("rate = ", rate),
			func(context.Context) (*program.Model, error) { return model, nil }})
		scores := run(t, Request{Model: model, State: initial(t, model), Steps: []int{1, 20},
			Set: Set{Data: data, Frozen: c.Tasks[0].Validation}})
		for steps := range least {
			if x := scores.Main("y", steps).Interval().Mean; x < least[steps] {
				best[steps], least[steps] = rate, x
			}
		}
	}
	if best[1] == best[20] {
		t.Fatalf("the best rates are %v, want different ones", best)
	}
	tables, _ := report(t, c)
	want := fmt.Sprintf("untrained: rate = %v, the best of 4 on validation after 20 adaptation steps",
		best[20])
	if !slices.Contains(tables[0].Notes, want) {
		t.Errorf("notes %q, want %q", tables[0].Notes, want)
	}
	if got := tables[len(tables)-1].Metric; got != "score after 20 adaptation steps" {
		t.Errorf("the settings' measure is %q", got)
	}
}

// TestDivergedClassifierHasNoAccuracy: an arg-max over what is no number finds a class,
// by which a model that has diverged would score like chance.
func TestDivergedClassifierHasNoAccuracy(t *testing.T) {
	c := fewShotReport(t)
	c.Untrained.Variants = []Variant{{"rate = 1e30",
		func(context.Context) (*program.Model, error) {
			return newModel(t, descent(2, 1e30), c.Model.Tasks()...), nil
		}}}
	tables, sets := report(t, c)
	cells := tables[0].Rows[1].Cells
	if math.IsNaN(float64(cells[0].Mean)) || !math.IsNaN(float64(cells[2].Mean)) {
		t.Errorf("untrained %+v, want a score before adaptation and none after 3 steps", cells)
	}
	if want := "untrained, 3: 8 of 8 scores are no finite numbers"; !slices.Contains(
		tables[0].Notes, want) {
		t.Errorf("notes %q, want %q", tables[0].Notes, want)
	}
	for _, series := range sets[0].Series {
		if series.Row == RowUntrained && series.Column == "3" && !math.IsNaN(float64(series.Scores[0])) {
			t.Errorf("%s is recorded as %v", series.Metric, series.Scores[0])
		}
	}
}

// Where adaptation diverges the report is made all the same, and says so.
func TestReportOfDivergence(t *testing.T) {
	data := newLines(t, 0)
	model := newModel(t, descent(2, 0.1), programTask("lines", data, objectiveOf("y", 0, regress)))
	c := Config{Learner: "descent", Model: model, State: initial(t, model),
		Tasks: []Task{{Test: freeze(t, data, sampling.Test, 3), Steps: []int{0, 2},
			Rows: []string{RowCentroid}}},
		Untrained: &Untrained{Initial: firstState, Variants: []Variant{{"rate = 1e30",
			func(context.Context) (*program.Model, error) {
				return newModel(t, descent(2, 1e30), model.Tasks()...), nil
			}}}}}
	tables, _ := report(t, c)
	if cell := tables[1].Rows[0].Cells[1]; !math.IsNaN(float64(cell.Mean)) {
		t.Errorf("difference to what diverged: %+v, want none", cell)
	}
	if cell := tables[1].Rows[0].Cells[0]; math.IsNaN(float64(cell.Mean)) {
		t.Error("no difference before adaptation, want one")
	}
	for _, want := range []string{"untrained, 2: 3 of 3 scores are no finite numbers",
		`no row "centroid": it predicts classes, and the target is a value`} {
		if !slices.Contains(tables[0].Notes, want) {
			t.Errorf("notes %q, want %q", tables[0].Notes, want)
		}
	}
}

// Ordinary batches are reported by record, with the single task's run beside.
func TestReportOfBatches(t *testing.T) {
	r := pass(t, 4)
	data := r.Set.Data
	single := newModel(t, descent(0, 0), programTask("letters", data,
		objectiveOf("letter", 4, counting)))
	alone := newModel(t, descent(0, 0), programTask("letters", data,
		objectiveOf("length", 0, regress)))
	c := Config{Learner: "joint", Model: r.Model, State: r.State,
		Singles: []Single{{"single_task", "letters", "letter", single, initial(t, single), 0},
			{"single_task", "letters", "length", alone, initial(t, alone), 0}},
		Tasks: []Task{{Test: r.Set, Steps: []int{0, 1}, Rows: []string{RowMajority, RowChance}}}}
	tables, sets := report(t, c)
	if len(tables) != 4 || len(sets) != 2 {
		t.Fatalf("%d tables and %d sets, want 4 and 2", len(tables), len(sets))
	}
	letter, length := tables[0], tables[2]
	if got := letter.Metric + ": " + names(letter); got !=
		"accuracy, macro_f1: trained, single_task, majority, chance" {
		t.Errorf("classes: %s", got)
	}
	if got := length.Metric + ": " + names(length); got != "mse: trained, single_task, mean" {
		t.Errorf("values: %s", got)
	}
	scores := run(t, r)
	accuracy, macro := scores.Find("letter", "accuracy", 0), scores.Find("letter", "macro_f1", 0)
	if got := letter.Rows[0].Cells; got[0] != record.IntervalCell(accuracy.Interval()) ||
		got[1] != record.IntervalCell(macro.Interval()) || float64(got[1].Mean) != macro.Total {
		t.Errorf("trained row %+v, want %v and %v", got, accuracy.Interval(), macro.Interval())
	}
	if letter.Rows[3].Cells[0].Mean != 0.25 {
		t.Errorf("chance %+v, want a quarter", letter.Rows[3].Cells[0])
	}
	if got := names(tables[1]); got != "trained - single_task, trained - majority" ||
		len(tables[1].Columns) != 2 {
		t.Errorf("differences %s by %v, want both measures", got, tables[1].Columns)
	}
	if sets[0].Name != "letters/test/letter" || sets[0].Count != len(accuracy.Records) ||
		sets[1].Count != 10 {
		t.Errorf("sets %q of %d and %q of %d records", sets[0].Name, sets[0].Count, sets[1].Name,
			sets[1].Count)
	}
	wantMajority(t, data, r.Set, float64(letter.Rows[2].Cells[0].Mean))
}

// wantMajority counts how often the most frequent class of training is right.
func wantMajority(t *testing.T, data *sampling.Task, set Set, got float64) {
	t.Helper()
	draws, err := data.Pass(sampling.Train)
	if err != nil {
		t.Fatal(err)
	}
	count := func(draws []sampling.Draw) map[int]float64 {
		counts := map[int]float64{}
		for _, d := range draws {
			_, query, err := data.Raw(d, "letter")
			if err != nil {
				t.Fatal(err)
			}
			for _, label := range query.Labels {
				counts[label]++
			}
		}
		delete(counts, -1)
		return counts
	}
	train, test := count(draws), count(set.Frozen.Draws)
	best, all := 0, 0.0
	for class := range 4 {
		if train[class] > train[best] {
			best = class
		}
		all += test[class]
	}
	if want := test[best] / all; got != want {
		t.Errorf("majority %v, want %v", got, want)
	}
}

func TestReportRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"row", func(c *Config) { c.Tasks[0].Rows = []string{"oracle"} }, `row "oracle", want`},
		{"tasks", func(c *Config) { c.Tasks = nil }, "episodes of 0 tasks, want 1"},
		{"hash", func(c *Config) { c.Tasks[0].Test.Frozen.Hash = "abc" }, "frozen with abc"},
		{"single", func(c *Config) {
			c.Singles = []Single{{Row: "single_task", Task: "letters", Objective: "x", Model: c.Model}}
		}, `no objective "x" of task "letters"`},
		{"single's row", func(c *Config) { c.Singles = []Single{{Row: "chance"}} }, "taken"},
		{"chosen on the test", func(c *Config) {
			variant := Variant{"a", func(context.Context) (*program.Model, error) { return c.Model, nil }}
			c.Untrained.Variants = []Variant{variant, variant}
			c.Tasks[0].Validation = c.Tasks[0].Test.Frozen
		}, "a state is chosen on"},
		{"variant", func(c *Config) {
			c.Untrained.Variants = []Variant{{"a", func(context.Context) (*program.Model, error) {
				return nil, errors.New("plugin crashed")
			}}}
		}, "untrained with a: plugin crashed"},
	} {
		c := fewShotReport(t)
		test.change(&c)
		_, _, err := Report(t.Context(), c)
		wantError(t, test.name, err, test.want)
	}
}
