package main

import "fmt"

// relative solves a method's problem for losses that are divided by what they were at first,
// so that tasks count alike whatever the units of their losses: with L_i⁰ the loss of task i
// in the first step that it has an episode in (at least 1e-8),
//
//	L̃_i = L_i / L_i⁰,  g̃_i = g_i / L_i⁰,  w_i = w̃_i / L_i⁰
//
// where w̃ are the method's weights of L̃ and g̃. L⁰ is what GradNorm compares with (Chen et
// al. 2018, https://arxiv.org/abs/1711.02257, section 3.2); here it serves every method.
func (m method) relative() method {
	return method{own: m.own, solve: func(s *step) ([]float64, error) {
		const least = 1e-8
		n := len(s.all.Losses)
		if len(s.memory) == 0 {
			s.memory = make([]float64, n)
		}
		if len(s.memory) < n {
			return nil, fmt.Errorf("%d numbers are kept of earlier steps, want at least %d: they are "+
				"another method's; begin the run anew", len(s.memory), n)
		}
		first := append([]float64(nil), s.memory[:n]...)
		inner := *s
		inner.losses, inner.gram = nil, nil
		for k, i := range s.tasks {
			if first[i] == 0 {
				first[i] = max(s.losses[k], least)
			}
			inner.losses = append(inner.losses, s.losses[k]/first[i])
		}
		for k, row := range s.gram {
			scaled := make([]float64, len(row))
			for l, x := range row {
				scaled[l] = x / first[s.tasks[k]] / first[s.tasks[l]]
			}
			inner.gram = append(inner.gram, scaled)
		}
		inner.memory = s.memory[n:]
		weights, err := m.solve(&inner)
		if err != nil {
			return nil, err
		}
		s.memory = append(first, inner.memory...)
		out := make([]float64, len(weights))
		for k, w := range weights {
			out[k] = w / first[s.tasks[k]]
		}
		return out, nil
	}}
}

// equal weighs all tasks alike.
func equal(s *step) ([]float64, error) { return filled(len(s.tasks), 1), nil }
