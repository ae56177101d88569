package backbone

import "fmt"

// Tokens describes an input of token ids.
type Tokens struct{ Vocabulary, MaxLength int }

// Numeric describes an input of real vectors.
type Numeric struct{ Features, MaxLength int }

// Config is the architecture. Exactly one of Tokens and Numeric is set.
type Config struct {
	Kind       string // encoder
	Layers     int
	Width      int // D
	Heads      int // divides Width
	MLP        int // width of the hidden layer between attentions
	Dropout    float64
	Activation string // gelu or relu
	Positions  string // learned or none
	Pooling    string // mean or first
	Tokens     *Tokens
	Numeric    *Numeric
}

// Check reports what is wrong with a configuration, or nil.
func (c Config) Check() error {
	choices := []struct{ name, got, a, b string }{
		{"kind", c.Kind, "encoder", "encoder"},
		{"activation", c.Activation, "gelu", "relu"},
		{"positions", c.Positions, "learned", "none"},
		{"pooling", c.Pooling, "mean", "first"},
	}
	for _, x := range choices {
		if x.got != x.a && x.got != x.b {
			return fmt.Errorf("backbone: %s is %q, want %q or %q", x.name, x.got, x.a, x.b)
		}
	}
	sizes := []struct {
		name string
		got  int
	}{{"layers", c.Layers}, {"width", c.Width}, {"heads", c.Heads}, {"mlp", c.MLP}}
	switch {
	case c.Tokens != nil && c.Numeric != nil:
		return fmt.Errorf("backbone: inputs of tokens and of numbers, want one of them")
	case c.Tokens == nil && c.Numeric == nil:
		return fmt.Errorf("backbone: no input, want one of tokens or of numbers")
	}
	for _, x := range append(sizes, struct {
		name string
		got  int
	}{"max_length", c.maxLength()}) {
		if x.got < 1 {
			return fmt.Errorf("backbone: %s is %d, want at least 1", x.name, x.got)
		}
	}
	switch {
	case c.Tokens != nil && c.Tokens.Vocabulary < 1:
		return fmt.Errorf("backbone: vocabulary is %d, want at least 1", c.Tokens.Vocabulary)
	case c.Numeric != nil && c.Numeric.Features < 1:
		return fmt.Errorf("backbone: features is %d, want at least 1", c.Numeric.Features)
	case c.Width%c.Heads != 0:
		return fmt.Errorf("backbone: width %d does not divide into %d heads", c.Width, c.Heads)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("backbone: dropout is %v, want a number in [0, 1)", c.Dropout)
	}
	return nil
}

func (c Config) maxLength() int {
	if c.Tokens != nil {
		return c.Tokens.MaxLength
	}
	return c.Numeric.MaxLength
}
