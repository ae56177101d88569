package graph

import "fmt"

func init() {
	register(map[Op]row{
		OpGather: {
			name: "gather", doc: "rows of a table by index; an index outside it is an error when executed",
			arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				table, ids := n.inputs[0], n.inputs[1]
				if len(table.shape) == 0 || ids.dtype != Int32 {
					return 0, nil, fmt.Errorf("table %v%v by %v%v, want rows and i32 indices",
						table.dtype, table.shape, ids.dtype, ids.shape)
				}
				return table.dtype, append(ids.shape.Clone(), table.shape[1:]...), nil
			},
			grad: func(n, g *Node) []*Node {
				return []*Node{ScatterAdd(n.inputs[1], g, n.inputs[0].shape[0]), nil}
			},
		},
		OpScatterAdd: {
			name: "scatter_add", doc: "a table of n zero rows to which updates are added by index, in order",
			attrs: []attr{attrN}, arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				ids, updates := n.inputs[0], n.inputs[1]
				k := len(ids.shape)
				if ids.dtype != Int32 || !updates.dtype.Float() || len(updates.shape) < k ||
					!updates.shape[:k].Equal(ids.shape) {
					return 0, nil, fmt.Errorf(
						"updates %v%v by %v%v, want i32 indices over the updates' leading axes",
						updates.dtype, updates.shape, ids.dtype, ids.shape)
				}
				return updates.dtype, append(Shape{n.attrs.N}, updates.shape[k:]...), nil
			},
			grad: func(n, g *Node) []*Node { return []*Node{nil, Gather(g, n.inputs[0])} },
		},
		OpTake: {
			name: "take", doc: "elements of the last axis by index, leading axes in step", arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				x, ids := n.inputs[0], n.inputs[1]
				if err := leading(x, ids); err != nil {
					return 0, nil, err
				}
				return x.dtype, ids.shape, nil
			},
			grad: func(n, g *Node) []*Node {
				x := n.inputs[0]
				return []*Node{PutAdd(n.inputs[1], g, x.shape[len(x.shape)-1]), nil}
			},
		},
		OpPutAdd: {
			name:  "put_add",
			doc:   "n zeros along the last axis to which updates are added by index, in order",
			attrs: []attr{attrN}, arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				ids, updates := n.inputs[0], n.inputs[1]
				if err := leading(updates, ids); err != nil {
					return 0, nil, err
				}
				if !updates.dtype.Float() || !updates.shape.Equal(ids.shape) {
					return 0, nil, fmt.Errorf("updates %v%v by %v%v, want floats and equal shapes",
						updates.dtype, updates.shape, ids.dtype, ids.shape)
				}
				shape := ids.shape.Clone()
				shape[len(shape)-1] = n.attrs.N
				return updates.dtype, shape, nil
			},
			grad: func(n, g *Node) []*Node { return []*Node{nil, Take(g, n.inputs[0])} },
		},
		OpOneHot: {
			name:  "one_hot",
			doc:   "1 at the index, 0 elsewhere, along a new last axis of length n; outside it all 0",
			attrs: []attr{attrN, attrDType}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				ids := n.inputs[0]
				if ids.dtype != Int32 || !n.attrs.DType.Valid() {
					return 0, nil, fmt.Errorf("operand is %v%v, want i32; element type %v", ids.dtype, ids.shape,
						n.attrs.DType)
				}
				return n.attrs.DType, append(ids.shape.Clone(), n.attrs.N), nil
			},
		},
	})
}

// leading checks that ids index the last axis of x, all other axes equal.
func leading(x, ids *Node) error {
	r := len(x.shape)
	if ids.dtype != Int32 || r == 0 || len(ids.shape) != r || !ids.shape[:r-1].Equal(x.shape[:r-1]) {
		return fmt.Errorf("%v%v by %v%v, want i32 indices and equal axes but for the last",
			x.dtype, x.shape, ids.dtype, ids.shape)
	}
	return nil
}

// Gather returns rows of table [V, ...] by ids (Int32 [...]): ids' axes
// followed by a row's.
func Gather(table, ids *Node) *Node { return newNode(OpGather, Attrs{}, table, ids) }

// ScatterAdd adds updates into a zero table with the given number of rows; the
// transpose of Gather.
func ScatterAdd(ids, updates *Node, rows int) *Node {
	return newNode(OpScatterAdd, Attrs{N: rows}, ids, updates)
}

// Take picks elements along the last axis: x [..., N], ids Int32 [..., K] → [..., K].
func Take(x, ids *Node) *Node { return newNode(OpTake, Attrs{}, x, ids) }

// PutAdd adds updates [..., K] into zeros [..., n] at ids; the transpose of Take.
func PutAdd(ids, updates *Node, n int) *Node { return newNode(OpPutAdd, Attrs{N: n}, ids, updates) }

// OneHot marks ids (Int32 [...]) along a new last axis of length depth; an id
// outside it marks nothing.
func OneHot(ids *Node, depth int, dtype DType) *Node {
	return newNode(OpOneHot, Attrs{N: depth, DType: dtype}, ids)
}
