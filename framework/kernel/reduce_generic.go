package kernel

import "math"

// genericReductions holds the loops that define the reductions of every instruction set.
var genericReductions = Reductions{
	RowSum: rowSum, RowMax: rowMax, RowDot: rowDot,
	SumLanes: sumLanes, MaxLanes: maxLanes,
	ColSum: colSum, ColMax: colMax, ColDot: colDot,
}

func rowSum(dst, a *float32, rows, cols, lda int) {
	to := span[float32](dst, 0, rows)
	for i := range to {
		var lanes [Lanes]float32
		for j, v := range span[float32](a, i*lda, cols) {
			lanes[j%Lanes] += v
		}
		to[i] = foldSum(&lanes)
	}
}

func rowDot(dst, a, b *float32, rows, cols, lda, ldb int) {
	to := span[float32](dst, 0, rows)
	for i := range to {
		var lanes [Lanes]float32
		y := span[float32](b, i*ldb, cols)
		for j, x := range span[float32](a, i*lda, cols) {
			lanes[j%Lanes] += float32(x * y[j])
		}
		to[i] = foldSum(&lanes)
	}
}

func foldSum(lanes *[Lanes]float32) float32 {
	for half := Lanes / 2; half > 0; half /= 2 {
		for l := range half {
			lanes[l] += lanes[l+half]
		}
	}
	return lanes[0]
}

func rowMax(dst, a *float32, rows, cols, lda int) {
	to := span[float32](dst, 0, rows)
	for i := range to {
		var lanes [Lanes]float32
		for l := range lanes {
			lanes[l] = float32(math.Inf(-1))
		}
		for j, v := range span[float32](a, i*lda, cols) {
			lanes[j%Lanes] = larger(lanes[j%Lanes], v)
		}
		for half := Lanes / 2; half > 0; half /= 2 {
			for l := range half {
				lanes[l] = larger(lanes[l], lanes[l+half])
			}
		}
		to[i] = lanes[0]
	}
}

func sumLanes(dst, a *float32, rows, cols, lda int) {
	for i := range rows {
		lanes := span[float32](dst, i*Lanes, Lanes)
		for j, v := range span[float32](a, i*lda, cols) {
			lanes[j%Lanes] += v
		}
	}
}

func maxLanes(dst, a *float32, rows, cols, lda int) {
	for i := range rows {
		lanes := span[float32](dst, i*Lanes, Lanes)
		for j, v := range span[float32](a, i*lda, cols) {
			lanes[j%Lanes] = larger(lanes[j%Lanes], v)
		}
	}
}

func colSum(dst, a *float32, rows, cols, lda int) {
	to := span[float32](dst, 0, cols)
	for i := range rows {
		for j, v := range span[float32](a, i*lda, cols) {
			to[j] += v
		}
	}
}

func colDot(dst, a, b *float32, rows, cols, lda, ldb int) {
	to := span[float32](dst, 0, cols)
	for i := range rows {
		y := span[float32](b, i*ldb, cols)
		for j, x := range span[float32](a, i*lda, cols) {
			to[j] += float32(x * y[j])
		}
	}
}

func colMax(dst, a *float32, rows, cols, lda int) {
	to := span[float32](dst, 0, cols)
	for i := range rows {
		for j, v := range span[float32](a, i*lda, cols) {
			to[j] = larger(to[j], v)
		}
	}
}
