package exec

import "sync"

// Arenas is the memory that programs run on in turn, for as many runs at a time as there
// ever were. The zero value is ready, and it may be used by several goroutines at once.
type Arenas struct {
	mu   sync.Mutex
	free [][]float32 // ascending in size
}

// take returns an arena of at least so many words, with whatever is in it. If none that is
// free is as large, one takes the place of the largest, so that there are not more arenas
// than runs. It is larger by an eighth, because other programs of a model often need a
// little more; what none of them touches takes no memory of the machine.
func (a *Arenas) take(words int) []float32 {
	if arena := a.find(words); arena != nil {
		return arena
	}
	return aligned(words + words/8)
}

func (a *Arenas) find(words int) []float32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := len(a.free) - 1
	for i, arena := range a.free {
		if len(arena) >= words {
			copy(a.free[i:], a.free[i+1:])
			a.free[last], a.free = nil, a.free[:last]
			return arena
		}
	}
	if last >= 0 {
		a.free[last], a.free = nil, a.free[:last]
	}
	return nil
}

// put gives an arena back.
func (a *Arenas) put(arena []float32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := len(a.free)
	for i > 0 && len(a.free[i-1]) > len(arena) {
		i--
	}
	a.free = append(a.free, nil)
	copy(a.free[i+1:], a.free[i:])
	a.free[i] = arena
}
