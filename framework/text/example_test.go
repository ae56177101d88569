package text_test

import (
	"fmt"
	"slices"

	"quickstudy/framework/text"
)

func ExampleTrain() {
	texts := []string{"freeze my account", "what is on my account"}
	tokenizer, err := text.Train(text.Options{Kind: text.Words, Size: 5, Lowercase: true},
		slices.Values(texts))
	if err != nil {
		fmt.Println(err)
		return
	}
	encoding := tokenizer.Encode("My account!")
	for i, id := range encoding.IDs {
		fmt.Println(id, tokenizer.Token(id), encoding.Spans[i])
	}
	// Output:
	// 3 my {0 2}
	// 2 account {3 10}
	// 1 [unknown] {10 11}
}
