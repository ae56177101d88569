package exec

// Memory is the bytes that one run of a program holds. Arguments and constants are not
// among them.
type Memory struct {
	// Arena is for intermediate values, which share memory where they are not alive at the
	// same time, and for the scratch memory of kernels.
	Arena int64
	// Alive is what no arena can be smaller than in this order of execution, Naive what
	// one would be in which every value has memory of its own.
	Alive, Naive int64
	// Results is what the caller keeps.
	Results int64
}

// Memory returns what a run holds.
func (p *Program) Memory() Memory {
	const word = 4 // bytes
	changes := make([]int, len(p.units)+1)
	m := Memory{Arena: int64(p.words+p.scratch) * word}
	all := p.scratch
	for _, u := range p.units {
		for _, v := range u.writes {
			if v.space != inArena {
				m.Results += int64(v.words()) * word
				continue
			}
			size := lines(v.words())
			changes[v.first] += size
			changes[v.last+1] -= size
			all += size
		}
	}
	alive, most := 0, 0
	for _, change := range changes {
		alive += change
		most = max(most, alive)
	}
	m.Alive, m.Naive = int64(most+p.scratch)*word, int64(all)*word
	return m
}
