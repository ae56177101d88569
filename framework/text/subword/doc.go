// Package subword cuts text into parts of words: it learns byte-level BPE and WordPiece, and
// reads the tokenizer.json of Hugging Face's tokenizers with models BPE, WordPiece and Unigram.
//
// A Tokenizer is a pipeline, as it is there: added tokens are found in the text, the rest is
// normalized and cut into words, and the model cuts every word into tokens.
//
//	tokenizer, err := subword.Read(data) // tokenizer.json
//	if err != nil {
//		return err
//	}
//	for _, token := range tokenizer.Encode("Über 9000") {
//		fmt.Println(token.ID, token.Start, token.End)
//	}
//
// Start and End are in characters (Unicode code points) of the text as it was given. Ids,
// offsets and what is learned are those of version 0.23 of the library; where they are not,
// docs/design/0011-subwords.md says so and why.
package subword
