package graph

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// Error is a misuse found while a graph is built: which operation, where the
// author wrote it, and what was wrong. Constructors panic with it; Trace turns
// it into an ordinary error.
type Error struct {
	Op      string // operation or building block: "dot", "head.Labels"
	Pos     string // author's file:line, or ""
	Message string
}

func (e *Error) Error() string {
	if e.Pos == "" {
		return e.Op + ": " + e.Message
	}
	return e.Pos + ": " + e.Op + ": " + e.Message
}

func (n *Node) errorf(format string, args ...any) *Error {
	return &Error{Op: n.op.String(), Pos: n.Pos(), Message: fmt.Sprintf(format, args...)}
}

// Failf panics with an *Error at the author's line. Packages that offer traced
// building blocks report misuse with it, so that all such errors look alike.
func Failf(op, format string, args ...any) {
	var pcs [depth]uintptr
	runtime.Callers(2, pcs[:])
	panic(&Error{Op: op, Pos: authorLine(pcs[:]), Message: fmt.Sprintf(format, args...)})
}

// Trace runs build, verifies what it returns, and turns a misuse panic into an
// error that wraps *Error. Other panics pass through: they are bugs.
func Trace(name string, build func() *Func) (f *Func, err error) {
	defer Catch(fmt.Sprintf("trace %q", name), &err)
	f = build()
	f.Name = name
	if err := Verify(f); err != nil {
		return nil, fmt.Errorf("trace %q: %w", name, err)
	}
	return f, nil
}

// Catch, deferred, turns a misuse panic into *err: doing, and the *Error wrapped.
// Other panics pass through.
func Catch(doing string, err *error) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = fmt.Errorf("%s: %w", doing, p)
	default:
		panic(p)
	}
}

// framework lists the packages whose frames are never the author's: an error
// in nn.Linear belongs to the line that called it.
var framework = []string{
	"quickstudy/framework/graph.", "quickstudy/framework/nn.", "quickstudy/framework/optim.",
	"quickstudy/framework/head.", "quickstudy/framework/meta.", "quickstudy/framework/passes.",
	"quickstudy/framework/link.", "runtime.", "reflect.",
}

// authorLine finds the first frame outside the framework's own packages (their
// tests count as authors) and prints it as folder/file.go:line.
func authorLine(pcs []uintptr) string {
	n := 0
	for n < len(pcs) && pcs[n] != 0 {
		n++
	}
	frames := runtime.CallersFrames(pcs[:n])
	for {
		frame, more := frames.Next()
		if frame.File != "" && (strings.HasSuffix(frame.File, "_test.go") ||
			!internal(frame.Function, frame.File)) {
			file := filepath.ToSlash(frame.File)
			return fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(file)), path.Base(file), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// internal reports whether a frame is the framework's, by its function or by its
// file: a closure in an inlined function is named after the function around it.
func internal(function, file string) bool {
	folder := path.Dir(filepath.ToSlash(file)) + "."
	for _, prefix := range framework {
		below, ours := strings.CutPrefix(prefix, "quickstudy/")
		if strings.HasPrefix(function, prefix) || ours && strings.HasSuffix(folder, "/"+below) {
			return true
		}
	}
	return false
}
