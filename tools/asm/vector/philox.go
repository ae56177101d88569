package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The constants of framework/philox, to whose numbers a test holds the kernel.
const (
	multiplier0, multiplier1 = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1             = 0x9E3779B9, 0xBB67AE85
	rounds                   = 10
)

// generator is the kernel of random numbers while it is emitted. A vector has a word of as
// many blocks as it has lanes of 64 bits; only the lower half of a lane counts.
type generator struct {
	*writer
	keys        [rounds][2]operand.Mem // of a round, in the function's frame
	multipliers [2]reg.VecPhysical
	scale       reg.VecPhysical
}

// uniform emits the kernel.
func (w *writer) uniform() {
	w.function("uniform", "func(dst *float32, first, count int, key0, key1 uint32)")
	g := &generator{writer: w}
	dst := w.Load(w.Param("dst"), w.GP64()).(reg.GPVirtual)
	count := w.Load(w.Param("count"), w.GP64()).(reg.GPVirtual)
	for i, weyl := range []uint32{weyl0, weyl1} {
		key := w.Load(w.Param(fmt.Sprintf("key%d", i)), w.GP32())
		for r := range rounds {
			g.keys[r][i] = w.AllocLocal(4)
			w.MOVL(key, g.keys[r][i])
			w.ADDL(operand.U32(weyl), key)
		}
	}
	blocks := w.width / 2
	for i, m := range []uint32{multiplier0, multiplier1} {
		g.multipliers[i] = w.take()
		w.VPBROADCASTD(w.ConstData(fmt.Sprintf("multiplier%d%s", i, w.title), operand.U32(m)),
			g.multipliers[i])
	}
	g.scale = w.take()
	w.VBROADCASTSS(w.ConstData("twoToMinus24"+w.title, operand.U32(0x33800000)), g.scale)
	counters, step := w.take(), w.take()
	first := w.Load(w.Param("first"), w.GP64()).(reg.GPVirtual)
	w.SHRQ(operand.Imm(2), first)
	w.VMOVQ(first, counters.AsX())
	w.VPBROADCASTD(counters.AsX(), counters)
	w.VPADDD(w.lanesOfBlocks(), counters, counters)
	w.VPBROADCASTD(w.ConstData("blocks"+w.title, operand.U32(blocks)), step)
	if w.wide() {
		odd := w.GP32()
		w.MOVL(operand.U32(0xaaaa), odd)
		w.KMOVW(odd, maskRegister)
	}

	again, tail, done := w.label("again"), w.label("tail"), w.label("done")
	w.Label(again)
	out := g.numbers(counters)
	w.VPADDD(step, counters, counters)
	w.CMPQ(count, operand.Imm(uint64(2*w.width)))
	w.JLT(operand.LabelRef(tail))
	w.VMOVUPS(out[0], operand.Mem{Base: dst})
	w.VMOVUPS(out[1], operand.Mem{Base: dst, Disp: 4 * w.width})
	w.ADDQ(operand.I32(8*w.width), dst)
	w.SUBQ(operand.I32(2*w.width), count)
	w.JNE(operand.LabelRef(again))
	w.JMP(operand.LabelRef(done))
	w.Label(tail)
	for _, v := range out {
		w.firstLanes(count, step).store(w, v, operand.Mem{Base: dst})
		w.ADDQ(operand.I32(4*w.width), dst)
		w.SUBQ(operand.I32(w.width), count)
		w.JLE(operand.LabelRef(done))
	}
	w.Label(done)
	w.VZEROUPPER()
	w.RET()
}

// lanesOfBlocks is which block a lane has: such that the even lanes of the words, and the odd
// ones, have neighbouring blocks.
func (w *writer) lanesOfBlocks() operand.Mem {
	m := w.StaticGlobal("lanesOfBlocks" + w.title)
	w.DataAttributes(attr.RODATA | attr.NOPTR)
	blocks := w.width / 2
	for lane := range blocks {
		w.AddDatum(8*lane, operand.U64(lane/2+lane%2*blocks/2))
	}
	return m
}

// numbers emits the numbers of the blocks that the counters name.
func (g *generator) numbers(counters reg.VecPhysical) [2]reg.VecPhysical {
	free := g.free
	defer func() { g.free = free }()
	c := [4]reg.VecPhysical{g.take(), g.take(), g.take(), g.take()}
	p, q, key := g.take(), g.take(), g.take()
	g.VMOVUPS(counters, c[0])
	for _, zero := range c[1:] {
		if g.wide() {
			g.VPXORD(zero, zero, zero)
			continue
		}
		g.VPXOR(zero, zero, zero)
	}
	for r := range rounds {
		// p and q: the upper halves of the products become c₂ and c₀, the lower ones c₃ and c₁.
		g.VPMULUDQ(g.multipliers[0], c[0], p)
		g.VPMULUDQ(g.multipliers[1], c[2], q)
		g.VPSRLQ(operand.U8(32), q, c[0])
		g.VPSRLQ(operand.U8(32), p, c[2])
		g.mix(c[0], c[1], key, g.keys[r][0])
		g.mix(c[2], c[3], key, g.keys[r][1])
		c[1], q = q, c[1]
		c[3], p = p, c[3]
	}
	for i := 0; i < 4; i += 2 { // two words of a block to a lane
		g.VPSLLQ(operand.U8(32), c[i+1], c[i+1])
		if g.wide() {
			g.VMOVDQA32(c[i+1], maskRegister, c[i])
			continue
		}
		g.VPBLENDD(operand.U8(0xaa), c[i+1], c[i], c[i])
	}
	g.VPUNPCKLQDQ(c[2], c[0], p)
	g.VPUNPCKHQDQ(c[2], c[0], q)
	out := [2]reg.VecPhysical{p, q}
	for _, v := range out {
		g.VPSRLD(operand.U8(8), v, v)
		g.VCVTDQ2PS(v, v)
		g.VMULPS(g.scale, v, v)
	}
	return out
}

// mix is x ^= y ^ the key.
func (g *generator) mix(x, y, spare reg.VecPhysical, key operand.Mem) {
	if g.wide() {
		const exclusive = 0x96 // the truth table of a ^ b ^ c
		g.VPTERNLOGD_BCST(operand.U8(exclusive), key, y, x)
		return
	}
	g.VPBROADCASTD(key, spare)
	g.VPXOR(y, x, x)
	g.VPXOR(spare, x, x)
}
