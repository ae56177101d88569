package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// otherFormat adds to an error of reading a file that it looks like one of another format
// than it was read as, where it does.
func otherFormat(path string, data []byte, format string, err error) error {
	looks := looksLike(path, data)
	if err == nil || looks == "" || looks == format {
		return err
	}
	return fmt.Errorf("%w; the file looks like %s and was read as %s: set format = %q", err, looks,
		format, looks)
}

// looksLike guesses a file's format by its beginning and then its name; "": it cannot tell.
func looksLike(path string, data []byte) string {
	const most = 1 << 16 // bytes that are looked at
	if bytes.HasPrefix(data, []byte("PAR1")) {
		return "parquet"
	}
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \r\n")
	first, _, _ := bytes.Cut(data[:min(len(data), most)], []byte("\n"))
	if bytes.HasPrefix(first, []byte("{")) {
		switch {
		case beginsCLINC150(data):
			return "clinc150"
		case json.Valid(first):
			return "jsonl"
		}
	}
	tabs, commas := bytes.Count(first, []byte("\t")), bytes.Count(first, []byte(","))
	switch extension := strings.ToLower(filepath.Ext(path)); {
	case tabs > 0 && (extension == ".tsv" || extension == ".tab" || tabs >= commas):
		return "tsv"
	case commas > 0 && (extension == ".csv" || extension != ".json" && extension != ".jsonl"):
		return "csv"
	}
	return ""
}

// beginsCLINC150 reports whether JSON begins as the data set does: {"train": [ or another of
// its members.
func beginsCLINC150(data []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(data))
	var tokens [3]json.Token
	for i := range tokens {
		var err error
		if tokens[i], err = decoder.Token(); err != nil {
			return false
		}
	}
	name, _ := tokens[1].(string)
	return tokens[2] == json.Delim('[') && slices.ContainsFunc(clincParts, func(p clincPart) bool {
		return slices.Contains(p.members, name)
	})
}
