package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

// published is what is known of a file of SCAN: its lines, how many differ, and their digest.
type published struct {
	Lines, Distinct int
	SHA256          string
}

func summary(pairs []pair) published {
	var lines []string
	for _, p := range pairs {
		lines = append(lines, "IN: "+p.input+" OUT: "+p.output+"\n")
	}
	all := len(lines)
	slices.Sort(lines)
	lines = slices.Compact(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return published{all, len(lines), hex.EncodeToString(sum[:])}
}

// TestDivisions: every division has the lines of the published files, and as often; but for
// simple, which is random there, and has the same numbers of other commands.
func TestDivisions(t *testing.T) {
	data, err := os.ReadFile("testdata/scan.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]published
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if got := summary(commands()); got != want["all"]["train"] {
		t.Errorf("the grammar gives %+v, published are %+v", got, want["all"]["train"])
	}
	if len(want) != len(divisions)+1 {
		t.Errorf("%d divisions, published are %d", len(divisions), len(want)-1)
	}
	for _, name := range divisionNames() {
		for _, p := range scan(name) {
			got, of := summary(p.pairs), want[name][p.split]
			if name == "simple" {
				if got.Distinct != of.Distinct || got.Lines != of.Lines || got.SHA256 == of.SHA256 {
					t.Errorf("simple: %s has %+v, published are %+v", p.split, got, of)
				}
				continue
			}
			if got != of {
				t.Errorf("%s: %s has %+v, published are %+v", name, p.split, got, of)
			}
		}
	}
}

// TestPublishedCommands are those of the grammar, as a set, where the file is.
func TestPublishedCommands(t *testing.T) {
	c := config{Format: "scan", Path: tasktest.Data(t, "scan/tasks.txt")}
	parts, _, err := c.readFiles()
	if err != nil {
		t.Fatal(err)
	}
	want := map[pair]bool{}
	for _, p := range parts[0].pairs {
		want[p] = true
	}
	made := commands()
	for _, p := range made {
		if !want[p] {
			t.Errorf("%q is not published with the actions %q", p.input, p.output)
		}
	}
	if len(made) != len(want) || len(parts[0].pairs) != len(want) {
		t.Errorf("%d commands, published are %d", len(made), len(want))
	}
}

// TestSimpleIsRandom: commands of every connective and every length are in both parts, in about
// the same shares.
func TestSimpleIsRandom(t *testing.T) {
	var shares [2]map[string]float64
	for i, p := range scan("") {
		shares[i] = map[string]float64{}
		for _, one := range p.pairs {
			for _, word := range strings.Fields(one.input) {
				shares[i][word] += 1 / float64(len(p.pairs))
			}
		}
	}
	for word, share := range shares[0] {
		if other := shares[1][word]; other < 0.9*share || other > 1.1*share {
			t.Errorf("%q is %.3f times in a command that is trained on, and %.3f in one tested on", word,
				share, other)
		}
	}
}

func TestConformance(t *testing.T) {
	for name, change := range map[string]func(*config){
		"scan":     nil,
		"length":   func(c *config) { c.Division = "length" },
		"permuted": func(c *config) { c.Permuted = true },
		"few":      func(c *config) { c.Permuted, c.Shots, c.Queries = true, 4, 3 },
		"lines":    func(c *config) { c.Path = write(t, lines) },
		"tsv":      func(c *config) { c.Format, c.Path = "tsv", write(t, rows) },
		"geoquery": func(c *config) { c.Format, c.Path = "geoquery", write(t, geo) },
	} {
		t.Run(name, func(t *testing.T) { tasktest.Run(t, semanticParsing, change) })
	}
}

// TestPermuted: an episode is consistent with one meaning of the four primitives, which is not
// that of SCAN but in the test; there the queries have jump, and the support has it bare.
func TestPermuted(t *testing.T) {
	meaning := map[string]string{}
	for _, c := range commands() {
		meaning[c.input] = c.output
	}
	c := *semanticParsing.New().(*config)
	c.Permuted, c.Shots, c.Queries = true, 9, 7
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, split := range []string{"train", "validation", "test"} {
		for index := range int64(200) {
			e, err := data.Generator.Sample(3, split, index)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Support) != 9 || len(e.Query) != 7 {
				t.Fatalf("%d to adapt on and %d queries", len(e.Support), len(e.Query))
			}
			var rename, told []string
			order := ""
			for i, u := range primitives {
				cells := e.Support[i].Cells
				if cells[0].Text != u.input {
					t.Errorf("the support begins with %q, want %q", cells[0].Text, u.input)
				}
				rename = append(rename, u.output, cells[1].Text)
				order += cells[1].Text
			}
			seen[split+order] = true
			for _, r := range e.Support {
				told = append(told, r.Cells[0].Text+" "+r.Cells[1].Text)
			}
			inputs := map[string]bool{}
			for i, r := range slices.Concat(e.Support, e.Query) {
				is := strings.NewReplacer(rename...).Replace(meaning[r.Cells[0].Text])
				if is == "" || is != r.Cells[1].Text {
					t.Errorf("%s %d: %q is %q, want %q", split, index, r.Cells[0].Text, r.Cells[1].Text, is)
				}
				jumps := strings.Contains(r.Cells[0].Text, "jump")
				if split == "test" && jumps != (i >= len(e.Support) || r.Cells[0].Text == "jump") {
					t.Errorf("test %d: record %d is %q", index, i, r.Cells[0].Text)
				}
				if got, want := r.Cells[2].Text, strings.Join(told, " ; "); got != want {
					t.Errorf("%s %d: the support is %q, want %q", split, index, got, want)
				}
				inputs[r.Cells[0].Text] = true
			}
			if len(inputs) != 16 {
				t.Errorf("%s %d: %d commands differ", split, index, len(inputs))
			}
		}
	}
	same := "I_WALKI_LOOKI_RUNI_JUMP"
	if seen["train"+same] || seen["validation"+same] || !seen["test"+same] || len(seen) != 2*23+1 {
		t.Errorf("%d meanings: %v", len(seen), seen)
	}
}

func TestMeaning(t *testing.T) {
	// Figure 1 of the paper.
	for input, want := range map[string]string{
		"jump":                               "I_JUMP",
		"jump left":                          "I_TURN_LEFT I_JUMP",
		"jump around right":                  times(4, "I_TURN_RIGHT I_JUMP"),
		"turn left twice":                    "I_TURN_LEFT I_TURN_LEFT",
		"jump thrice":                        "I_JUMP I_JUMP I_JUMP",
		"jump opposite left and walk thrice": "I_TURN_LEFT I_TURN_LEFT I_JUMP I_WALK I_WALK I_WALK",
		"jump opposite left after walk around left": times(4, "I_TURN_LEFT I_WALK") +
			" I_TURN_LEFT I_TURN_LEFT I_JUMP",
	} {
		at := slices.IndexFunc(commands(), func(c pair) bool { return c.input == input })
		if at < 0 || commands()[at].output != want {
			t.Errorf("%q: %d, want %q", input, at, want)
		}
	}
}

// TestDescribes: what is made from the grammar has a digest, which follows from the division.
func TestDescribes(t *testing.T) {
	digests := map[string]bool{}
	for _, name := range divisionNames() {
		c := *semanticParsing.New().(*config)
		c.Division = name
		data, err := open(c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := data.Describe()
		if err != nil || d.Digest == "" || !strings.Contains(d.Origin, "1711.00350") {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		digests[d.Digest] = true
		if d.Fields[0].Kind != task.Text || len(d.Fields) != 2 || len(d.Splits) != 2 {
			t.Errorf("%s: %+v", name, d)
		}
	}
	// One is published by two names: template_jump_around_right and filler_num3.
	if want := len(divisions) - 1; len(digests) != want {
		t.Errorf("%d different digests, want %d", len(digests), want)
	}
}
