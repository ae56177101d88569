// Package picture decodes the images of a task and brings them to one size.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
)

// maxPixels is the largest size of an image that is decoded.
const maxPixels = 1 << 24

// Size is what images are brought to; of one channel they are grey, of three red, green and blue.
type Size struct{ Height, Width, Channels int }

// Decode decodes a PNG, JPEG or GIF and scales it: [H, W, C], 0 to 255.
func (s Size) Decode(content []byte) ([]uint8, error) {
	stored, kind, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("it does not decode as a PNG, JPEG or GIF: %w", err)
	}
	if stored.Width < 1 || stored.Height < 1 || stored.Width > maxPixels/stored.Height {
		return nil, fmt.Errorf("an image of %d x %d pixels, want 1 to %d in all", stored.Width,
			stored.Height, maxPixels)
	}
	decoded, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("it does not decode as a %s: %w", kind, err)
	}
	return s.scaled(decoded), nil
}

// scaled is the mean of the area of the image that falls into each pixel.
func (s Size) scaled(in image.Image) []uint8 {
	b := in.Bounds()
	values := s.channels(in) // [height, width, C] of the image
	rows := weights(b.Dy(), s.Height)
	columns := weights(b.Dx(), s.Width)
	out := make([]uint8, 0, s.Height*s.Width*s.Channels)
	for _, row := range rows {
		for _, column := range columns {
			for channel := range s.Channels {
				sum := 0.0
				for i, wy := range row.weights {
					for j, wx := range column.weights {
						at := ((row.first+i)*b.Dx()+column.first+j)*s.Channels + channel
						sum += float64(wy * wx * values[at])
					}
				}
				out = append(out, uint8(sum*255+0.5))
			}
		}
	}
	return out
}

// channels returns the image's values, 0 to 1.
func (s Size) channels(in image.Image) []float64 {
	b := in.Bounds()
	values := make([]float64, 0, b.Dx()*b.Dy()*s.Channels)
	if grey, ok := in.(*image.Gray); ok { // as drawings most often are, and then it is fast
		for y := range b.Dy() {
			for _, v := range grey.Pix[y*grey.Stride : y*grey.Stride+b.Dx()] {
				for range s.Channels {
					values = append(values, float64(v)/0xff)
				}
			}
		}
		return values
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			values = s.pixel(values, in.At(x, y))
		}
	}
	return values
}

// pixel appends the values of a colour. Transparent is white.
func (s Size) pixel(to []float64, colour color.Color) []float64 {
	r, g, b, a := colour.RGBA() // premultiplied
	white := 0xffff - a
	over := color.RGBA64{R: uint16(r + white), G: uint16(g + white), B: uint16(b + white),
		A: 0xffff}
	if s.Channels == 1 {
		return append(to, float64(color.Gray16Model.Convert(over).(color.Gray16).Y)/0xffff)
	}
	for _, v := range []uint16{over.R, over.G, over.B} {
		to = append(to, float64(v)/0xffff)
	}
	return to
}

// share is the cells of a line that a cell of another is the mean of, and how much of each.
type share struct {
	first   int
	weights []float64 // add up to 1
}

// weights divides a line of from cells into to of equal length.
func weights(from, to int) []share {
	shares := make([]share, to)
	length := float64(from) / float64(to)
	for i := range shares {
		// Whole numbers decide where a cell begins and ends, so that no rounding adds one.
		first, last := i*from/to, ((i+1)*from-1)/to
		one := share{first: first}
		for k := first; k <= last; k++ {
			low := max(float64(i*from)/float64(to), float64(k))
			high := min(float64((i+1)*from)/float64(to), float64(k+1))
			one.weights = append(one.weights, max(high-low, 0)/length)
		}
		shares[i] = one
	}
	return shares
}
