package main

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// A screen is standard error: whole lines and, on a terminal, a line below them that
// is written again and again. It may be used by several goroutines.
type screen struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	status   string
}

// statusWidth is what fits a narrow terminal without wrapping, which would leave a
// line behind.
const statusWidth = 79

func newScreen(out io.Writer, terminal bool) *screen {
	return &screen{out: out, terminal: terminal}
}

// Write writes whole lines above the status.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == "" {
		return s.out.Write(p)
	}
	_, err := io.WriteString(s.out, erase+string(p)+s.status)
	return len(p), err
}

const erase = "\r\x1b[K"

// Status replaces the status, "" removes it. Elsewhere than on a terminal it does
// nothing.
func (s *screen) Status(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, _, _ = strings.Cut(text, "\n")
	if utf8.RuneCountInString(text) > statusWidth {
		text = string([]rune(text)[:statusWidth])
	}
	if !s.terminal || text == s.status {
		return
	}
	s.status = text
	_, _ = io.WriteString(s.out, erase+text) // progress is not worth an error
}
