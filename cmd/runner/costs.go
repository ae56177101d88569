package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// printCosts compiles a function and lists what each of its units does, and then all of
// them together.
func printCosts(w io.Writer, f *graph.Func) error {
	p, err := exec.Compile(f, exec.Options{ISA: kernel.Best()})
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "MFLOP\tthousand elements\tthousand bytes\t unit\n")
	row := func(c exec.Cost) {
		fmt.Fprintf(t, "%.3f\t%.1f\t%.1f\t %s\n", float64(c.Flops)/1e6, float64(c.Elements)/1e3,
			float64(c.Bytes)/1e3, c.Unit)
	}
	sum := exec.Cost{}
	for _, c := range p.Costs() {
		row(c)
		sum.Flops, sum.Elements, sum.Bytes = sum.Flops+c.Flops, sum.Elements+c.Elements, sum.Bytes+c.Bytes
	}
	sum.Unit = fmt.Sprintf("all %d units", len(p.Costs()))
	row(sum)
	if err := t.Flush(); err != nil {
		return err
	}
	m := p.Memory()
	_, err = fmt.Fprintf(w, "arena of %.1f thousand bytes: %.1f alive at once, of %.1f\n",
		float64(m.Arena)/1e3, float64(m.Alive)/1e3, float64(m.Naive)/1e3)
	return err
}
