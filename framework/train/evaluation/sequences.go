package evaluation

import (
	"fmt"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/program"
)

// tallySequences counts tags or tokens by position and, of tags that mark entities, these;
// a text of tokens is right if all of it is.
func (o objective) tallySequences(prefix string, query *sampling.Batch, weight *sampling.Array,
	results program.Values) (tally, error) {
	predicted, err := integers(results, prefix+"prediction/"+o.predicted)
	truth := query.Array(o.name + "/" + o.predicted)
	if err == nil && (truth == nil || len(predicted) != len(truth.Ints) ||
		len(weight.Floats) != len(truth.Ints)) {
		err = fmt.Errorf("the %d predicted %s are not of the targets", len(predicted), o.predicted)
	}
	if err != nil {
		return tally{}, err
	}
	var entities metric.Spans
	var right, all, whole float64
	t := tally{sums: map[string][]float64{}}
	each := len(weight.Floats) / query.Rows
	for row := range query.Rows {
		var is, said []string
		answers, same := 0, true
		for i := row * each; i < (row+1)*each; i++ {
			if weight.Floats[i] == 0 {
				continue
			}
			answers++
			if truth.Ints[i] == predicted[i] {
				right++
			} else {
				same = false
			}
			if o.tags != nil {
				is = append(is, o.tags[truth.Ints[i]])
				said = append(said, o.tags[predicted[i]])
			}
		}
		if answers == 0 {
			continue
		}
		all += float64(answers)
		score := 0.0
		if same {
			score = 1
		}
		whole += score
		t.records = append(t.records, score)
		entities.Count(metric.Entities(is), metric.Entities(said))
	}
	t.sums[accuracyName] = []float64{right, all}
	t.sums[exactMatchName] = []float64{whole, float64(len(t.records))}
	t.sums[entityF1Name] = []float64{float64(entities.TruePositives),
		float64(entities.FalsePositives), float64(entities.FalseNegatives)}
	return t, nil
}

// tallySpans compares the texts that spans cover. records are those of the examples.
func (o objective) tallySpans(prefix string, weight *sampling.Array, records []task.Record,
	results program.Values) (tally, error) {
	predicted, err := integers(results, prefix+"prediction/span")
	if err == nil && (len(predicted) != 2*len(weight.Floats) || len(records) > len(weight.Floats)) {
		err = fmt.Errorf("the %d ends of predicted spans are not of the %d examples", len(predicted),
			len(records))
	}
	if err != nil {
		return tally{}, err
	}
	var is, said []string
	for i, r := range records {
		if weight.Floats[i] == 0 {
			continue
		}
		one := ""
		if first, last := int(predicted[2*i]), int(predicted[2*i+1]); first >= 0 {
			if one, err = o.data.SpanText(o.name, r, first, last); err != nil {
				return tally{}, err
			}
		}
		answer, err := o.data.AnswerText(o.name, r)
		if err != nil {
			return tally{}, err
		}
		is, said = append(is, answer), append(said, one)
	}
	return tallyAnswers(is, said), nil
}

// tallyAnswers compares answers, "" for none. A span that is there and is not predicted
// exactly is missed, and what is predicted in its place is wrong.
func tallyAnswers(is, said []string) tally {
	t := tally{sums: map[string][]float64{}}
	var exact, f1, right, wrong, missed float64
	for i := range is {
		score := 0.0
		if metric.ExactMatch(is[i], said[i]) {
			score = 1
		}
		exact += score
		f1 += metric.AnswerF1(is[i], said[i])
		t.records = append(t.records, score)
		if is[i] != "" {
			right += score
			missed += 1 - score
		}
		if said[i] != "" {
			wrong += 1 - score
		}
	}
	n := float64(len(is))
	t.sums[exactMatchName], t.sums[answerF1Name] = []float64{exact, n}, []float64{f1, n}
	t.sums[spanF1Name] = []float64{right, wrong, missed}
	return t
}
