package evaluation

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/program"
)

// Names of the measures that need nothing of a head but its predictions or losses.
const (
	accuracyName   = "accuracy"
	macroF1Name    = "macro_f1"
	mseName        = "mse"
	entityF1Name   = "entity_f1"   // of tags of a scheme such as BIO
	exactMatchName = "exact_match" // of the text of a span, or of all tokens of a text
	answerF1Name   = "answer_f1"   // of the words of a span's text
	spanF1Name     = "span_f1"     // of spans that are there or are predicted
	bleuName       = "bleu"        // of texts that are written
	chrfName       = "chrf"
	lossName       = "loss"
	perplexityName = "perplexity" // of a head's own
)

// measure is one thing that is scored of an objective.
type measure struct {
	name         string
	higherBetter bool
	finish       head.Finish
	source       source
}

// source says where the sums of a measure come from.
type source uint8

const (
	fromHead source = iota
	fromPredictions
	fromLoss
)

// objective is how one objective of a task is scored: by entities or texts, of which a
// head knows nothing; by the head's own metrics; by what else follows from its
// predictions; by the loss.
type objective struct {
	name      string
	measures  []measure
	metrics   []head.Metric
	predicted string // name of the prediction that is scored; "": none
	data      *sampling.Task
	tags      []string // by id, if they mark entities
	writes    bool     // texts are written
}

// newObjective reads off the results after some number of steps what there is.
func newObjective(name string, metrics []head.Metric, results []graph.Value,
	steps int, data *sampling.Task, writes bool) objective {
	o := objective{name: name, metrics: metrics, data: data}
	for _, r := range results {
		kind := strings.TrimPrefix(r.Name, fmt.Sprintf("%d/%s/prediction/", steps, name))
		if slices.Contains([]string{"class", "value", "tags", "span", "tokens"}, kind) {
			o.predicted = kind
		}
	}
	switch target, _ := data.Target(name); o.predicted {
	case "tags":
		if vocabulary := target.Field.Vocabulary; metric.Tagged(vocabulary) {
			o.tags = vocabulary
			o.derive(entityF1Name)
		}
	case "span":
		o.derive(exactMatchName, answerF1Name, spanF1Name)
	case "tokens":
		if o.writes = writes; writes {
			o.derive(bleuName, chrfName)
		}
		o.derive(exactMatchName)
	}
	for _, m := range metrics {
		o.measures = append(o.measures, measure{m.Name, m.Higher, m.Finish, fromHead})
	}
	switch o.predicted {
	case "class":
		o.derive(accuracyName, macroF1Name)
	case "value":
		o.derive(mseName)
	case "tags", "tokens":
		o.derive(accuracyName)
	}
	o.derive(lossName)
	return o
}

// derived are the measures that every head has that gives what they follow from.
var derived = []struct {
	name         string
	finish       head.Finish
	higherBetter bool
	source       source
}{
	{accuracyName, head.Ratio, true, fromPredictions},
	{macroF1Name, head.MacroF1, true, fromPredictions},
	{mseName, head.MeanError, false, fromPredictions},
	{entityF1Name, head.F1, true, fromPredictions},
	{exactMatchName, head.Ratio, true, fromPredictions},
	{answerF1Name, head.Ratio, true, fromPredictions},
	{spanF1Name, head.F1, true, fromPredictions},
	{bleuName, head.BLEU, true, fromPredictions},
	{chrfName, head.CHRF, true, fromPredictions},
	{lossName, head.MeanError, false, fromLoss},
}

// derive adds derived measures, except those that the head has itself.
func (o *objective) derive(names ...string) {
	for _, d := range derived {
		if slices.Contains(names, d.name) && o.index(d.name) < 0 {
			o.measures = append(o.measures, measure{d.name, d.higherBetter, d.finish, d.source})
		}
	}
}

func (o objective) index(name string) int {
	return slices.IndexFunc(o.measures, func(m measure) bool { return m.name == name })
}

// drawn is what a draw comes to, by number of steps and objective.
type drawn [][]outcome

// outcome is a draw's sums for each measure of an objective, and a score of each of
// its records that has a target: 1 or 0 for a class, a span or a text, the squared error
// of a value.
type outcome struct {
	sums    [][]float64
	records []float64
	each    [][][]part // what every record adds to the sums, by measure; see groups
}

func newDrawn(steps int, objectives []objective) drawn {
	out := make(drawn, steps)
	for i := range out {
		out[i] = make([]outcome, len(objectives))
		for k, o := range objectives {
			out[i][k].sums = make([][]float64, len(o.measures))
			out[i][k].each = make([][][]part, len(o.measures))
		}
	}
	return out
}

// add adds an element's part of a draw. The head's loss is divided by the weight of
// the whole draw: see complete.
func (o objective) add(out *outcome, steps int, e program.Element, records []task.Record,
	written []wrote, results program.Values) error {
	prefix := fmt.Sprintf("%d/%s/", steps, o.name)
	fromHeads := map[string][]float64{}
	for _, m := range o.metrics {
		for i := range m.Finish.Sums() {
			sum, err := floats(results, fmt.Sprintf("%smetric/%s/%d", prefix, m.Name, i))
			if err != nil {
				return err
			}
			fromHeads[m.Name] = append(fromHeads[m.Name], sum...)
		}
	}
	weight := e.Query.Array(o.name + "/weight")
	if weight == nil {
		return fmt.Errorf("the query has no %s/weight", o.name)
	}
	tally, err := o.tally(prefix, e.Query, weight, records, results)
	if err != nil {
		return err
	}
	if o.writes {
		if err := o.tallyTexts(&tally, e.Query, records, written); err != nil {
			return err
		}
	}
	out.records = append(out.records, tally.records...)
	loss, err := floats(results, prefix+"loss")
	if err != nil {
		return err
	}
	total := 0.0
	for _, w := range weight.Floats {
		total += w
	}
	for i, m := range o.measures {
		sums := fromHeads[m.name]
		switch m.source {
		case fromPredictions:
			sums = tally.sums(m)
			out.each[i] = append(out.each[i], tally.each[m.name]...)
		case fromLoss:
			sums = []float64{loss[0], total}
		}
		if out.sums[i], err = metric.Add(m.finish, out.sums[i], sums); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// complete multiplies the weight of the whole draw into its loss, so that losses of
// draws add up to the sum over their examples.
func (o objective) complete(out *outcome) {
	for i, m := range o.measures {
		if m.source == fromLoss {
			out.sums[i][0] *= out.sums[i][1]
		}
	}
}

// tally counts the predictions of the examples that have a target.
func (o objective) tally(prefix string, query *sampling.Batch, weight *sampling.Array,
	records []task.Record, results program.Values) (tally, error) {
	switch o.predicted {
	case "tags", "tokens":
		return o.tallySequences(prefix, query, weight, results)
	case "span":
		return o.tallySpans(prefix, weight, records, results)
	case "class":
		predicted, err := integers(results, prefix+"prediction/class")
		truth := query.Array(o.name + "/class")
		if err == nil && (truth == nil || len(predicted) != len(truth.Ints) ||
			len(weight.Floats) != len(truth.Ints)) {
			err = fmt.Errorf("the %d predicted classes are not of the targets", len(predicted))
		}
		if err != nil {
			return tally{}, err
		}
		var is, said []int
		for i, w := range weight.Floats {
			if w != 0 {
				is, said = append(is, int(truth.Ints[i])), append(said, int(predicted[i]))
			}
		}
		return tallyClasses(is, said), nil
	case "value":
		predicted, err := floats(results, prefix+"prediction/value")
		truth := query.Array(o.name + "/value")
		if err == nil && (truth == nil || len(predicted) != len(truth.Floats) ||
			len(weight.Floats) != len(truth.Floats)) {
			err = fmt.Errorf("the %d predicted values are not of the targets", len(predicted))
		}
		if err != nil {
			return tally{}, err
		}
		each := len(weight.Floats) / query.Rows
		is, said := make([][]float64, query.Rows), make([][]float64, query.Rows)
		for i, w := range weight.Floats {
			if w != 0 {
				row := i / each
				is[row] = append(is[row], truth.Floats[i])
				said[row] = append(said[row], predicted[i])
			}
		}
		return tallyValues(is, said), nil
	}
	return tally{}, nil
}

// tally is what every record that has a target adds to the sums of the measures that follow
// from predictions, and its score.
type tally struct {
	each    map[string][][]part // by measure, then record
	records []float64
}

// count adds what one record adds to a measure.
func (t *tally) count(measure string, record ...part) {
	if t.each == nil {
		t.each = map[string][][]part{}
	}
	t.each[measure] = append(t.each[measure], record)
}

// sums returns those of a measure over all records.
func (t *tally) sums(m measure) []float64 {
	all := groups{make([][]float64, len(m.finish.Sums()))}
	for _, record := range t.each[m.name] {
		all.add(m.finish, 0, record)
	}
	return all.sums(m.classes())[0]
}

// classes is how many a sum of the measure has at least.
func (m measure) classes() int {
	if m.finish == head.CHRF {
		return metric.CHRFOrder
	}
	return 1
}

func tallyClasses(truth, predicted []int) (t tally) {
	for i, class := range truth {
		score := 0.0
		if class == predicted[i] {
			score = 1
			t.count(macroF1Name, part{0, class, 1})
		} else {
			t.count(macroF1Name, part{1, predicted[i], 1}, part{2, class, 1})
		}
		t.count(accuracyName, parts(score, 1)...)
		t.records = append(t.records, score)
	}
	return t
}

// tallyValues takes the values of each record; one without any is left out.
func tallyValues(truth, predicted [][]float64) (t tally) {
	for i := range truth {
		var one metric.Regression
		for k, y := range truth[i] {
			one.Count(y, predicted[i][k])
		}
		if one.N > 0 {
			t.records = append(t.records, one.MSE())
			t.count(mseName, parts(one.SquaredErrors, one.N)...)
		}
	}
	return t
}

func floats(results program.Values, name string) ([]float64, error) {
	d, err := result(results, name)
	if err != nil {
		return nil, err
	}
	return program.Floats(d)
}

func integers(results program.Values, name string) ([]int32, error) {
	d, err := result(results, name)
	if err != nil {
		return nil, err
	}
	switch data := d.Data().(type) {
	case []int32:
		return data, nil
	case int32:
		return []int32{data}, nil
	}
	return nil, fmt.Errorf("%s has elements of type %v, want int32", name, d.Dtype())
}

func result(results program.Values, name string) (*tensor.Dense, error) {
	if d := results[name]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("the program has no result %q", name)
}
