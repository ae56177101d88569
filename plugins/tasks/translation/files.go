package main

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task/datafile"
)

// corpus is a split's sentences by language, as many in each, and where they come from, for
// messages: the file of a language, and the line of the first sentence.
type corpus struct {
	split     string
	sentences map[string][]string
	files     map[string]string
	first     int
}

// read reads the files of every split, in the languages that pairs need.
func (c config) read(pairs []direction) ([]corpus, string, error) {
	var languages []string
	for _, d := range pairs {
		languages = append(languages, d.from, d.to)
	}
	slices.Sort(languages)
	languages = slices.Compact(languages)
	splits := []struct{ split, attribute, path string }{
		{"train", "path", c.Path},
		{"validation", "validation", c.Validation},
		{"test", "test", c.Test},
	}
	if c.Validation == "" && c.Test == "" {
		splits = splits[:1]
		splits[0].split = "all"
	}
	var corpora []corpus
	var read []datafile.File
	for _, s := range splits {
		if s.path == "" {
			continue
		}
		one := corpus{split: s.split, sentences: map[string][]string{}, files: map[string]string{},
			first: 1}
		if c.Format == "tsv" {
			file, err := c.provenance().Read(s.attribute, s.path, fmt.Sprintf("sentences (%s) in columns %s",
				s.split, strings.Join(languages, ", ")))
			if err != nil {
				return nil, "", err
			}
			if err := one.table(file, languages); err != nil {
				return nil, "", err
			}
			read = append(read, file)
			corpora = append(corpora, one)
			continue
		}
		for _, language := range languages {
			file, err := c.provenance().Read(s.attribute, strings.Replace(s.path, hole, language, 1),
				fmt.Sprintf("sentences (%s) in the language %q, one a line", s.split, language))
			if err != nil {
				return nil, "", err
			}
			lines, err := file.Lines()
			if err != nil {
				return nil, "", err
			}
			one.sentences[language], one.files[language] = lines, file.Path
			read = append(read, file)
			if n := len(one.sentences[languages[0]]); len(lines) != n {
				return nil, "", fmt.Errorf("%s has %d lines, and %s has %d: parallel files have as many, "+
					"each the translation of the other's", file.Path, len(lines), one.files[languages[0]], n)
			}
		}
		corpora = append(corpora, one)
	}
	return corpora, datafile.Digest(read...), nil
}

// table reads columns that tabs separate, which the first line names.
func (c *corpus) table(file datafile.File, languages []string) error {
	lines, err := file.Lines()
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("%s: the file is empty, want a first line that names the languages", file.Path)
	}
	header := strings.Split(lines[0], "\t")
	at := make([]int, len(languages))
	for i, language := range languages {
		if at[i] = slices.Index(header, language); at[i] < 0 {
			return fmt.Errorf("%s: line 1: no column %q among %q", file.Path, language, header)
		}
		if slices.Contains(header[at[i]+1:], language) {
			return fmt.Errorf("%s: line 1: the column %q is there twice", file.Path, language)
		}
		c.files[language] = file.Path
		c.sentences[language] = make([]string, 0, len(lines)-1)
	}
	for n, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		if len(cells) != len(header) {
			return fmt.Errorf("%s: line %d: %d columns, want %d as in the first line", file.Path, n+2,
				len(cells), len(header))
		}
		for i, language := range languages {
			c.sentences[language] = append(c.sentences[language], cells[at[i]])
		}
	}
	c.first = 2
	return nil
}

// empty returns the language of a pair in which a sentence is empty; "": none.
func (c corpus) empty(d direction, sentence int) string {
	for _, language := range []string{d.from, d.to} {
		if strings.TrimSpace(c.sentences[language][sentence]) == "" {
			return language
		}
	}
	return ""
}
