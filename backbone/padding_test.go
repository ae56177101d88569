package backbone_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
)

// widen moves a batch of m into the larger shape of wide. What it adds is
// padding: hidden positions, and rows of weight 0 whose mask is partly set.
func widen(m, wide model, batch exectest.Values) exectest.Values {
	out := maps.Clone(batch)
	filler := wide.batch(slices.Repeat([]int{2}, wide.B)...)
	for name := range batch {
		// Position by position, or a number a row; the rest is the same at every size.
		perRow := strings.HasSuffix(name, "/weight") || strings.HasSuffix(name, "/class") ||
			strings.HasSuffix(name, "/value")
		if name == "key" || !perRow && len(batch[name]) == len(filler[name]) {
			continue
		}
		narrow, width := len(batch[name])/m.B, len(filler[name])/wide.B
		to := slices.Clone(filler[name])
		for i := range m.B {
			row := to[i*width : (i+1)*width]
			copy(row, batch[name][i*narrow:(i+1)*narrow])
			if strings.HasSuffix(name, "/mask") || strings.HasSuffix(name, "/weight") {
				clear(row[narrow:])
			}
		}
		out[name] = to
	}
	weight := out[m.Objective+"/weight"]
	clear(weight[m.B*len(weight)/wide.B:])
	return out
}

// TestPaddingChangesNoBit pads positions and rows further and expects every bit of
// what real positions and rows give, of the loss and of its first two derivatives.
func TestPaddingChangesNoBit(t *testing.T) {
	for name, change := range variants {
		for _, shape := range []struct {
			name string
			b, t int
		}{{"one position", 4, 6}, {"positions and rows", 7, 12}, {"many positions", 5, 80}} {
			t.Run(name+"/"+shape.name, func(t *testing.T) {
				wide := small()
				wide.Tokens.MaxLength = shape.t
				change(&wide)
				if wide.Image != nil {
					shape.t = 5 // all images have as many patches: rows are padded
				}
				m := wide
				wide.B, wide.T, wide.S = shape.b, shape.t, shape.t-1
				m.B, m.T, m.S = 4, 5, 4
				batch, parameters, along := m.batch(5, 3, 0, 1), m.parameters(t), m.direction(t)
				run := func(m model, batch exectest.Values) exectest.Values {
					p := exectest.Compile(t, m.trace(t, along), reference.Single)
					return p.Run(t, arguments(parameters, batch))
				}
				want, padded := run(m, batch), widen(m, wide, batch)
				got := run(wide, padded)
				for name, values := range want {
					rows := padded["input/mask"]
					if name == "pooled" || name == "prediction" {
						rows = padded[m.Objective+"/weight"]
					}
					switch kind, _, _ := strings.Cut(name, "/"); kind {
					case "attention":
						sameBits(t, name, wide.corner(m, got[name], wide.T, m.T), values)
					case "cross":
						sameBits(t, name, wide.corner(m, got[name], wide.S, m.S), values)
					case "hidden", "pooled", "prediction":
						// Rows that only wide has count as padding.
						kept := slices.Clone(rows)
						clear(kept[m.B*len(kept)/wide.B:])
						narrow := batch["input/mask"]
						if kind != "hidden" {
							narrow = batch[m.Objective+"/weight"]
						}
						sameBits(t, name, at(kept, got[name]), at(narrow, values))
					default:
						sameBits(t, name, got[name], values)
					}
				}
			})
		}
	}
}

// corner is the part of weights [B, H, T, S] that a smaller model has, whose keys are
// narrow and not keys many.
func (m model) corner(small model, weights []float64, keys, narrow int) []float64 {
	var out []float64
	for i, row := range slices.Collect(slices.Chunk(weights, keys)) { // [B·H·T][S]
		if example, query := i/m.T/m.Heads, i%m.T; example < small.B && query < small.T {
			out = append(out, row[:narrow]...)
		}
	}
	return out
}

func sameBits(t *testing.T, name string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", name, len(got), len(want))
		return
	}
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Errorf("%s: element %d is %b, want %b", name, i, got[i], want[i])
			return
		}
	}
}

// TestShorterThanMaxLength expects of a short batch what it gives when padded to
// the longest length, and no derivative of the positions beyond.
func TestShorterThanMaxLength(t *testing.T) {
	m := small()
	m.T = 3
	long := m
	long.T = m.Tokens.MaxLength
	batch, parameters := m.batch(3, 2, 1), m.parameters(t)
	short := exectest.Compile(t, m.trace(t, nil), reference.Double).Run(t,
		arguments(parameters, batch))
	padded := arguments(parameters, widen(m, long, batch))
	full := exectest.Compile(t, long.trace(t, nil), reference.Double).Run(t, padded)
	for name, want := range full {
		if name != "hidden" && !strings.HasPrefix(name, "attention/") {
			exectest.Near(t, name, short[name], want, 1e-12)
		}
	}
	for i, g := range short["gradient/backbone/embed/positions"][m.T*m.Width:] {
		if g != 0 {
			t.Errorf("position %d has gradient %v, want 0", m.T+i/m.Width, g)
		}
	}
}

// TestPermutation expects an encoder without positions to see a set.
func TestPermutation(t *testing.T) {
	for _, positions := range []string{"none", "learned"} {
		m := small()
		m.Positions = positions
		m.T = m.Tokens.MaxLength
		batch := m.batch(6, 4, 3)
		permuted := maps.Clone(batch)
		for _, name := range []string{"input/tokens", "input/mask"} {
			for row := range slices.Chunk(batch[name], m.T) {
				for _, from := range []int{4, 2, 0, 5, 1, 3} {
					permuted[name] = append(permuted[name][:len(permuted[name]):len(permuted[name])], row[from])
				}
			}
			permuted[name] = permuted[name][len(batch[name]):]
		}
		p, parameters := exectest.Compile(t, m.trace(t, nil), reference.Double), m.parameters(t)
		want := p.Run(t, arguments(parameters, batch))
		got := p.Run(t, arguments(parameters, permuted))
		if positions == "none" {
			for _, name := range []string{"pooled", "value"} {
				exectest.Near(t, name, got[name], want[name], 1e-12)
			}
			continue
		}
		if distance, limit := exectest.Distance(got["pooled"], want["pooled"], 1e-3); distance < limit {
			t.Errorf("learned positions: pooled moved by %.3g, want the order to matter", distance)
		}
	}
}
