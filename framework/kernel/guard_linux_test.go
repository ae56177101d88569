package kernel

import (
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"
)

// fence is a page of memory between two that fault when they are read or written.
type fence []byte

func newFence(t *testing.T) fence {
	page := os.Getpagesize()
	all, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, p := range [][]byte{all[:page], all[2*page:]} {
		if err := syscall.Mprotect(p, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return all[page : 2*page]
}

// place returns where size bytes end, or start, at the border of the page.
func (f fence) place(size int, atEnd bool) unsafe.Pointer {
	if atEnd {
		return unsafe.Pointer(&f[len(f)-size])
	}
	return unsafe.Pointer(&f[0])
}

// Kernels read and write nothing beside their tiles, not even what they ignore.
func TestNothingOutsideIsRead(t *testing.T) {
	var fences [4]fence
	for i := range fences {
		fences[i] = newFence(t)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var what string
	defer func() {
		if fault := recover(); fault != nil {
			t.Fatalf("%s: %v", what, fault)
		}
	}()
	for _, isa := range Available() {
		k := For(isa)
		for cols := 1; cols <= 80; cols++ {
			for _, rows := range []int{1, 2, 5} {
				for _, atEnd := range []bool{true, false} {
					float := func(i, n int) *float32 { return (*float32)(fences[i].place(4*n, atEnd)) }
					boolean := func(i, n int) *bool { return (*bool)(fences[i].place(n, atEnd)) }
					for _, c := range elementwiseCases() {
						for form, run := range c.forms(k) {
							what = fmt.Sprintf("%v: %s, form %d, %d×%d", isa, c.name, form, rows, cols)
							size, s := [3]int{cols, cols, cols}, steps(form, c.operands)
							for i := range c.operands {
								if s[i] == 0 {
									size[i] = 1
								}
							}
							run(float(0, rows*cols), float(1, rows*size[0]), float(2, rows*size[1]),
								float(3, rows*size[2]), rows, cols, cols, size[0], size[1], size[2])
						}
					}
					what = fmt.Sprintf("%v: fill and bools, %d×%d", isa, rows, cols)
					k.Fill(float(0, rows*cols), float(1, rows), rows, cols, cols, 1)
					k.MaskFromBool(float(0, rows*cols), boolean(1, rows*cols), rows, cols, cols, cols)
					k.BoolFromMask(boolean(0, rows*cols), float(1, rows*cols), rows, cols, cols, cols)
					what = fmt.Sprintf("%v: reductions, %d×%d", isa, rows, cols)
					a, b := float(1, rows*cols), float(2, rows*cols)
					k.RowSum(float(0, rows), a, rows, cols, cols)
					k.RowMax(float(0, rows), a, rows, cols, cols)
					k.RowDot(float(0, rows), a, b, rows, cols, cols, cols)
					k.SumLanes(float(0, rows*Lanes), a, rows, cols, cols)
					k.MaxLanes(float(0, rows*Lanes), a, rows, cols, cols)
					k.ColSum(float(0, cols), a, rows, cols, cols)
					k.ColMax(float(0, cols), a, rows, cols, cols)
					k.ColDot(float(0, cols), a, b, rows, cols, cols, cols)
					what = fmt.Sprintf("%v: movement, %d×%d", isa, rows, cols)
					k.Transpose(float(0, rows*cols), a, rows, cols, cols, rows)
					k.Transpose(float(0, rows*cols), a, cols, rows, rows, cols)
					k.Uniform(float(0, rows*cols), 0, rows*cols, 1, 2)
					ids := (*int32)(fences[3].place(4*rows, atEnd))
					for i := range unsafe.Slice(ids, rows) {
						unsafe.Slice(ids, rows)[i] = int32(rows - 1 - i)
					}
					k.Gather(float(0, rows*cols), a, ids, rows, cols, cols, cols)
					k.AddRows(float(0, rows*cols), a, ids, rows, cols, cols, cols)
				}
			}
		}
	}
}
