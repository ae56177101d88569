package reference

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/philox"
)

// typed adds a step over dense operands with the kernel for the storage of d.
func typed(c *compiler, n *graph.Node, d graph.DType, f32, f64, i32, b kernel) error {
	k := b
	switch c.storage(d) {
	case inFloat32:
		k = f32
	case inFloat64:
		k = f64
	case inInt32:
		k = i32
	}
	c.step(n, c.dense(n), k)
	return nil
}

func index(c *compiler, n *graph.Node) error {
	length, step := n.Shape()[n.Attrs().Axis], rowMajor(n.Shape())[n.Attrs().Axis]
	return typed(c, n, n.DType(), counting[float32](length, step), counting[float64](length, step),
		counting[int32](length, step), nil)
}

func counting[T number](length, step int) kernel {
	return func(out any, _ []any) error {
		dst := out.([]T)
		for i := range dst {
			dst[i] = T(i / step % length)
		}
		return nil
	}
}

func outside(ids []int32, i, length int) error {
	if id := ids[i]; id < 0 || int(id) >= length {
		return fmt.Errorf("index %d at position %d is outside 0 to %d", id, i, length-1)
	}
	return nil
}

func gather(c *compiler, n *graph.Node) error {
	rows := n.Inputs()[0].Shape()[0]
	width := n.Inputs()[0].Shape().Size() / rows
	return typed(c, n, n.DType(), gathering[float32](rows, width), gathering[float64](rows, width),
		gathering[int32](rows, width), gathering[bool](rows, width))
}

func gathering[T any](rows, width int) kernel {
	return func(out any, in []any) error {
		dst, table, ids := out.([]T), in[0].([]T), in[1].([]int32)
		for i, id := range ids {
			if err := outside(ids, i, rows); err != nil {
				return err
			}
			copy(dst[i*width:(i+1)*width], table[int(id)*width:])
		}
		return nil
	}
}

func scatterAdd(c *compiler, n *graph.Node) error {
	rows := n.Attrs().N
	width := n.Shape().Size() / rows
	return typed(c, n, n.DType(), scattering[float32](rows, width),
		scattering[float64](rows, width), nil, nil)
}

func scattering[T float](rows, width int) kernel {
	return func(out any, in []any) error {
		dst, ids, updates := out.([]T), in[0].([]int32), in[1].([]T)
		clear(dst)
		for i, id := range ids {
			if err := outside(ids, i, rows); err != nil {
				return err
			}
			row := dst[int(id)*width : (int(id)+1)*width]
			for j, u := range updates[i*width : (i+1)*width] {
				row[j] += u
			}
		}
		return nil
	}
}

// lastAxis returns the length of a node's last axis.
func lastAxis(n *graph.Node) int { return n.Shape()[len(n.Shape())-1] }

func take(c *compiler, n *graph.Node) error {
	width, count := lastAxis(n.Inputs()[0]), lastAxis(n)
	return typed(c, n, n.DType(), taking[float32](width, count), taking[float64](width, count),
		taking[int32](width, count), taking[bool](width, count))
}

func taking[T any](width, count int) kernel {
	return func(out any, in []any) error {
		dst, x, ids := out.([]T), in[0].([]T), in[1].([]int32)
		for i, id := range ids {
			if err := outside(ids, i, width); err != nil {
				return err
			}
			dst[i] = x[i/count*width+int(id)]
		}
		return nil
	}
}

func putAdd(c *compiler, n *graph.Node) error {
	width, count := lastAxis(n), lastAxis(n.Inputs()[0])
	return typed(c, n, n.DType(), putting[float32](width, count), putting[float64](width, count),
		nil, nil)
}

func putting[T float](width, count int) kernel {
	return func(out any, in []any) error {
		dst, ids, updates := out.([]T), in[0].([]int32), in[1].([]T)
		clear(dst)
		for i, id := range ids {
			if err := outside(ids, i, width); err != nil {
				return err
			}
			dst[i/count*width+int(id)] += updates[i]
		}
		return nil
	}
}

func oneHot(c *compiler, n *graph.Node) error {
	width := n.Attrs().N
	return typed(c, n, n.DType(), marking(width, float32(1)), marking(width, float64(1)),
		marking(width, int32(1)), marking(width, true))
}

func marking[T any](width int, mark T) kernel {
	return func(out any, in []any) error {
		dst := out.([]T)
		clear(dst)
		for i, id := range in[0].([]int32) {
			if id >= 0 && int(id) < width {
				dst[i*width+int(id)] = mark
			}
		}
		return nil
	}
}

func keyOf(data any) [2]uint32 {
	words := data.([]int32)
	return [2]uint32{uint32(words[0]), uint32(words[1])}
}

func foldKey(c *compiler, n *graph.Node) error {
	return typed(c, n, n.DType(), nil, nil, func(out any, in []any) error {
		key := philox.Fold(keyOf(in[0]), uint32(in[1].([]int32)[0]))
		copy(out.([]int32), []int32{int32(key[0]), int32(key[1])})
		return nil
	}, nil)
}

func uniform(c *compiler, n *graph.Node) error {
	return typed(c, n, n.DType(), drawing[float32], drawing[float64], nil, nil)
}

func drawing[T float](out any, in []any) error {
	philox.Fill(out.([]T), keyOf(in[0]))
	return nil
}
