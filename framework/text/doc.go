// Package text turns text into the token ids a backbone reads, and back.
//
// A Tokenizer splits text into words, characters, bytes or parts of words, and
// holds the vocabulary that numbers them. The vocabulary is trained on given texts only,
// those of the training split, so nothing of the held-out text leaks into it;
// ties are broken by the text of the token, so training is deterministic.
//
//	options := text.Options{Kind: text.Words, Size: 4000, Lowercase: true}
//	tokenizer, err := text.Train(options, texts)
//	if err != nil {
//		return err
//	}
//	encoding := tokenizer.Encode("Freeze my account!")
//	// encoding.IDs: freeze my account !    encoding.Spans: [0,6) [7,9) [10,17) [17,18)
//
// Spans are in characters, that is Unicode code points, of the text as it was
// given: lowering the case moves nothing, and a space that a token of BPE begins
// with is not of its span. TokensOf and CharactersOf translate
// spans between the two.
//
// Id 0 is padding and id 1 stands for every token outside the vocabulary.
package text
