package program

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
	"quickstudy/framework/passes"
)

// Compiler compiles functions that differ in nothing but names once, for all models that
// share it, and whose programs share their memory. Its methods may be called concurrently.
type Compiler struct {
	mu     sync.Mutex
	made   map[[sha256.Size]byte]*compiled
	stats  Compilations
	arenas exec.Arenas // of all programs: a worker runs one at a time
}

// Compilations says what was compiled.
type Compilations struct {
	Programs int `json:"programs"` // that were asked for
	Compiled int `json:"compiled"` // of them; each of the others was equal to one of these
	// Seconds is the time it took to link and compile, over all of them. What plugins take
	// to trace is not in it.
	Seconds float64 `json:"seconds"`
}

// compiled is an executable that is there, or is being made.
type compiled struct {
	once       sync.Once
	executable executable
	err        error
}

// Compilations returns what was compiled so far.
func (c *Compiler) Compilations() Compilations {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// took adds the time since a program was asked for.
func (c *Compiler) took(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Programs++
	c.stats.Seconds += time.Since(since).Seconds()
}

// compile makes an executable, unless an equal one is there.
func (c *Compiler) compile(f *graph.Func, config *Config) (executable, error) {
	options := exec.Options{ISA: kernel.Best()}
	if config.Exec != nil {
		options = *config.Exec
	}
	key := sha256.Sum256(fmt.Appendf(passes.Content(f), "%t %v %+v", config.interpreted(),
		config.Precision, options))
	c.mu.Lock()
	one := c.made[key]
	if one == nil {
		one = &compiled{}
		if c.made == nil {
			c.made = map[[sha256.Size]byte]*compiled{}
		}
		c.made[key] = one
		c.stats.Compiled++
	}
	c.mu.Unlock()
	one.once.Do(func() {
		if config.interpreted() {
			one.executable, one.err = interpret(f, config.Precision)
		} else {
			options.Arenas = &c.arenas
			one.executable, one.err = exec.Compile(f, options)
		}
	})
	return one.executable, one.err
}

// make links a function and compiles it, which so many workers are to run at a time.
func (c *Config) make(workers int, link func() (*graph.Func, error)) (*Program, error) {
	defer c.Compiler.took(time.Now())
	f, err := link()
	if err != nil {
		return nil, err
	}
	p, err := c.Compiler.compile(f, c)
	if err != nil {
		return nil, err
	}
	s := f.Signature()
	made := &Program{f: f, executable: p, precision: c.Precision, params: s.Params,
		results: s.Results, work: passes.WorkOf(f)}
	return made, c.Limit.check(f.Name, workers, made.Memory())
}

func (c *Config) interpreted() bool { return c.Interpret || c.Precision == reference.Double }

// interpreted is a program of the reference interpreter.
type interpreted struct{ *reference.Program }

func interpret(f *graph.Func, precision reference.Precision) (interpreted, error) {
	p, err := reference.Compile(f, precision)
	return interpreted{p}, err
}

// RunInto is Run, and copies the results.
func (p interpreted) RunInto(results, args []*tensor.Dense) error {
	made, err := p.Run(args)
	for i, x := range made {
		Copy(results[i], x)
	}
	return err
}
