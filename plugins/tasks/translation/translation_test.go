package main

import (
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

// write writes files into a folder and returns the path of names with {}.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "train.{}")
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// small is three sentences in three languages, plain, of Windows and compressed.
func small(t testing.TB) map[string]string {
	return map[string]string{"train.en": "a dog\nthe cat\nred\n",
		"train.de": "ein Hund\r\ndie Katze\r\nrot",
		"train.fr": zipped(t, "un chien\nle chat\nrouge\n"), "test.en": "green\n", "test.de": "grün\n",
		"test.fr": "vert\n", "table.tsv": "de\tno\ten\nein Hund\t1\ta dog\nrot\t\tred\n"}
}

// told returns the records as lines: split, source, target and pair.
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
	var lines []string
	id := int64(0)
	for _, s := range d.Splits {
		for range s.Records {
			got, err := data.Source.Get([]int64{id})
			if err != nil {
				t.Fatal(err)
			}
			if err := got[0].Verify(d); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, s.Name+"|"+line(d, got[0]))
			id++
		}
	}
	return lines
}

func line(d task.Description, r task.Record) string {
	return strings.Join([]string{r.Cells[0].Text, r.Cells[1].Text,
		d.Fields[2].Classes[r.Cells[2].Ints[0]].Name}, "|")
}

func TestRead(t *testing.T) {
	path := write(t, small(t))
	for name, row := range map[string]struct {
		change func(*config)
		want   string
	}{
		"one pair": {func(c *config) { c.Pairs = []string{"en-de"} },
			"all|a dog|ein Hund|en-de all|the cat|die Katze|en-de all|red|rot|en-de"},
		"several": {func(c *config) {
			c.Pairs, c.Mark = []string{"en-fr", "en-de"}, true
			c.Test = strings.Replace(path, "train", "test", 1)
		}, "train|to_fr a dog|un chien|en-fr train|to_fr the cat|le chat|en-fr " +
			"train|to_fr red|rouge|en-fr train|to_de a dog|ein Hund|en-de " +
			"train|to_de the cat|die Katze|en-de train|to_de red|rot|en-de " +
			"test|to_fr green|vert|en-fr test|to_de green|grün|en-de"},
		"two sources": {func(c *config) { c.Pairs = []string{"en-fr", "de-fr"} },
			"all|a dog|un chien|en-fr all|the cat|le chat|en-fr all|red|rouge|en-fr " +
				"all|ein Hund|un chien|de-fr all|die Katze|le chat|de-fr all|rot|rouge|de-fr"},
		"a table": {func(c *config) {
			c.Pairs, c.Format = []string{"en-de"}, "tsv"
			c.Path = strings.Replace(path, "train.{}", "table.tsv", 1)
		}, "all|a dog|ein Hund|en-de all|red|rot|en-de"},
		"few": {func(c *config) {
			c.Pairs, c.Sentences, c.Test = []string{"de-en"}, 1, strings.Replace(path, "train", "test", 1)
		}, "train|ein Hund|a dog|de-en test|grün|green|de-en"},
	} {
		c := *translation.New().(*config)
		c.Path = path
		row.change(&c)
		if got := strings.Join(told(t, c), " "); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, row.want)
		}
	}
}

// TestFewer: fewer sentences to train on are among more, and those of all pairs and of the test
// stay as they are.
func TestFewer(t *testing.T) {
	var en, de []string
	for i := range 50 {
		en = append(en, strings.Repeat("e", i+1))
		de = append(de, strings.Repeat("d", i+1))
	}
	c := *translation.New().(*config)
	c.Path = write(t, map[string]string{"train.en": strings.Join(en, "\n"),
		"train.de": strings.Join(de, "\n"), "test.en": "a\nb\n", "test.de": "c\nd\n"})
	c.Pairs, c.Test = []string{"en-de", "de-en"}, strings.Replace(c.Path, "train", "test", 1)
	all := told(t, c)
	var before []string
	for _, n := range []int{3, 20, 50, 0} {
		c.Sentences = n
		lines := told(t, c)
		if n == 0 {
			n = 50
		}
		if len(lines) != 2*n+4 {
			t.Errorf("%d of %d sentences, want %d", len(lines), n, 2*n+4)
		}
		for _, one := range before {
			if !slices.Contains(lines, one) {
				t.Errorf("%q is among fewer, and not among %d", one, n)
			}
		}
		if n < 50 && slices.Equal(lines[:n], all[:n]) {
			t.Errorf("the first %d are taken", n)
		}
		before = lines
	}
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(files map[string]string, c *config){
		"train.fr has 2 lines, and": func(f map[string]string, c *config) {
			f["train.fr"], c.Pairs = "a\nb\n", []string{"en-fr"}
		},
		"train.de: line 2 is empty in the language \"de\"": func(f map[string]string, c *config) {
			f["train.de"] = "a\n \nc\n"
		},
		"train.en: line 3 is empty in the language \"en\"": func(f map[string]string, c *config) {
			f["train.en"] = "a\nb\n\n"
		},
		"train.en: line 2: byte 1 of the line, 0xff, is not valid UTF-8": func(f map[string]string,
			c *config) {
			f["train.en"] = "a\n\xff\nc\n"
		},
		"it begins as a gzip file, and cannot be decompressed: it ends early": func(f map[string]string,
			c *config) {
			f["train.de"] = zipped(t, "a\nb\nc\n")[:20]
		},
		"train.en holds no sentence of the pair \"en-de\"": func(f map[string]string, c *config) {
			f["train.en"], f["train.de"] = "", ""
		},
		"path: there is no file": func(f map[string]string, c *config) { delete(f, "train.de") },
		`it should hold sentences (all) in the language "de", one a line`: func(f map[string]string,
			c *config) {
			delete(f, "train.de")
		},
		"pairs: the list is empty": func(f map[string]string, c *config) { c.Pairs = nil },
		`pairs: "ende", want two languages such as en-de`: func(f map[string]string, c *config) {
			c.Pairs = []string{"ende"}
		},
		`pairs: "en-de-fr", want two`: func(f map[string]string, c *config) {
			c.Pairs = []string{"en-de-fr"}
		},
		`pairs: "en-../x", want two`: func(f map[string]string, c *config) {
			c.Pairs = []string{"en-../x"}
		},
		`"en-en" translates a language into itself`: func(f map[string]string, c *config) {
			c.Pairs = []string{"en-en"}
		},
		`"en-de" is there twice`: func(f map[string]string, c *config) {
			c.Pairs = []string{"en-de", "en-de"}
		},
		`mark: "en" is translated to "de" and to "fr", and nothing says`: func(f map[string]string,
			c *config) {
			c.Pairs = []string{"en-de", "en-fr"}
		},
		"want one {} in place of the language": func(f map[string]string, c *config) {
			c.Path = strings.Replace(c.Path, "{}", "en", 1)
		},
		"has {}, and a table is one file": func(f map[string]string, c *config) { c.Format = "tsv" },
		"unseen: pairs are adapted to in episodes; set shots": func(f map[string]string, c *config) {
			c.Unseen = []string{"de-en"}
		},
		"unseen: \"en-de\" is among the pairs": func(f map[string]string, c *config) {
			c.Unseen, c.Shots = []string{"en-de"}, 1
		},
		"test: no file is named": func(f map[string]string, c *config) { c.Shots = 1 },
		"the split \"train\" has 3 sentences of the pair \"en-de\", and an episode takes 4": func(
			f map[string]string, c *config) {
			c.Shots, c.Queries, c.Test = 3, 1, strings.Replace(c.Path, "train", "test", 1)
		},
		"the split \"test\" has 1 sentences of the pair \"en-de\", and an episode takes 2": func(
			f map[string]string, c *config) {
			c.Shots, c.Queries, c.Test = 1, 2, strings.Replace(c.Path, "train", "test", 1)
		},
		"table.tsv: the file is empty": func(f map[string]string, c *config) {
			f["table.tsv"] = ""
			table(c)
		},
		"line 1: no column \"en\" among [\"de\" \"fr\"]": func(f map[string]string, c *config) {
			f["table.tsv"] = "de\tfr\n"
			table(c)
		},
		"line 1: the column \"en\" is there twice": func(f map[string]string, c *config) {
			f["table.tsv"] = "de\ten\ten\n"
			table(c)
		},
		"table.tsv: line 3: 1 columns, want 2 as in the first line": func(f map[string]string,
			c *config) {
			f["table.tsv"] = "de\ten\na\tb\nc\n"
			table(c)
		},
		"table.tsv: line 3 is empty in the language \"en\"": func(f map[string]string, c *config) {
			f["table.tsv"] = "de\ten\na\tb\nc\t\n"
			table(c)
		},
	} {
		files := small(t)
		c := *translation.New().(*config)
		c.Pairs = []string{"en-de"}
		folder := t.TempDir()
		c.Path = filepath.Join(folder, "train.{}")
		change(files, &c)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(files[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// table makes a configuration that of the table beside its files.
func table(c *config) {
	c.Format, c.Path = "tsv", strings.Replace(c.Path, "train.{}", "table.tsv", 1)
}

func TestSkipsEmpty(t *testing.T) {
	c := *translation.New().(*config)
	c.Path = write(t, map[string]string{"train.en": "a\n\nc\nd\n", "train.de": "e\nf\n\nh\n"})
	c.Pairs, c.SkipEmpty = []string{"en-de"}, true
	if got := strings.Join(told(t, c), " "); got != "all|a|e|en-de all|d|h|en-de" {
		t.Error(got)
	}
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if want := "its translation; 2 that are empty in either language are left out"; d.Fields[1].Doc !=
		want {
		t.Errorf("target is %q, want %q", d.Fields[1].Doc, want)
	}
}

// many is parallel files of numbered sentences in three languages.
func many(t testing.TB, train, test int) (path, testPath string) {
	t.Helper()
	files := map[string]string{}
	for _, language := range []string{"en", "de", "fr"} {
		for split, n := range map[string]int{"train": train, "test": test, "validation": test} {
			for i := range n {
				files[split+"."+language] += language + split + string(rune('0'+i%10)) +
					strings.Repeat("i", i/10) + "\n"
			}
		}
	}
	path = write(t, files)
	return path, strings.Replace(path, "train", "test", 1)
}

// TestEpisodes: an episode is of one pair, of which those that are unseen are tested alone; it
// adapts on training sentences and is judged on others, in a split on its own.
func TestEpisodes(t *testing.T) {
	c := *translation.New().(*config)
	c.Pairs, c.Unseen = []string{"en-de", "de-en", "en-fr"}, []string{"de-fr"}
	c.Mark, c.Shots, c.Queries = true, 7, 5
	c.Path, c.Test = many(t, 40, 20)
	c.Validation = strings.Replace(c.Path, "train", "validation", 1)
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Describe()
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[string]map[string]int{}
	for _, split := range []string{"train", "validation", "test"} {
		pairs[split] = map[string]int{}
		for index := range int64(100) {
			e, err := data.Generator.Sample(5, split, index)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Verify(d); err != nil {
				t.Fatal(err)
			}
			if len(e.Support) != 7 || len(e.Query) != 5 {
				t.Fatalf("%d to adapt on and %d queries", len(e.Support), len(e.Query))
			}
			seen := map[string]bool{}
			pair := ""
			for i, r := range slices.Concat(e.Support, e.Query) {
				parts := strings.Split(line(d, r), "|")
				if pair == "" {
					pair = parts[2]
					pairs[split][pair]++
				}
				from, to, _ := strings.Cut(pair, "-")
				of := split
				if i < len(e.Support) {
					of = "train"
				}
				number, right := strings.CutPrefix(parts[0], "to_"+to+" "+from+of)
				if !right || parts[1] != to+of+number || parts[2] != pair || seen[parts[1]] {
					t.Errorf("%s %d: record %d is %q", split, index, i, parts)
				}
				seen[parts[1]] = true
			}
		}
	}
	if len(pairs["train"]) != 3 || len(pairs["validation"]) != 3 || len(pairs["test"]) != 1 ||
		pairs["test"]["de-fr"] != 100 {
		t.Errorf("episodes by pair: %v", pairs)
	}
}

func TestConformance(t *testing.T) {
	path, test := many(t, 30, 20)
	for name, change := range map[string]func(c *config){
		"one pair": func(c *config) { c.Pairs = []string{"en-de"} },
		"two": func(c *config) {
			c.Pairs, c.Mark, c.Test = []string{"en-de", "en-fr"}, true, test
		},
		"six": func(c *config) {
			c.Pairs = []string{"en-de", "en-fr", "de-fr", "de-en", "fr-en", "fr-de"}
			c.Mark = true
		},
		"episodes": func(c *config) {
			c.Pairs, c.Unseen, c.Test = []string{"en-de"}, []string{"de-en"}, test
			c.Shots, c.Queries = 5, 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			tasktest.Run(t, translation, func(c *config) {
				c.Path = path
				change(c)
			})
		})
	}
}

// TestPublished reads Multi30k as it is published, in four languages at once.
func TestPublished(t *testing.T) {
	c := *translation.New().(*config)
	of := func(name string) string {
		first := tasktest.Data(t, "multi30k/"+name+".en.gz")
		return strings.Replace(first, ".en.", ".{}.", 1)
	}
	c.Path, c.Validation, c.Test = of("train"), of("val"), of("test_2016_flickr")
	c.Pairs, c.Mark = []string{"en-de", "en-fr", "en-cs"}, true
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.Describe()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{29000, 1014, 1000} {
		if got := d.Splits[i].Records; got != 3*want {
			t.Errorf("%s has %d records, want %d", d.Splits[i].Name, got, 3*want)
		}
	}
	got, err := data.Source.Get([]int64{29000})
	if err != nil {
		t.Fatal(err)
	}
	want := "to_fr Two young, White males are outside near many bushes.|Deux jeunes hommes blancs " +
		"sont dehors près de buissons.|en-fr"
	if line(d, got[0]) != want {
		t.Errorf("%q, want %q", line(d, got[0]), want)
	}
}

// FuzzRead: files are refused, or give as many records as there are lines, each what it claims.
func FuzzRead(f *testing.F) {
	f.Add(false, []byte("a\nb\n"), []byte("c\r\nd"))
	f.Add(true, []byte("en\tde\na\tb\n"), []byte(""))
	f.Add(false, []byte(zipped(f, "a\n")), []byte("b"))
	f.Add(true, []byte("de\ten\n\n"), []byte{})
	f.Fuzz(func(t *testing.T, tsv bool, first, second []byte) {
		c := *translation.New().(*config)
		c.Pairs = []string{"en-de"}
		c.Path = write(t, map[string]string{"train.en": string(first), "train.de": string(second),
			"table.tsv": string(first)})
		if tsv {
			table(&c)
		}
		if _, err := open(c); err != nil {
			return
		}
		if records := told(t, c); len(records) == 0 {
			t.Error("no record, and no error")
		}
	})
}
