// Package subword cuts text into parts of words, and learns which: byte-level BPE, and
// WordPiece.
//
//	vocabulary, err := subword.TrainBPE(training, texts)
//	if err != nil {
//		return err
//	}
//	tokenizer, err := subword.BPE(vocabulary, training)
//	if err != nil {
//		return err
//	}
//	for _, token := range tokenizer.Encode("Über 9000") {
//		fmt.Println(token.ID, token.Start, token.End)
//	}
//
// Start and End are in characters (Unicode code points) of the text as it was given. What is
// learned is what the trainers of Hugging Face's library tokenizers learn, version 0.23.
package subword
