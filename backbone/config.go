package backbone

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Config is the architecture. At least one of Tokens, Numeric and Image is set; one that has
// several reads one of them at a time.
type Config struct {
	Kind       string  // encoder, decoder, encoder_decoder or mlp
	Layers     int     // of the encoder, the decoder, or each of them; of an mlp, hidden ones
	Width      int     // D
	Heads      int     // H, divides Width; 0 of an mlp
	MLP        int     // M; 0 of an mlp
	Dropout    float64 // probability of an element to be dropped in training
	Activation string  // gelu, relu or swiglu
	Norm       string  // layernorm or rmsnorm; empty: layernorm
	NormOrder  string  // pre or post; empty: pre
	Positions  string  // learned, sinusoidal, rotary, relative, alibi or none
	Pooling    string  // mean, first or last
	Adapters   []Adapter
	Experts    *Experts // nil: what is pooled is not mixed
	Tokens     *Tokens
	Numeric    *Numeric
	Image      *Image
}

// Check reports what is wrong with a configuration, or nil.
func (c Config) Check() error {
	for _, field := range []struct {
		name, got string
		want      []string
	}{
		{"kind", c.Kind, []string{"encoder", "decoder", "encoder_decoder", "mlp"}},
		{"activation", c.Activation, []string{"gelu", "relu", "swiglu"}},
		{"norm", cmp.Or(c.Norm, "layernorm"), []string{"layernorm", "rmsnorm"}},
		{"norm_order", cmp.Or(c.NormOrder, "pre"), []string{"pre", "post"}},
		{"positions", c.Positions,
			[]string{"learned", "sinusoidal", "rotary", "relative", "alibi", "none"}},
		{"pooling", c.Pooling, []string{"mean", "first", "last"}},
	} {
		if !slices.Contains(field.want, field.got) {
			return fmt.Errorf("backbone: %s is %q, want %s", field.name, field.got,
				strings.Join(field.want, " or "))
		}
	}
	if err := positive(size{"layers", c.Layers}, size{"width", c.Width}); err != nil {
		return err
	}
	if !c.plain() {
		if err := positive(size{"heads", c.Heads}, size{"mlp", c.MLP}); err != nil {
			return err
		}
		if c.Width%c.Heads != 0 {
			return fmt.Errorf("backbone: width %d does not divide into %d heads", c.Width, c.Heads)
		}
	}
	if err := c.checkTogether(); err != nil {
		return err
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("backbone: dropout is %v, want a number in [0, 1)", c.Dropout)
	}
	for _, a := range c.Adapters {
		if err := a.check(); err != nil {
			return err
		}
	}
	if e := c.Experts; e != nil && e.Count < 2 {
		return fmt.Errorf("backbone: %d experts, want at least 2", e.Count)
	}
	if len(c.inputs()) == 0 {
		return fmt.Errorf("backbone: no input, want one of tokens, of numbers or of images")
	}
	for _, k := range c.inputs() {
		if err := positive(k.sizes()...); err != nil {
			return err
		}
	}
	if k := c.Image; k != nil && (k.Height%k.Patch != 0 || k.Width%k.Patch != 0) {
		return fmt.Errorf("backbone: images of %d x %d pixels do not divide into patches of %[3]d x "+
			"%[3]d", k.Height, k.Width, k.Patch)
	}
	return nil
}

// plain reports whether positions do not see each other.
func (c Config) plain() bool { return c.Kind == "mlp" }

// checkTogether reports values that are right alone and do not go together.
func (c Config) checkTogether() error {
	switch {
	case c.plain() && (c.Heads != 0 || c.MLP != 0 || c.Positions != "none" ||
		c.Activation == "swiglu"):
		return fmt.Errorf("backbone: an mlp has %d heads, mlp %d, positions %s and activation %s, want "+
			"neither heads nor mlp, positions none and gelu or relu", c.Heads, c.MLP, c.Positions,
			c.Activation)
	case c.Positions == "rotary" && c.Width/c.Heads%2 != 0:
		return fmt.Errorf("backbone: rotary positions turn pairs, and a head is %d wide (width %d, "+
			"heads %d), want an even number", c.Width/c.Heads, c.Width, c.Heads)
	case c.Positions == "sinusoidal" && c.Width%2 != 0:
		return fmt.Errorf("backbone: sinusoidal positions are pairs of sine and cosine, and width is "+
			"%d, want an even number", c.Width)
	case c.Kind == "decoder" && c.Pooling == "first":
		return errors.New("backbone: pooling is first, and the first position of a decoder sees " +
			"itself alone, want mean or last")
	}
	return nil
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
