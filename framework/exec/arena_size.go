package exec

// Arena returns how many bytes a run holds for intermediate values and for the scratch
// memory of kernels. Arguments, results and constants are not among them.
func (p *Program) Arena() int64 {
	const word = 4 // bytes
	return int64(p.words+p.scratch) * word
}
