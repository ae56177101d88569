package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quickstudy/framework/task/datafile"
	"quickstudy/framework/task/tasktest"
)

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	lines = "IN: jump OUT: I_JUMP\nIN: walk left OUT: I_TURN_LEFT I_WALK\n"
	rows  = "A girl danced .\tgirl ( x _ 1 )\tin_distribution\nA dog\tdog\tprim_to_subj\n"
	geo   = `[{"logic": ["( A , _capital ( A , var0 ) )", "other"], "query-split": "dev",
 "sentences": [
  {"question-split": "train", "text": "capital of var0 ?", "variables": {"var0": "new york"}},
  {"question-split": "test", "text": "var0 has which", "variables": {"var0": "ohio"}}]},
 {"logic": ["( A , _big ( var1 , var10 ) )"], "query-split": "test", "sentences": [
  {"question-split": "dev", "text": "var1 var10", "variables": {"var1": "a", "var10": "b"}}]}]`
)

// told returns the records as lines: split, input, output and, if there is one, type.
func told(t testing.TB, c config) []string {
	t.Helper()
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Describe()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	id := int64(0)
	for _, s := range d.Splits {
		for range s.Records {
			records, err := data.Source.Get([]int64{id})
			if err != nil {
				t.Fatal(err)
			}
			r := records[0]
			if err := r.Verify(d); err != nil {
				t.Fatal(err)
			}
			line := []string{s.Name, r.Cells[0].Text, r.Cells[1].Text}
			if len(d.Fields) > 2 {
				line = append(line, d.Fields[2].Classes[r.Cells[2].Ints[0]].Name)
			}
			told = append(told, strings.Join(line, "|"))
			id++
		}
	}
	return told
}

func TestRead(t *testing.T) {
	for _, row := range []struct{ format, division, content, want string }{
		{"scan", "", lines, "all|jump|I_JUMP\nall|walk left|I_TURN_LEFT I_WALK"},
		{"tsv", "", rows,
			"all|A girl danced .|girl ( x _ 1 )|in_distribution\nall|A dog|dog|prim_to_subj"},
		{"tsv", "", "a\tb\r\nc d\te", "all|a|b\nall|c d|e"},
		{"geoquery", "", geo, "train|capital of new york ?|( A , _capital ( A , new york ) )\n" +
			"validation|a b|( A , _big ( a , b ) )\ntest|ohio has which|( A , _capital ( A , ohio ) )"},
		{"geoquery", "question", strings.ReplaceAll(geo, "dev", "train"),
			"nothing is in the split \"validation\""},
		{"geoquery", "query", geo, "nothing is in the split \"train\""},
	} {
		c := *semanticParsing.New().(*config)
		c.Format, c.Division, c.Path = row.format, row.division, write(t, row.content)
		if strings.HasPrefix(row.want, "nothing") {
			if _, err := open(c); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v, want %q", err, row.want)
			}
			continue
		}
		if got := strings.Join(told(t, c), "\n"); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.format, got, row.want)
		}
	}
	// Of several files each is a split.
	c := *semanticParsing.New().(*config)
	c.Format, c.Path, c.Test = "tsv", write(t, "a\tb\n"), write(t, "c\td\n")
	if got := strings.Join(told(t, c), " "); got != "train|a|b test|c|d" {
		t.Error(got)
	}
}

func TestRefuses(t *testing.T) {
	geoOf := func(from, to string) string {
		if !strings.Contains(geo, from) {
			t.Fatal(from)
		}
		return strings.Replace(geo, from, to, 1)
	}
	for _, row := range []struct{ format, content, want string }{
		{"scan", "", "the file is empty"},
		{"scan", lines + "IN: a\n", `line 3: "IN: a", want IN: and a command, OUT: and its actions`},
		{"scan", lines + "\n", `line 3: "", want IN:`},
		{"scan", "IN:  OUT: b\n", "line 1: the input is empty"},
		{"scan", "IN: a OUT: \n", "line 1: the output is empty"},
		{"scan", "IN: \xff OUT: a\n", "line 1: byte 5 of the line, 0xff, is not valid UTF-8"},
		{"scan", strings.Repeat("é", 70), `"` + strings.Repeat("é", 60) + `…", want IN:`},
		{"tsv", "a\n", "line 1: 1 columns, want an input, an output and possibly a type"},
		{"tsv", "a\tb\tc\td\n", "line 1: 4 columns"},
		{"tsv", "a\tb\na\tb\tc\n", "line 2: 3 columns, want 2 as before"},
		{"tsv", "a\tb\n\n", "line 2: 1 columns"},
		{"tsv", " \tb\n", "line 1: the input is empty"},
		{"tsv", "a\t\tc\n", "line 1: the output is empty"},
		{"tsv", "a\tb\t \n", "line 1: the type is empty"},
		{"tsv", "a\tb\t" + strings.Repeat("c", 600), "longer than 512 bytes"},
		{"geoquery", "", "line 1: the JSON ends early"},
		{"geoquery", "{}", "line 1: want a list of logical forms: is it GeoQuery's JSON?"},
		{"geoquery", "[]", `nothing is in the split "train"`},
		{"geoquery", "[\n{]", "line 2: invalid character ']'"},
		{"geoquery", geo[:200], "line 4: the JSON ends early"},
		{"geoquery", geo + "{", "line 6: something follows the list"},
		{"geoquery", "[\n{},\n3]", `line 2: logical form 1, which ends here: there is no list "logic"`},
		{"geoquery", `[{"logic": ["a"]}]`, `there is no list "sentences"`},
		{"geoquery", `[{"logic": "a"}]`, `member "logic" is a JSON string`},
		{"geoquery", geoOf(`"train"`, `"trial"`),
			`line 4: logical form 1, which ends here: sentence 1: "question-split" is "trial"`},
		{"geoquery", geoOf(`"ohio"`, `" "`), `sentence 2: nothing stands for "var0" in`},
		{"geoquery", geoOf(`"capital of var0 ?"`, `""`), "sentence 1: the input is empty"},
		{"geoquery", "\xff", "not valid UTF-8"},
	} {
		c := *semanticParsing.New().(*config)
		c.Format, c.Path = row.format, write(t, row.content)
		data, err := open(c)
		if err == nil {
			_, err = data.Describe()
		}
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s %.60q: %v, want %q", row.format, row.content, err, row.want)
		}
	}
	for want, change := range map[string]func(*config){
		"path: no file is named, and the format \"tsv\" needs one": func(c *config) { c.Format = "tsv" },
		"path: no file is named, and the format \"scan\"":          func(c *config) { c.Test = "x" },
		"no file nowhere\n    it should hold sentences and what they mean (all) as tsv": func(c *config) {
			c.Format, c.Path = "tsv", "nowhere"
		},
		"division: \"query\" is none of simple, length": func(c *config) { c.Division = "query" },
		"division: \"length\" is none of question, query": func(c *config) {
			c.Format, c.Division = "geoquery", "length"
		},
		"leave out \"length\"": func(c *config) { c.Division, c.Path = "length", "x" },
		"permuted: meanings are permuted of commands": func(c *config) {
			c.Permuted, c.Path = true, "x"
		},
		"permuted: episodes are tested by the division \"addprim_jump\", not": func(c *config) {
			c.Permuted, c.Division = true, "length"
		},
		"shots: 3, want at least the 4 primitives": func(c *config) { c.Permuted, c.Shots = true, 3 },
		"validation, test: GeoQuery is one file": func(c *config) {
			c.Format, c.Test = "geoquery", "x"
		},
	} {
		c := *semanticParsing.New().(*config)
		change(&c)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestPublishedGeoQuery: the numbers of questions of Finegan-Dollak et al. 2018, table 1: 549, 49
// and 279 by questions; by queries no form of the test, filled in or not, is trained on.
func TestPublishedGeoQuery(t *testing.T) {
	for division, want := range map[string][3]int{"question": {549, 49, 279},
		"query": {543, 148, 186}} {
		c := *semanticParsing.New().(*config)
		c.Format, c.Division = "geoquery", division
		c.Path = tasktest.Data(t, "geoquery/geography-logic.json")
		data, err := open(c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := data.Describe()
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range d.Splits {
			if s.Records != want[i] {
				t.Errorf("%s: %d in %s, want %d", division, s.Records, s.Name, want[i])
			}
		}
		for _, line := range told(t, c) {
			if strings.Contains(line, "var") && variable.MatchString(line) {
				t.Errorf("%s: %s", division, line)
			}
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("scan", []byte(lines))
	f.Add("tsv", []byte(rows))
	f.Add("tsv", []byte("a\tb"))
	f.Add("geoquery", []byte(geo))
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		if format != "tsv" && format != "geoquery" {
			format = "scan"
		}
		c := *semanticParsing.New().(*config)
		c.Format, c.Path = format, write(t, string(data))
		made, err := open(c)
		if err != nil {
			return
		}
		d, err := made.Describe()
		if err != nil {
			return // a type that is too long a name
		}
		told(t, c)
		if format == "geoquery" {
			return
		}
		// No line is left out.
		all, err := datafile.File{Data: data}.Lines()
		if err != nil || d.Records() != int64(len(all)) {
			t.Errorf("%d records of %d lines, %v", d.Records(), len(all), err)
		}
	})
}
