// Command methods measures what a step of each method costs, relative to a plain one, on the
// shapes of experiments/bench: learners that adapt on W1, relative to first-order MAML, weightings
// of tasks on W2, relative to fixed weights. It takes about ten minutes of an idle machine.
//
//	go run ./tools/bench/methods           # print the tables
//	go run ./tools/bench/methods -write    # and put them into docs/methods.md
//	go run ./tools/bench/methods -only anil,pcgrad
//
// Before every method its baseline is measured again, so that a ratio is of neighbours in time.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const page = "docs/methods.md"

func main() {
	write := flag.Bool("write", false, "put the tables into "+page)
	only := flag.String("only", "", "measure these `methods` alone, by their names with commas")
	steps := flag.Int("steps", 5, "time `N` steps of each")
	warmup := flag.Int("warmup", 2, "make `N` steps before those that are timed")
	flag.Parse()
	if err := run(*write, *only, *steps, *warmup); err != nil {
		fmt.Fprintf(os.Stderr, "methods: %v\n", err)
		os.Exit(1)
	}
}

func run(write bool, only string, steps, warmup int) error {
	if write && only != "" {
		return errors.New("-write needs all methods, not those of -only")
	}
	folder, err := os.MkdirTemp("", "methods")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := bencher{folder: folder, runner: filepath.Join(folder, "runner"), steps: steps,
		warmup: warmup}
	build := exec.Command("go", "build", "-o", b.runner, "./cmd/runner")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the runner: %w", err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n\n%s\n", title, strings.TrimSpace(introduction))
	for _, s := range studies {
		if only != "" {
			s.methods = slices.DeleteFunc(slices.Clone(s.methods), func(m method) bool {
				return !slices.Contains(strings.Split(only, ","), m.name)
			})
		}
		if err := b.study(&out, s); err != nil {
			return err
		}
	}
	if only == "" {
		if err := b.recomputation(&out); err != nil {
			return err
		}
	}
	fmt.Fprintf(&out, "\n%d processors, %s/%s, `go run ./tools/bench/methods -write`.\n",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	fmt.Print(out.String())
	if !write {
		return nil
	}
	content, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	return os.WriteFile(page, section(content, out.Bytes()), 0o644)
}

// section puts a text in the place of the section of the page that begins alike, or before
// the first that describes a method.
func section(page, text []byte) []byte {
	const next = "\n## "
	at := bytes.Index(page, []byte("\n"+title+"\n"))
	if at < 0 {
		at = bytes.Index(page, []byte(next+"maml\n"))
		return slices.Concat(page[:at+1], text, page[at:])
	}
	rest := page[at+1:]
	end := bytes.Index(rest, []byte(next))
	if end < 0 {
		end = len(rest)
	}
	return slices.Concat(page[:at+1], text, rest[end:])
}

// bencher runs the runner on variants of workloads.
type bencher struct {
	folder, runner string
	steps, warmup  int
}

// measurement is what of a bench counts here.
type measurement struct {
	Step  float64 `json:"median_step_s"`
	Arena float64 `json:"arena_mb"`
	RSS   float64 `json:"peak_rss_mb"`
}

// measure benches an experiment's text.
func (b bencher) measure(text string, variables ...string) (m measurement, err error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return m, err
	}
	text = strings.ReplaceAll(text, `"../../plugins/`, `"`+filepath.ToSlash(root)+"/plugins/")
	path := filepath.Join(b.folder, "variant.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return m, err
	}
	args := []string{"bench", "-json", fmt.Sprint("-steps=", b.steps),
		fmt.Sprint("-warmup=", b.warmup)}
	for _, v := range variables {
		args = append(args, "-var="+v)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(b.runner, append(args, path)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return m, fmt.Errorf("%w\n%s", err, errs.String())
	}
	return m, json.Unmarshal(out.Bytes(), &m)
}

// study writes the table of a study.
func (b bencher) study(out *bytes.Buffer, s study) error {
	content, err := os.ReadFile(s.file)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n| %s | step | time | memory |\n|---|---|---|---|\n", s.head)
	for _, m := range s.methods {
		base, err := b.measure(s.variant(string(content), s.base))
		if err != nil {
			return fmt.Errorf("%s: %w", s.base.name, err)
		}
		one, err := b.measure(s.variant(string(content), m))
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		line := fmt.Sprintf("| %s | %.0f ms | %.2f | %.2f |\n", m.title, 1e3*one.Step,
			one.Step/base.Step, one.RSS/base.RSS)
		fmt.Fprint(os.Stderr, line)
		fmt.Fprint(out, line)
	}
	return nil
}

// recomputation writes how memory grows with inner steps.
func (b bencher) recomputation(out *bytes.Buffer) error {
	content, err := os.ReadFile(adapting.file)
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\n| inner steps | kept: memory | time | computed again: memory | time |\n"+
		"|---|---|---|---|---|\n")
	for _, steps := range []int{1, 5, 20} {
		var found [2]measurement
		for i, again := range []bool{false, true} {
			found[i], err = b.measure(string(content), fmt.Sprint("inner_steps=", steps),
				fmt.Sprint("recompute=", again))
			if err != nil {
				return fmt.Errorf("%d inner steps: %w", steps, err)
			}
		}
		fmt.Fprintf(out, "| %d | %.0f MB | %.0f ms | %.0f MB | %.0f ms |\n", steps, found[0].Arena,
			1e3*found[0].Step, found[1].Arena, 1e3*found[1].Step)
	}
	return nil
}
