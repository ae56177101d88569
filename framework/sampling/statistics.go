package sampling

// Statistics counts what padding to static shapes costs. It belongs to one
// goroutine.
type Statistics struct {
	signatures map[string]int
	positions  int
	padding    int
	truncated  int
}

// Add counts an encoded episode.
func (s *Statistics) Add(e *Episode) {
	signature := e.Query.Signature()
	for _, b := range []*Batch{e.Support, e.Query} {
		if b == nil {
			continue
		}
		s.positions += b.Positions
		s.padding += b.Padding
		s.truncated += b.Truncated
	}
	if e.Support != nil {
		signature = e.Support.Signature() + " → " + signature
	}
	if s.signatures == nil {
		s.signatures = make(map[string]int)
	}
	s.signatures[signature]++
}

// Signatures is the number of different shapes of an episode seen: programs to compile.
func (s *Statistics) Signatures() int { return len(s.signatures) }

// PaddingShare is the share of positions that held padding, 0 before the first episode.
func (s *Statistics) PaddingShare() float64 {
	if s.positions == 0 {
		return 0
	}
	return float64(s.padding) / float64(s.positions)
}

// Truncated is the number of inputs that were cut to the largest length.
func (s *Statistics) Truncated() int { return s.truncated }
