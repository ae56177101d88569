package evaluation

import (
	"fmt"
	"slices"

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
	var t tally
	each := len(weight.Floats) / query.Rows
	for row := range query.Rows {
		var is, said []string
		answers, right := 0.0, 0.0
		for i := row * each; i < (row+1)*each; i++ {
			if weight.Floats[i] == 0 {
				continue
			}
			answers++
			if truth.Ints[i] == predicted[i] {
				right++
			}
			if o.tags != nil {
				is = append(is, o.tags[truth.Ints[i]])
				said = append(said, o.tags[predicted[i]])
			}
		}
		if answers == 0 {
			continue
		}
		score := 0.0
		if right == answers {
			score = 1
		}
		t.records = append(t.records, score)
		t.count(accuracyName, parts(right, answers)...)
		t.count(exactMatchName, parts(score, 1)...)
		var entities metric.Spans
		entities.Count(metric.Entities(is), metric.Entities(said))
		t.count(entityF1Name, parts(float64(entities.TruePositives),
			float64(entities.FalsePositives), float64(entities.FalseNegatives))...)
	}
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
	var is [][]string
	var said []string
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
		answers, err := o.data.Answers(o.name, r)
		if err != nil {
			return tally{}, err
		}
		is, said = append(is, answers), append(said, one)
	}
	return tallyAnswers(is, said), nil
}

// tallyAnswers compares what is said, "" for nothing, with answers, of which there may be several
// or none: the best of them counts, as in SQuAD's evaluation. A span that is there and is not
// predicted exactly is missed, and what is predicted in its place is wrong.
func tallyAnswers(is [][]string, said []string) (t tally) {
	for i, answers := range is {
		score, f1, right, wrong, missed := 0.0, 0.0, 0.0, 0.0, 0.0
		for _, answer := range append(slices.Clip(answers), "")[:max(len(answers), 1)] {
			if metric.ExactMatch(answer, said[i]) {
				score = 1
			}
			f1 = max(f1, metric.AnswerF1(answer, said[i]))
		}
		if len(answers) > 0 {
			right, missed = score, 1-score
		}
		if said[i] != "" {
			wrong = 1 - score
		}
		t.records = append(t.records, score)
		t.count(exactMatchName, parts(score, 1)...)
		t.count(answerF1Name, parts(f1, 1)...)
		t.count(spanF1Name, parts(right, wrong, missed)...)
	}
	return t
}
