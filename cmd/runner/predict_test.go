package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// predicted is a line that predict prints.
type predicted struct {
	Line        int64
	Steps       int
	Lost        int
	Predictions map[string]struct {
		Class, Text string
		Classes     []string
		Tags        []string
		Value       float64
		Cosine      float64
		Span        *struct {
			Start, End int
			Text       string
		}
		Scores []struct {
			Class string
			Score float64
		}
		LogProbability *float64 `json:"log_probability"`
	}
	Attention []struct {
		Steps, Layer int
		Set, Stack   string
		Tokens       []string
		Weights      [][][]float64
	}
}

// predictions runs predict.
func predictions(t *testing.T, arguments string) (lines []predicted, out string) {
	t.Helper()
	out, errs, status := execute(t, "runner predict "+arguments)
	if status != 0 || errs != "" {
		t.Fatalf("%s: status %d: %s", arguments, status, errs)
	}
	for line := range strings.Lines(out) {
		var one predicted
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, one)
	}
	return lines, out
}

// sentence is a record of sentences.
type sentence struct {
	Text, Alike, Said   string
	Words, Tags, Topics []string
	Answer              []int
	Length              float64
}

func readSentences(t *testing.T, path string) (all []sentence) {
	t.Helper()
	for line := range strings.Lines(string(read(t, filepath.Dir(path), filepath.Base(path)))) {
		var one sentence
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// written writes a file into a folder of its own and returns its path.
func written(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// share asserts that at least some part of the records is answered right.
func share(t *testing.T, what string, right []bool, atLeast float64) {
	t.Helper()
	n := 0
	for _, is := range right {
		if is {
			n++
		}
	}
	if got := float64(n) / float64(len(right)); !(got >= atLeast) {
		t.Errorf("%s: %d of %d are right, want a share of %v", what, n, len(right), atLeast)
	}
}

// predictSentences: tags, classes, spans and values come back in the records' own terms, and
// are as good as the run's test says.
func predictSentences(t *testing.T, run, data string) {
	t.Helper()
	truth := readSentences(t, data)
	lines, all := predictions(t, run+" "+data+" -task sentences")
	if len(lines) != len(truth) {
		t.Fatalf("%d predictions of %d records", len(lines), len(truth))
	}
	var tags, topics, spans []bool
	squares := 0.0
	for i, is := range truth {
		said := lines[i].Predictions
		if lines[i].Line != int64(i+1) || len(said) != 4 ||
			len(said["entities"].Tags) != len(is.Words) {
			t.Fatalf("line %d: %+v", i+1, lines[i])
		}
		tags = append(tags, slices.Equal(said["entities"].Tags, is.Tags))
		slices.Sort(is.Topics)
		topics = append(topics, slices.Equal(said["topics"].Classes, is.Topics))
		span := said["answer"].Span
		if span != nil && string([]rune(is.Text)[span.Start:span.End]) != span.Text {
			t.Errorf("line %d: %+v of %q", i+1, span, is.Text)
		}
		spans = append(spans, span == nil && is.Answer == nil ||
			span != nil && is.Answer != nil && span.Start == is.Answer[0] && span.End == is.Answer[1])
		squares += math.Pow(said["length"].Value-is.Length, 2) / float64(len(truth))
	}
	share(t, "entities", tags, 0.8)
	share(t, "topics", topics, 0.8)
	share(t, "answer", spans, 0.6)
	if squares > 4 {
		t.Errorf("length: mean squared error %v", squares)
	}

	// Without the answers, and one by one, they are the same to the last bit.
	var bare []string
	for _, is := range truth[:5] {
		line, err := json.Marshal(map[string]any{"text": is.Text, "words": is.Words})
		if err != nil {
			t.Fatal(err)
		}
		bare = append(bare, string(line))
	}
	_, out := predictions(t, run+" "+written(t, "bare.jsonl", bare...)+" -task sentences")
	if diff := cmp.Diff(strings.Join(strings.SplitAfter(all, "\n")[:5], ""), out); diff != "" {
		t.Error(diff)
	}
	for i, line := range bare[:2] {
		_, out := predictions(t, run+" "+written(t, "one.jsonl", line)+" -task sentences")
		out = strings.Replace(out, `"line":1`, fmt.Sprintf(`"line":%d`, i+1), 1)
		if want := strings.SplitAfter(all, "\n")[i]; out != want {
			t.Errorf("alone %s, among others %s", out, want)
		}
	}
}

// predictPairs: two inputs, and a number that is no probability.
func predictPairs(t *testing.T, run, data string) {
	t.Helper()
	lines, _ := predictions(t, run+" "+data+" -task pairs")
	var right []bool
	for i, is := range readSentences(t, data) {
		said := lines[i].Predictions["alike"]
		right = append(right, said.Class == is.Alike)
		if !(said.Cosine >= -1.001 && said.Cosine <= 1.001) {
			t.Errorf("line %d: cosine %v", i+1, said.Cosine)
		}
	}
	share(t, "alike", right, 0.8)
	for arguments, want := range map[string]string{
		run + " " + data:                           `there are "sentences" or "pairs", choose one`,
		run + " " + data + " -task pair":           `Did you mean "pairs"?`,
		run + " " + data + " -task pairs -steps 2": "2 adaptation steps, and nothing adapts",
		run + " " + data + " -task pairs -support " + data: "does not adapt, and the task was trained " +
			"without a support",
		run + " " + written(t, "q.jsonl", `{"text": "the"}`) + " -task pairs": `q.jsonl:1: there is no ` +
			`member "other"`,
		run + " " + written(t, "q.jsonl", `{"text": "the", "other": "dog"}`,
			`{"text": "`+strings.Repeat("dog ", 13)+`", "other": "dog"}`) + " -task pairs": "q.jsonl:2: " +
			`"text" has 13 positions, more than max_length = 12`,
	} {
		_, errs, status := execute(t, "runner predict "+arguments)
		if status == 0 || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %s; want %q", arguments, status, errs, want)
		}
	}
}

// predictTexts: what is written goes on from what there is, and a beam of two finds nothing
// that is less likely than greedy search does.
func predictTexts(t *testing.T, kind, run, data string) {
	t.Helper()
	const field = "said"
	truth := readSentences(t, data)
	var whole, begun []string
	var right []bool
	for _, is := range truth[:20] {
		line := map[string]any{"text": is.Text}
		if kind == "decoder" {
			line = map[string]any{}
		}
		empty, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		into, text := field, is.Said
		if kind == "decoder" {
			into, text = "text", is.Text
		}
		first, _, _ := strings.Cut(text, " ")
		line[into] = first
		more, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		whole, begun = append(whole, string(empty)), append(begun, string(more))
	}
	lines, _ := predictions(t, run+" "+written(t, "empty.jsonl", whole...))
	more, _ := predictions(t, run+" "+written(t, "begun.jsonl", begun...))
	wide, _ := predictions(t, run+" "+written(t, "empty.jsonl", whole...)+" -beam 3")
	for i, is := range truth[:20] {
		greedy := lines[i].Predictions[field]
		if greedy.Text == "" || greedy.LogProbability == nil || *greedy.LogProbability > 0 {
			t.Fatalf("%s: line %d: %+v", kind, i+1, greedy)
		}
		first, _, _ := strings.Cut(is.Said, " ")
		right = append(right, strings.HasPrefix(greedy.Text, first))
		// Greedy search that is begun as it begins itself goes on as it went on itself.
		if rest, same := strings.CutPrefix(greedy.Text, first+" "); same && kind != "decoder" &&
			rest != more[i].Predictions[field].Text {
			t.Errorf("line %d: %q, begun %q", i+1, greedy.Text, more[i].Predictions[field].Text)
		}
		if b := wide[i].Predictions[field]; *b.LogProbability < *greedy.LogProbability-1e-6 {
			t.Errorf("%s: line %d: a beam of 3 found %+v, greedy %+v", kind, i+1, b, greedy)
		}
	}
	if kind != "decoder" {
		share(t, "first words", right, 0.6)
	}
}

// predictPrototypes: a support of classes that no data had is enough.
func predictPrototypes(t *testing.T, run string) {
	t.Helper()
	support := written(t, "support.jsonl", `{"text": "aaaa", "language": "vowels"}`,
		`{"text": "aaaaa", "language": "vowels"}`, `{"text": "tttt", "language": "consonants"}`)
	queries := written(t, "q.jsonl", `{"text": "aaaaaa"}`, `{"text": "ttttt"}`)
	lines, _ := predictions(t, run+" "+queries+" -support "+support+" -attention")
	for i, want := range []string{"vowels", "consonants"} {
		if said := lines[i].Predictions["language"]; said.Class != want || len(said.Scores) != 2 ||
			said.Scores[0].Class != want || lines[i].Steps != 0 || len(lines[i].Attention) != 1 {
			t.Errorf("line %d: %+v, want %s", i+1, lines[i], want)
		}
	}
}

// TestPredictFewShot: a run adapts to new classes, tells its attention before and after,
// and says what is wrong with what it is given.
func TestPredictFewShot(t *testing.T) {
	run, _, _ := trained(t, "names.hcl", t.TempDir())
	support := written(t, "support.jsonl", `{"text": "Deutsch", "language": "mine"}`,
		`{"text": "francais", "language": "yours"}`, `{"text": "Englisch", "language": "mine"}`)
	queries := written(t, "queries.jsonl", `{"text": "Russisch"}`, ``,
		`{"text": "`+strings.Repeat("a", 50)+`", "language": "any"}`)
	lines, _ := predictions(t, run+" "+queries+" -support "+support+" -attention")
	if len(lines) != 2 || lines[0].Line != 1 || lines[1].Line != 3 || lines[0].Lost != 0 ||
		lines[1].Lost != 10 {
		t.Fatalf("%+v", lines)
	}
	for _, line := range lines {
		sum := 0.0
		for _, s := range line.Predictions["language"].Scores {
			sum += s.Score
		}
		if line.Steps != 2 || len(line.Predictions["language"].Scores) != 2 || math.Abs(sum-1) > 1e-5 {
			t.Errorf("%+v", line)
		}
		if len(line.Attention) != 2 || line.Attention[0].Steps != 0 || line.Attention[1].Steps != 2 {
			t.Fatalf("%+v", line.Attention)
		}
		for _, a := range line.Attention {
			if a.Set != "input" || a.Stack != "encoder" || len(a.Weights) != 2 {
				t.Errorf("%+v", a)
			}
			for _, head := range a.Weights {
				if len(head) != len(a.Tokens) {
					t.Errorf("%d queries for %d tokens", len(head), len(a.Tokens))
				}
				for _, row := range head {
					sum := 0.0
					for _, w := range row {
						sum += w
					}
					if len(row) != len(a.Tokens) || math.Abs(sum-1) > 1e-5 {
						t.Errorf("%v adds up to %v", row, sum)
					}
				}
			}
		}
		if cmp.Equal(line.Attention[0].Weights, line.Attention[1].Weights) {
			t.Error("adaptation changed nothing")
		}
	}
	before, _ := predictions(t, run+" "+queries+" -support "+support+" -steps 0")
	if before[0].Steps != 0 || cmp.Equal(before[0].Predictions, lines[0].Predictions) {
		t.Errorf("%+v after no step, %+v after two", before[0], lines[0])
	}
	for name, test := range map[string]struct{ arguments, want string }{
		"no support": {queries, "without a support it predicts nothing"},
		"four classes": {queries + " -support " + written(t, "s.jsonl", `{"text": "a", "language": "1"}`,
			`{"text": "a", "language": "2"}`, `{"text": "a", "language": 3}`,
			`{"text": "a", "language": true}`), "s.jsonl:4: it is the first of class number 4, and the " +
			"run was trained for 3 at most"},
		"no class": {queries + " -support " + written(t, "s.jsonl", `{"text": "a"}`),
			`s.jsonl:1: there is no member "language"`},
		"unlabelled": {queries + " -support " + written(t, "s.jsonl", `{"text": "a", "language": null}`),
			"a record of the support needs a class"},
		"empty":   {queries + " -support " + written(t, "s.jsonl"), "s.jsonl: it holds no record"},
		"no file": {"nowhere.jsonl", "nowhere.jsonl"},
		"no run":  {"-runs nowhere", "no"},
		"steps":   {queries + " -steps many", `-steps "many": want a number of steps`},
		"beam":    {queries + " -beam 0", "-beam 0"},
	} {
		arguments := run + " " + test.arguments
		if name == "no run" {
			arguments = "nothing " + test.arguments
		}
		out, errs, status := execute(t, "runner predict "+arguments)
		if status == 0 || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%s: status %d: %s%s; want %q", name, status, out, errs, test.want)
		}
	}
	waves, _, _ := trained(t, "waves.hcl", t.TempDir())
	lines, _ = predictions(t, waves+" "+written(t, "q.jsonl", `{"x": [0.5]}`, `{"x": [[2]]}`)+
		" -support "+written(t, "s.jsonl", `{"x": [1], "y": 0.5}`, `{"x": [[2]], "y": -1}`))
	if len(lines) != 2 ||
		lines[0].Predictions["height"].Value == lines[1].Predictions["height"].Value {
		t.Errorf("%+v", lines)
	}
}

// TestPredictImages: lines name image files, beside the file of lines, of which the run makes what
// it made of those that it was trained on; a support of classes that no data had is enough.
func TestPredictImages(t *testing.T) {
	folder := t.TempDir()
	for row := range 8 {
		for k := range 4 {
			dir := filepath.Join(folder, "trained", fmt.Sprint("row ", row))
			path := filepath.Join(dir, fmt.Sprint(k, ".png"))
			if err := errors.Join(os.MkdirAll(dir, 0o700), drawn(path, row, k)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, row := range map[string]int{"low": 7, "high": 0, "lower": 7, "higher": 0} {
		if err := drawn(filepath.Join(folder, name+".png"), row, 1); err != nil {
			t.Fatal(err)
		}
	}
	run, _, _ := trained(t, "images.hcl -var images="+filepath.Join(folder, "trained"), t.TempDir())
	file := func(name string, lines ...string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	support := file("s.jsonl", `{"image": "low.png", "class": "below"}`,
		`{"image": "high.png", "class": "above"}`)
	numbers, err := json.Marshal(map[string]any{"image": pixels(0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	queries := file("q.jsonl", `{"image": "lower.png"}`, `{"image": "higher.png"}`,
		`{"image": "`+filepath.Join(folder, "higher.png")+`"}`, string(numbers))
	lines, _ := predictions(t, run+" "+queries+" -support "+support)
	if len(lines) != 4 {
		t.Fatalf("%+v", lines)
	}
	for i, want := range []string{"below", "above", "above", "above"} {
		said := lines[i].Predictions["shape"]
		if said.Class != want || len(said.Scores) != 2 {
			t.Errorf("line %d: %+v, want %s", i+1, said, want)
		}
		if first := lines[1].Predictions["shape"]; i > 1 && !cmp.Equal(said, first) {
			t.Errorf("line %d: %+v, of the same image %+v", i+1, said, first)
		}
	}
	for name, want := range map[string]string{"nowhere.png": "nowhere.png",
		"q.jsonl": "does not decode"} {
		bad := file("bad.jsonl", `{"image": "`+name+`"}`)
		_, errs, status := execute(t, "runner predict "+run+" "+bad+" -support "+support)
		if status != 1 || !strings.Contains(errs, "bad.jsonl:1: member \"image\": ") ||
			!strings.Contains(errs, want) {
			t.Errorf("%s: status %d: %s", name, status, errs)
		}
	}
}

// pixels are those of an image with a dark row, another grey in every column, as the run sees
// them: dark is 1.
func pixels(row, seed int) (all [8][8]float64) {
	for x := range 8 {
		all[row][x] = 1 - float64(uint8(10*x+seed))/255
	}
	return all
}

// drawn writes such an image, on white.
func drawn(path string, row, seed int) error {
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		if m.Pix[i] = 0xff; i/8 == row {
			m.Pix[i] = uint8(10*(i%8) + seed)
		}
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, m); err != nil {
		return err
	}
	return os.WriteFile(path, encoded.Bytes(), 0o600)
}

// TestPredictAttentionOfAnMLP: it has none, which is said at once.
func TestPredictAttentionOfAnMLP(t *testing.T) {
	dir, _, _ := trained(t, "../../../experiments/maml_sinusoid_mlp.hcl -var steps=1 "+
		"-var episodes=2 -var validation_episodes=2", t.TempDir())
	_, errs, status := execute(t, "runner predict "+dir+" -attention")
	if status != 1 || !strings.Contains(errs, "the backbone is an mlp") {
		t.Errorf("status %d: %s", status, errs)
	}
}
