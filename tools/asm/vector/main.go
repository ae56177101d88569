// Vector writes the assembly of framework/kernel's elementwise kernels and reductions, its
// declarations and the tables that list it.
//
//	go run ./vector ../../framework/kernel
package main

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// definitions are the files of the Go package whose constants the assembly shares.
var definitions = []string{"transcendental.go", "trigonometric.go"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vector FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "vector:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	constants, err := constantsOf(folder, definitions...)
	if err != nil {
		return err
	}
	for _, m := range []machine{avx2, avx512} {
		w := newWriter(m, constants)
		t := w.kernels()
		file, err := w.Result()
		if err != nil {
			return err
		}
		if err := pass.Compile.Execute(file); err != nil {
			return err
		}
		config := printer.Config{Name: "tools/asm/vector", Pkg: "kernel"}
		assembly, err := printer.NewGoAsm(config).Print(file)
		if err != nil {
			return err
		}
		stubs, err := printer.NewStubs(config).Print(file)
		if err != nil {
			return err
		}
		name := filepath.Join(folder, "vector_"+m.name+"_amd64")
		if err := os.WriteFile(name+".s", assembly, 0o644); err != nil {
			return err
		}
		source, err := format.Source(append(stubs, t.source(m)...))
		if err != nil {
			return err
		}
		if err := os.WriteFile(name+".go", source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// table is the fields of the tables of kernels and the names of their functions.
type table struct{ elementwise, reductions, movement []entry }

type entry struct {
	field string
	kind  string // of the field, if it is an array
	names []string
}

// kernels emits all functions.
func (w *writer) kernels() (t table) {
	for _, o := range append(append(simple(), fused()...), functions()...) {
		e := entry{field: o.field}
		name := lower(o.field)
		switch o.operands {
		case 1:
			w.tile(o, name, 0)
			e.names = []string{name + w.title}
		case 2:
			e.kind = "[3]Binary"
		case 3:
			e.kind = "[7]Ternary"
		}
		for form := range map[int]int{2: 3, 3: 7}[o.operands] {
			formed := name
			for k := range o.operands {
				formed += string("VS"[form>>(o.operands-1-k)&1])
			}
			w.tile(o, formed, form)
			e.names = append(e.names, formed+w.title)
		}
		if o.result != "" {
			e.names[0] = fmt.Sprintf("unlessFar(%s, %s)", e.names[0], name)
		}
		t.elementwise = append(t.elementwise, e)
	}
	add := func(list *[]entry, field string, emit func()) {
		emit()
		*list = append(*list, entry{field: field, names: []string{lower(field) + w.title}})
	}
	add(&t.elementwise, "Fill", func() {
		w.tile(operation{operands: 1, unroll: 4,
			code: func(_ *writer, in []lanes) lanes { return in[0] }}, "fill", 1)
	})
	add(&t.elementwise, "MaskFromBool", w.maskFromBool)
	add(&t.elementwise, "BoolFromMask", w.boolFromMask)
	add(&t.elementwise, "Prefetch", w.prefetch)
	add(&t.reductions, "RowSum", func() { w.row(sum, "rowSum", false) })
	add(&t.reductions, "RowMax", func() { w.row(maximum, "rowMax", false) })
	add(&t.reductions, "RowDot", func() { w.row(dot, "rowDot", false) })
	add(&t.reductions, "SumLanes", func() { w.row(sum, "sumLanes", true) })
	add(&t.reductions, "MaxLanes", func() { w.row(maximum, "maxLanes", true) })
	add(&t.reductions, "ColSum", func() { w.column(sum, "colSum") })
	add(&t.reductions, "ColMax", func() { w.column(maximum, "colMax") })
	add(&t.reductions, "ColDot", func() { w.column(dot, "colDot") })
	add(&t.movement, "Transpose", w.transpose)
	add(&t.movement, "Gather", func() { w.indexed("gather", false) })
	add(&t.movement, "AddRows", func() { w.indexed("addRows", true) })
	add(&t.movement, "Uniform", w.uniform)
	return t
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

// source returns the Go declaration of the tables.
func (t table) source(m machine) []byte {
	var b []byte
	list := func(name string, entries []entry) {
		b = fmt.Appendf(b, "\nvar %s%s = %s{\n", lower(name), m.title, name)
		for _, e := range entries {
			if e.kind == "" {
				b = fmt.Appendf(b, "\t%s: %s,\n", e.field, e.names[0])
				continue
			}
			b = fmt.Appendf(b, "\t%s: %s{\n", e.field, e.kind)
			for _, n := range e.names {
				b = fmt.Appendf(b, "\t\t%s,\n", n)
			}
			b = fmt.Appendf(b, "\t},\n")
		}
		b = fmt.Appendf(b, "}\n")
	}
	list("Elementwise", t.elementwise)
	list("Reductions", t.reductions)
	list("Movement", t.movement)
	return b
}
