package plugin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"quickstudy/framework/terminal"
)

// Limits of what a plugin may write: a line is cut at maxLine bytes, a
// structured line keeps maxLogFields fields, a report shows the last tailLines
// lines of at most tailWidth bytes. A plugin that writes more than burst lines at
// a time, and then more than perSecond, is still read, but only its last lines are kept.
const (
	maxLine      = 64 << 10
	maxLogFields = 64
	tailLines    = 40
	tailWidth    = 1 << 10
	burst        = 5000
	perSecond    = 200
)

// logs turns what a plugin writes into the host's log, line by line, and keeps
// the last lines for reports. Lines are untrusted: they may be of any length,
// hold control characters, or look like JSON and mean something else.
type logs struct {
	logger  zerolog.Logger
	ceiling zerolog.Level // lines above it are logged at it

	mu       sync.Mutex
	tail     []string
	panicked bool // the rest is a stack trace
	budget   budget
	dropped  int // lines since the last that was logged
}

// budget is a number of lines that grows with time, up to burst.
type budget struct {
	left float64
	at   time.Time
}

func (b *budget) take() bool {
	now := time.Now()
	b.left = min(burst, b.left+perSecond*now.Sub(b.at).Seconds())
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func newLogs(logger zerolog.Logger, kind, name string) *logs {
	// A plugin's fatal or panic is not the host's: it is an error there.
	return &logs{logger: logger.With().Str("plugin", kind+"/"+name).Logger(),
		ceiling: zerolog.ErrorLevel}
}

// copy reads lines until r ends. It never stops early, so that the writer never
// blocks on a full pipe.
func (l *logs) copy(r io.Reader) {
	defer l.tellDropped()
	lines := bufio.NewReaderSize(r, maxLine)
	rest := false // of a line that was cut
	for {
		line, more, err := lines.ReadLine()
		if err != nil {
			return
		}
		if !rest {
			l.line(line, more)
		}
		rest = more
	}
}

// line logs one line without its newline. Structured lines, in the format of
// zerolog or of hclog, keep level and fields; others are information, and errors
// once a Go stack trace has begun.
func (l *logs) line(line []byte, cut bool) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	if !l.allow(line) {
		return
	}
	var fields map[string]any
	if !cut && line[0] == '{' && json.Unmarshal(line, &fields) == nil {
		l.structured(fields)
		return
	}
	text := terminal.Line(string(line))
	if cut {
		text += " [line cut]"
	}
	l.mu.Lock()
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		l.panicked = true
	}
	level := zerolog.InfoLevel
	if l.panicked {
		level = zerolog.ErrorLevel
	}
	l.keep(text)
	l.mu.Unlock()
	l.logger.WithLevel(level).Msg(text)
}

// allow reports whether a line is to be logged, and keeps it for reports if not.
func (l *logs) allow(line []byte) bool {
	l.mu.Lock()
	allowed := l.budget.take()
	if !allowed {
		l.dropped++
		l.keep(string(line[:min(len(line), tailWidth)])) // cleaned when it is shown
	}
	l.mu.Unlock()
	if allowed {
		l.tellDropped()
	}
	return allowed
}

// tellDropped logs how many lines were not.
func (l *logs) tellDropped() {
	l.mu.Lock()
	dropped := l.dropped
	l.dropped = 0
	l.mu.Unlock()
	if dropped > 0 {
		l.logger.Warn().Int("lines", dropped).Msg("it writes too much: lines were dropped")
	}
}

// structured logs a JSON object. The names of hclog (@message, @level,
// @timestamp) and zerolog's defaults are both understood; the time is dropped
// because the host stamps its own.
func (l *logs) structured(fields map[string]any) {
	take := func(names ...string) string {
		for _, name := range names {
			if v, ok := fields[name]; ok {
				delete(fields, name)
				if s, ok := v.(string); ok {
					return terminal.Line(s)
				}
				return terminal.Line(fmt.Sprint(v))
			}
		}
		return ""
	}
	message := take("@message", "message", "msg")
	level, err := zerolog.ParseLevel(strings.ToLower(take("@level", "level")))
	if err != nil || level == zerolog.NoLevel || level == zerolog.Disabled {
		level = zerolog.InfoLevel
	}
	level = min(max(level, zerolog.TraceLevel), l.ceiling)
	take("@timestamp", "time", "timestamp")
	delete(fields, "plugin") // the host says which plugin it is

	names := slices.Sorted(maps.Keys(fields))
	event := l.logger.WithLevel(level)
	summary := message
	for i, name := range names {
		if i == maxLogFields {
			event.Int("fields_dropped", len(names)-i)
			break
		}
		value := fields[name]
		if s, ok := value.(string); ok {
			value = terminal.Line(s)
		}
		event.Interface(terminal.Line(name), value)
		summary += fmt.Sprintf(" %s=%v", terminal.Line(name), value)
	}
	event.Msg(message)

	l.mu.Lock()
	l.keep(terminal.Line(summary))
	l.mu.Unlock()
}

// keep appends to the tail; l.mu is held.
func (l *logs) keep(text string) {
	text = terminal.Cut(text, tailWidth)
	if len(l.tail) == tailLines {
		l.tail = slices.Delete(l.tail, 0, 1)
	}
	l.tail = append(l.tail, text)
}

// last returns a copy of the last lines.
func (l *logs) last() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	clean := make([]string, len(l.tail))
	for i, text := range l.tail {
		clean[i] = terminal.Line(text)
	}
	return clean
}

// lineWriter splits a byte stream of any cutting into lines for l.
type lineWriter struct {
	logs *logs
	mu   sync.Mutex
	line []byte
	cut  bool
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range p {
		switch {
		case c == '\n':
			w.logs.line(w.line, w.cut)
			w.line, w.cut = w.line[:0], false
		case len(w.line) < maxLine:
			w.line = append(w.line, c)
		default:
			w.cut = true
		}
	}
	return len(p), nil
}
