package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
	"quickstudy/framework/task"
)

func dataPeek() *command {
	e := experimentFlags{looking: true}
	var name, split string
	var index int64
	var asJSON bool
	return &command{
		name: "data peek", args: "FILE", min: 1, max: 1,
		summary: "print an episode or batch as records, and as the arrays made of them",
		help: `The episode is the one that training or evaluation would draw. In the text form,
arrays of more than 32 numbers are told by their shape; -json has all numbers.
` + allowance,
		examples: []string{
			"runner data peek experiments/quickstart.hcl -split test -index 3",
			"runner data peek experiments/quickstart.hcl -task languages -json",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			f.StringVar(&name, "task", "", "`NAME` of the task; may be left out if there is one")
			f.StringVar(&split, "split", sampling.Train, "`SPLIT`: train, validation or test")
			f.Int64Var(&index, "index", 0, "`NUMBER` of the episode or batch in the split")
			jsonFlag(f, &asJSON)
		},
		run: func(ctx context.Context, c *console, args []string) error {
			s, err := e.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			d, err := c.data(ctx, s)
			if err != nil {
				return err
			}
			t, err := chosen(d, name)
			if err != nil {
				return err
			}
			if err := checkDraw(t, split, index); err != nil {
				return err
			}
			p, err := peek(t, split, index)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.stdout, p)
			}
			return p.print(c.stdout)
		},
	}
}

// chosen returns the task of a name, or the only one.
func chosen(d *session.Data, name string) (*session.Task, error) {
	var names []string
	for _, t := range d.Tasks {
		if t.Block.Name == name || name == "" && len(d.Tasks) == 1 {
			return t, nil
		}
		names = append(names, t.Block.Name)
	}
	if name == "" {
		return nil, usageError{fmt.Sprintf("there are several tasks: choose with -task %s",
			schema.OrList(names))}
	}
	return nil, usageError{fmt.Sprintf("there is no task %q.%s", name, schema.Hint(name, names))}
}

// checkDraw refuses what no task has. A generator would make an episode of any split.
func checkDraw(t *session.Task, split string, index int64) error {
	splits := []string{sampling.Train, sampling.Validation, sampling.Test}
	if t.Generator {
		splits = nil
		for _, s := range t.Description.Splits {
			splits = append(splits, s.Name)
		}
	}
	if !slices.Contains(splits, split) {
		return usageError{fmt.Sprintf("-split %q.%s", split, schema.Hint(split, splits))}
	}
	if index < 0 {
		return usageError{fmt.Sprintf("-index %d: want at least 0", index)}
	}
	return nil
}

// episode is a draw for people and machines.
type episode struct {
	Task    string       `json:"task"`
	Split   string       `json:"split"`
	Index   int64        `json:"index"`
	Classes []string     `json:"classes,omitempty"` // by label
	Support *episodeSide `json:"support,omitempty"`
	Query   *episodeSide `json:"query"`
	fields  []task.Field // in the order of the records
	sets    []sampling.Input
	task    *session.Task
}

type episodeSide struct {
	Records []episodeRecord `json:"records"`
	Arrays  []episodeArray  `json:"arrays"`
}

type episodeRecord struct {
	ID     int64               `json:"id"`
	Fields map[string]any      `json:"fields"`
	Tokens map[string][]string `json:"tokens,omitempty"` // by input set
}

type episodeArray struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Shape  []int  `json:"shape"`
	Values any    `json:"values"` // in row-major order
}

func peek(t *session.Task, split string, index int64) (*episode, error) {
	draw, err := t.Draw(split, index)
	if err != nil {
		return nil, err
	}
	support, query, err := t.Records(draw)
	if err != nil {
		return nil, err
	}
	encoded, err := t.Encode(draw)
	if err != nil {
		return nil, err
	}
	e := &episode{Task: t.Block.Name, Split: split, Index: index, fields: t.Description.Fields,
		sets: t.Config.Inputs, task: t}
	for _, class := range draw.Classes {
		e.Classes = append(e.Classes, e.fields[t.Pool().ClassField()].Classes[class].Name)
	}
	if encoded.Support != nil {
		e.Support = e.side(support, encoded.Support)
	}
	e.Query = e.side(query, encoded.Query)
	return e, nil
}

func (e *episode) side(records []task.Record, b *sampling.Batch) *episodeSide {
	s := &episodeSide{}
	for _, r := range records {
		one := episodeRecord{ID: r.ID, Fields: map[string]any{}}
		for i, f := range e.fields {
			one.Fields[f.Name] = contents(f, r.Cells[i])
		}
		for _, in := range e.sets {
			if in.Tokenizer == nil {
				continue
			}
			if one.Tokens == nil {
				one.Tokens = map[string][]string{}
			}
			one.Tokens[in.Set] = []string{}
			for _, id := range e.task.TokenIDs(in.Set, r) {
				one.Tokens[in.Set] = append(one.Tokens[in.Set], in.Tokenizer.Token(id))
			}
		}
		s.Records = append(s.Records, one)
	}
	for _, a := range b.Arrays {
		one := episodeArray{Name: a.Name, Type: "f32", Shape: append([]int{}, a.Shape...),
			Values: a.Floats}
		if a.Ints != nil {
			one.Type, one.Values = "i32", a.Ints
		}
		s.Arrays = append(s.Arrays, one)
	}
	return s
}

// contents is a cell as a value: classes by name, and nil for no label.
func contents(f task.Field, c task.Cell) any {
	switch f.Kind {
	case task.Text:
		return c.Text
	case task.Words:
		return c.Words
	case task.ClassOf:
		if len(c.Ints) == 0 {
			return nil
		}
		return f.Classes[c.Ints[0]].Name
	case task.ClassSet:
		names := []string{}
		for _, i := range c.Ints {
			names = append(names, f.Classes[i].Name)
		}
		return names
	case task.IDs:
		entries := []string{}
		for _, i := range c.Ints {
			entries = append(entries, f.Vocabulary[i])
		}
		return entries
	case task.Span:
		return c.Ints
	case task.Value:
		if len(c.Floats) == 0 {
			return nil
		}
		return c.Floats[0]
	}
	return c.Floats
}

func (e *episode) print(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "task %q, %s, number %d", e.Task, e.Split, e.Index)
	if len(e.Classes) > 0 {
		fmt.Fprintf(&text, ": %s", strings.Join(e.Classes, ", "))
	}
	text.WriteString("\n")
	for _, side := range []struct {
		name string
		*episodeSide
	}{{"support", e.Support}, {"query", e.Query}} {
		if side.episodeSide == nil {
			continue
		}
		fmt.Fprintf(&text, "\n%s, %d records\n", side.name, len(side.Records))
		for _, r := range side.Records {
			fmt.Fprintf(&text, "  #%d", r.ID)
			for _, f := range e.fields {
				fmt.Fprintf(&text, "  %s = %s", f.Name, short(r.Fields[f.Name]))
			}
			text.WriteString("\n")
			for _, in := range e.sets {
				if list := r.Tokens[in.Set]; list != nil {
					fmt.Fprintf(&text, "      %s: %q\n", in.Set, list)
				}
			}
		}
		fmt.Fprintf(&text, "\n%s, arrays\n", side.name)
		for _, a := range side.Arrays {
			fmt.Fprintf(&text, "  %s %s%v %s\n", a.Name, a.Type, a.Shape, short(a.Values))
		}
	}
	_, err := io.WriteString(w, strings.ReplaceAll(text.String(), " \n", "\n"))
	return err
}

// short writes a value in one line, or nothing when it is a long list of numbers.
func short(v any) string {
	const most = 32
	switch v := v.(type) {
	case nil:
		return "none"
	case string, []string:
		return fmt.Sprintf("%q", v)
	case []float64:
		if len(v) > most {
			return ""
		}
		texts := make([]string, len(v))
		for i, x := range v {
			texts[i] = fmt.Sprintf("%.6g", x)
		}
		return fmt.Sprint(texts)
	case []int32:
		if len(v) > most {
			return ""
		}
	case float64:
		return fmt.Sprintf("%.6g", v)
	}
	return fmt.Sprint(v)
}
