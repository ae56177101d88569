package main

import (
	"fmt"
	"slices"
)

// squad is a file as SQuAD is published: version 1.1 has answers alone, version 2.0 also
// questions that the passage does not answer.
type squad struct {
	Data []struct {
		Title      string `json:"title"`
		Paragraphs []struct {
			Context *string `json:"context"`
			QAs     []struct {
				ID         string  `json:"id"`
				Question   *string `json:"question"`
				Impossible bool    `json:"is_impossible"`
				Answers    []struct {
					Text  string `json:"text"`
					Start *int   `json:"answer_start"`
				} `json:"answers"`
			} `json:"qas"`
		} `json:"paragraphs"`
	} `json:"data"`
}

// decodeSQuAD takes the answers of every question: one in the training set, in others what several
// people said, the first of which is the one that would be learned. An answer is held to the text
// that it covers. An error names article, paragraph and question.
func decodeSQuAD(data []byte) ([]example, error) {
	var file squad
	if err := decodeJSON(data, &file); err != nil {
		return nil, err
	}
	if file.Data == nil {
		return nil, fmt.Errorf("there is no list \"data\": is it SQuAD?")
	}
	var all []example
	seen := map[string]bool{}
	for i, article := range file.Data {
		title := article.Title
		if title == "" {
			return nil, fmt.Errorf("article %d has no title", i+1)
		}
		for k, p := range article.Paragraphs {
			at := fmt.Sprintf("article %d, %q, paragraph %d", i+1, title, k+1)
			if p.Context == nil || empty(*p.Context) {
				return nil, fmt.Errorf("%s: there is no text \"context\"", at)
			}
			characters := []rune(*p.Context)
			for _, qa := range p.QAs {
				at := fmt.Sprintf("%s, question %q", at, qa.ID)
				switch {
				case qa.ID == "":
					return nil, fmt.Errorf("%s: it has no id", at)
				case seen[qa.ID]:
					return nil, fmt.Errorf("%s: another question has the same id", at)
				case qa.Question == nil || empty(*qa.Question):
					return nil, fmt.Errorf("%s: there is no text \"question\"", at)
				case qa.Impossible && len(qa.Answers) > 0:
					return nil, fmt.Errorf("%s: it is impossible, and has %d answers", at, len(qa.Answers))
				case !qa.Impossible && len(qa.Answers) == 0:
					return nil, fmt.Errorf("%s: it has no answer, and is not impossible", at)
				}
				seen[qa.ID] = true
				one := example{question: *qa.Question, passage: *p.Context, class: title}
				for n, answer := range qa.Answers {
					start, end, err := span(characters, answer.Start, answer.Text)
					if err != nil {
						return nil, fmt.Errorf("%s, answer %d: %w", at, n+1, err)
					}
					switch {
					case n == 0:
						one.start, one.end = start, end
					case (start != one.start || end != one.end) &&
						!slices.Contains(one.others, [2]int{start, end}):
						one.others = append(one.others, [2]int{start, end})
					}
				}
				all = append(all, one)
			}
		}
	}
	return all, nil
}

// span is where an answer is, which must be what is there.
func span(passage []rune, at *int, text string) (start, end int, err error) {
	answer := []rune(text)
	if at == nil || len(answer) == 0 {
		return 0, 0, fmt.Errorf("it has no text or no answer_start")
	}
	start, end = *at, *at+len(answer)
	if start < 0 || start > len(passage) || end > len(passage) {
		return 0, 0, fmt.Errorf("characters %d to %d are outside the %d of the passage", start, end,
			len(passage))
	}
	if there := string(passage[start:end]); there != text {
		return 0, 0, fmt.Errorf("characters %d to %d are %q, and the answer is %q", start, end, there,
			text)
	}
	return start, end, nil
}
