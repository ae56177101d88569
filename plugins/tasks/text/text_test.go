package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadTable(t *testing.T) {
	want := []row{
		{text: `he said "hi"`, labels: []string{"greet"}},
		{text: "on\u00a0it, now", labels: []string{""}},
		{text: "7", labels: []string{"12345678901234567890"}},
	}
	tests := []struct {
		name    string
		content string
		change  func(*config)
	}{
		{"jsonl", `{"text":"he said \"hi\"","label":"greet","more":[1]}

{"text":"on\u00a0it, now","label":null}
{"text":7,"label":12345678901234567890}`, func(*config) {}},
		{"csv", "\ufefflabel,text\ngreet,\"he said \"\"hi\"\"\"\n,\"on\u00a0it, " +
			"now\"\n12345678901234567890,7\n", func(c *config) { c.Format = "csv" }},
		{"tsv", "text\tx\tlabel\r\nhe said \"hi\"\t\tgreet\r\non\u00a0it, " +
			"now\t\t\r\n7\t\t12345678901234567890", func(c *config) { c.Format = "tsv" }},
		{"tsv without header",
			"greet\the said \"hi\"\n\ton\u00a0it, now\n12345678901234567890\t7\n",
			func(c *config) { c.Format, c.Header, c.Text, c.Labels = "tsv", false, "2", []string{"1"} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := defaults
			test.change(&c)
			rows, err := readTable([]byte(test.content), c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestReadTableRefuses(t *testing.T) {
	tests := []struct{ name, format, content, want string }{
		{"empty file", "jsonl", "", "no records"},
		{"not utf-8", "tsv", "text\tlabel\n\xff\ta\n", "not valid UTF-8"},
		{"not json", "jsonl", "{\"text\":\"a\",\"label\":\"b\"}\ntext\n",
			"line 2: invalid character"},
		{"no such member", "jsonl", `{"sentence":"a","label":"b"}`,
			`line 1: text: no member "text" among label, sentence`},
		{"a list", "jsonl", `{"text":["a"],"label":"b"}`, "not a string, number or boolean"},
		{"no text", "csv", "text,label\n \t,b\n", `line 2: text: "text" is empty`},
		{"no such column", "csv", "sentence,label\na,b\n",
			`line 2: text: no column "text" among label, sentence`},
		{"ragged csv", "csv", "text,label\na\n", "wrong number of fields"},
		{"ragged tsv", "tsv", "text\tlabel\na\tb\tc\n", "line 2: 3 columns, want 2"},
		{"column twice", "tsv", "text\ttext\na\tb\n", `column "text" occurs twice`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := defaults
			c.Format = test.format
			if _, err := readTable([]byte(test.content), c); err == nil ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestOtherFormat: a file that is read as another format than its own is told what it is,
// and one that is merely wrong is not.
func TestOtherFormat(t *testing.T) {
	const (
		jsonLines = "{\"text\":\"a, b\",\"label\":\"c\"}\n"
		commas    = "text,label\n\"a\tb\",c\n"
		tabs      = "text\tlabel\na, \"b\tc\n"
	)
	for _, test := range []struct{ name, file, format, content, want string }{
		{"a table by default", "a.tsv", "jsonl", tabs, "tsv"},
		{"commas by default", "a.csv", "jsonl", commas, "csv"},
		{"tabs as commas", "a.tsv", "csv", tabs, "tsv"},
		{"tabs under another name", "a.txt", "csv", tabs, "tsv"},
		{"commas as tabs", "a.csv", "tsv", commas, "csv"},
		{"lines as commas", "a.jsonl", "csv", jsonLines, "jsonl"},
		{"lines as tabs", "a.json", "tsv", jsonLines, "jsonl"},
		{"lines as the data set", "a.json", "clinc150", jsonLines, "jsonl"},
		{"a table as the data set", "a.tsv", "clinc150", tabs, "tsv"},
		{"the data set as lines", "data_full.json", "jsonl", tinyCLINC150, "clinc150"},
		{"a mistake in lines", "a.jsonl", "jsonl", jsonLines + "{", ""},
		{"a mistake in a table", "a.tsv", "tsv", tabs + "d\n", ""},
		{"a mistake in commas", "a.csv", "csv", commas + "d\n", ""},
		{"a list", "a.json", "jsonl", "[1,\n2]", ""},
		{"nothing", "a.tsv", "jsonl", "", ""},
	} {
		c := defaults
		c.Format, c.Path = test.format, write(t, test.file, test.content)
		_, err := open(c)
		hint := fmt.Sprintf("the file looks like %s and was read as %s: set format = %q", test.want,
			test.format, test.want)
		if err == nil || test.want != "" && !strings.HasSuffix(err.Error(), hint) ||
			test.want == "" && strings.Contains(err.Error(), "looks like") {
			t.Errorf("%s: %v, want a hint at %q", test.name, err, test.want)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	for i, format := range []string{"jsonl", "csv", "tsv"} {
		f.Add([]byte(`{"text":"a","label":null}`), format, i == 0)
		f.Add([]byte("text,label\n\"a\nb\",c\n"), format, i == 1)
		f.Add([]byte("text\tlabel\n\"a\tc\n"), format, i == 2)
	}
	f.Fuzz(func(t *testing.T, data []byte, format string, header bool) {
		c := defaults
		c.Format, c.Header = format, header
		if !header {
			c.Text, c.Labels = "1", []string{"2"}
		}
		rows, err := readTable(data, c)
		if err != nil {
			_ = otherFormat("data.tsv", data, format, err)
			return
		}
		corpus := newCorpus([]part{{"all", rows}}, c.Labels, nil)
		for _, r := range corpus.records {
			if r.Cells[0].Text == "" {
				t.Fatalf("record %d has no text", r.ID)
			}
		}
	})
}

func TestConformance(t *testing.T) {
	lines := strings.Builder{}
	for i := range 60 {
		letter := string(rune('a' + i%10))
		lines.WriteString(
			`{"text":"` + strings.Repeat(letter, 1+i/10) + `","label":"` + letter + `"}` + "\n")
	}
	path := write(t, "letters.jsonl", lines.String())
	tasktest.Run(t, text, func(c *config) { c.Path = path })
}

func TestMissingFile(t *testing.T) {
	tests := []struct {
		name   string
		config config
		want   []string
	}{
		{"clinc150", config{Format: "clinc150", Path: "nowhere/data_full.json"},
			[]string{
				"nowhere/data_full.json",
				"CLINC150",
				"https://github.com/clinc/oos-eval",
				"CC BY 3.0",
			}},
		{
			"stated",
			config{
				Format:  "tsv",
				Path:    "no.tsv",
				Text:    "sentence",
				Labels:  []string{"y"},
				Origin:  "https://example.org",
				Licence: "MIT",
			},
			[]string{"no.tsv", "columns sentence and y", "https://example.org", "MIT"},
		},
		{"not stated", config{Format: "csv", Path: "no.csv", Text: "x", Labels: []string{"y"}},
			[]string{`attribute "origin"`, `attribute "licence"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := open(test.config)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
		})
	}
}

// A file in the layout of CLINC150, made up for this test.
const tinyCLINC150 = `{
 "train": [["turn on the lamp", "lamp"], ["play jazz", "music"]],
 "oos_train": [["why is the sky blue", "oos"]],
 "val": [["lamp off", "lamp"]], "oos_val": [],
 "test": [["louder", "music"]], "oos_test": [["who am i", "oos"]]}`

func TestOutOfScope(t *testing.T) {
	path := write(t, "data.json", tinyCLINC150)
	domains := write(t, "domains.json", `{"home": ["lamp"], "fun": ["music"]}`)
	tests := []struct {
		choice  string
		splits  []task.Split
		intents string
		third   []task.Cell // of the first out-of-scope query: intent, scope, domain
	}{
		{
			"unlabelled",
			[]task.Split{
				{Name: "train", Records: 3},
				{Name: "validation", Records: 1},
				{Name: "test", Records: 2},
			},
			"lamp/home/2 music/fun/2",
			[]task.Cell{{}, {Ints: []int64{1}}, {}},
		},
		{
			"class",
			[]task.Split{
				{Name: "train", Records: 3},
				{Name: "validation", Records: 1},
				{Name: "test", Records: 2},
			},
			"lamp/home/2 music/fun/2 oos//2",
			[]task.Cell{{Ints: []int64{2}}, {Ints: []int64{1}}, {Ints: []int64{2}}},
		},
		{
			"exclude",
			[]task.Split{
				{Name: "train", Records: 2},
				{Name: "validation", Records: 1},
				{Name: "test", Records: 1},
			},
			"lamp/home/2 music/fun/2",
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.choice, func(t *testing.T) {
			c := defaults
			c.Format, c.Path, c.Domains, c.OutOfScope = "clinc150", path, domains, test.choice
			corpus, err := readCLINC150(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := corpus.description.Verify(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.splits, corpus.description.Splits); diff != "" {
				t.Errorf("splits: -want +got\n%s", diff)
			}
			var intents []string
			for _, class := range corpus.description.Fields[1].Classes {
				intents = append(intents,
					class.Name+"/"+class.Super+"/"+string(rune('0'+class.Count)))
			}
			if got := strings.Join(intents, " "); got != test.intents {
				t.Errorf("intents %q, want %q", got, test.intents)
			}
			if test.third != nil {
				if diff := cmp.Diff(test.third, corpus.records[2].Cells[1:]); diff != "" {
					t.Errorf("out of scope: -want +got\n%s", diff)
				}
			}
		})
	}
}

func TestCLINC150Refuses(t *testing.T) {
	tests := []struct{ name, data, domains, want string }{
		{"another file", `{"rows": []}`, "", `there is no "train"`},
		{"not pairs", `{"train": [["a"]], "val": [], "test": []}`, "", "train: entry 0"},
		{"intent without domain", tinyCLINC150, `{"home": ["lamp"]}`,
			`intent "music" is in no domain`},
		{"intent in two domains", tinyCLINC150, `{"a": ["lamp"], "b": ["lamp"]}`,
			`in domains "a" and "b"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := config{Format: "clinc150", Path: write(t, "data.json", test.data)}
			if test.domains != "" {
				c.Domains = write(t, "domains.json", test.domains)
			}
			if _, err := open(c); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestPublishedCLINC150(t *testing.T) {
	path, domains := tasktest.Data(t, "clinc150/data_full.json"), tasktest.Data(t,
		"clinc150/domains.json")
	c := defaults
	c.Format, c.Path, c.Domains = "clinc150", path, domains
	corpus, err := readCLINC150(c)
	if err != nil {
		t.Fatal(err)
	}
	want := []task.Split{
		{Name: "train", Records: 15100},
		{Name: "validation", Records: 3100},
		{Name: "test", Records: 5500},
	}
	if diff := cmp.Diff(want, corpus.description.Splits); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for field, classes := range map[string]int{"intent": 150, "scope": 2, "domain": 10} {
		described := corpus.description.Fields[corpus.description.Field(field)]
		if got := len(described.Classes); got != classes {
			t.Errorf("%d classes of %s, want %d", got, field, classes)
		}
	}
	for _, class := range corpus.description.Fields[1].Classes {
		if class.Count != 150 || class.Super == "" {
			t.Errorf("intent %+v, want 150 queries and a domain", class)
		}
	}
	tasktest.Run(t, text,
		func(c *config) { c.Format, c.Path, c.Domains = "clinc150", path, domains })
}
