package backbone

import (
	"fmt"
	"slices"
	"strings"
)

// Config is the architecture. Exactly one of Tokens and Numeric is set.
type Config struct {
	Kind       string // encoder
	Layers     int
	Width      int     // D
	Heads      int     // H, divides Width
	MLP        int     // M
	Dropout    float64 // probability of an element to be dropped in training
	Activation string  // gelu or relu
	Positions  string  // learned or none
	Pooling    string  // mean or first
	Tokens     *Tokens
	Numeric    *Numeric
}

// Check reports what is wrong with a configuration, or nil.
func (c Config) Check() error {
	for _, field := range []struct {
		name, got string
		want      []string
	}{
		{"kind", c.Kind, []string{"encoder"}},
		{"activation", c.Activation, []string{"gelu", "relu"}},
		{"positions", c.Positions, []string{"learned", "none"}},
		{"pooling", c.Pooling, []string{"mean", "first"}},
	} {
		if !slices.Contains(field.want, field.got) {
			return fmt.Errorf("backbone: %s is %q, want %s", field.name, field.got, strings.Join(field.want, " or "))
		}
	}
	if err := positive(
		size{"layers", c.Layers}, size{"width", c.Width}, size{"heads", c.Heads}, size{"mlp", c.MLP},
	); err != nil {
		return err
	}
	if c.Width%c.Heads != 0 {
		return fmt.Errorf("backbone: width %d does not divide into %d heads", c.Width, c.Heads)
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("backbone: dropout is %v, want a number in [0, 1)", c.Dropout)
	}
	switch {
	case c.Tokens != nil && c.Numeric != nil:
		return fmt.Errorf("backbone: inputs of tokens and of numbers, want one of them")
	case c.Tokens == nil && c.Numeric == nil:
		return fmt.Errorf("backbone: no input, want one of tokens or of numbers")
	}
	return positive(c.input().sizes()...)
}

// size is a number that must be positive, by its name in a configuration.
type size struct {
	name string
	got  int
}

func positive(sizes ...size) error {
	for _, s := range sizes {
		if s.got < 1 {
			return fmt.Errorf("backbone: %s is %d, want at least 1", s.name, s.got)
		}
	}
	return nil
}
