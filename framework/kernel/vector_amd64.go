//go:build amd64 && !noasm

package kernel

//go:generate go -C ../../tools/asm run ./vector ../../framework/kernel

// unlessFar returns a sine or cosine whose assembly leaves arguments of trigHigh or more,
// and NaN, as they are and says whether there were any.
func unlessFar(
	assembly func(dst, a *float32, rows, cols, ldd, lda int) (far bool), f func(float32) float32,
) Unary {
	return func(dst, a *float32, rows, cols, ldd, lda int) {
		if !assembly(dst, a, rows, cols, ldd, lda) {
			return
		}
		for i := range rows {
			row := span[float32](dst, i*ldd, cols)
			for j, v := range row {
				if !(v >= -1 && v <= 1) {
					row[j] = f(v)
				}
			}
		}
	}
}
