package graph

import "fmt"

func init() {
	register(map[Op]row{
		OpFoldKey: {
			name: "fold_key", doc: "a new random key from a key and a number", arity: 2,
			infer: func(n *Node) (DType, Shape, error) {
				if data := n.inputs[1]; data.dtype != Int32 || len(data.shape) != 0 {
					return 0, nil, fmt.Errorf("number is %v%v, want i32[]", data.dtype, data.shape)
				}
				return Int32, Shape{2}, checkKey(n.inputs[0])
			},
		},
		OpUniform: {
			name:  "uniform",
			doc:   "random numbers in [0, 1) from a key: 24 bits of Philox4x32-10, counted by element",
			attrs: []attr{attrDType, attrShape}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				if !n.attrs.DType.Float() {
					return 0, nil, fmt.Errorf("element type %v: %w", n.attrs.DType, errFloat)
				}
				return n.attrs.DType, n.attrs.Shape, checkKey(n.inputs[0])
			},
		},
	})
}

func checkKey(key *Node) error {
	if key.dtype != Int32 || !key.shape.Equal(Shape{2}) {
		return fmt.Errorf("key is %v%v, want i32[2]", key.dtype, key.shape)
	}
	return nil
}

// FoldKey derives a key (Int32 [2]) from a key and a number (Int32 scalar).
// Random numbers are counter-based: Salmon et al. 2011, "Parallel random
// numbers: as easy as 1, 2, 3", https://doi.org/10.1145/2063384.2063405.
func FoldKey(key, data *Node) *Node { return newNode(OpFoldKey, Attrs{}, key, data) }

// Uniform draws numbers in [0, 1), a pure function of the key and the shape.
func Uniform(key *Node, dtype DType, shape Shape) *Node {
	return newNode(OpUniform, Attrs{DType: dtype, Shape: shape.Clone()}, key)
}
