package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/rs/zerolog"

	"quickstudy/framework/experiment"
)

// A console is what a verb has to do with its surroundings.
type console struct {
	started time.Time // the process, nearly
	context context.Context
	cancel  context.CancelFunc
	env     []string
	stdin   io.Reader
	stdout  io.Writer
	screen  *screen // standard error
	colour  bool
	logger  zerolog.Logger

	dir, logLevel, logFormat string // global flags

	signals  chan os.Signal
	signal   atomic.Int32           // the first that came, 0: none
	softened atomic.Pointer[func()] // what the first signal does instead of cancelling
}

func newConsole(env []string, stdin io.Reader, stdout, stderr *os.File) *console {
	c := &console{started: time.Now(), env: env, stdin: stdin, stdout: stdout,
		screen: newScreen(stderr, isTerminal(stderr)), signals: make(chan os.Signal, 2)}
	c.context, c.cancel = context.WithCancel(context.Background())
	c.colour = c.screen.terminal && c.variable("NO_COLOR") == "" && c.variable("TERM") != "dumb"
	signal.Notify(c.signals, os.Interrupt, syscall.SIGTERM)
	go c.watch()
	return c
}

func (c *console) close() {
	signal.Stop(c.signals)
	close(c.signals)
	c.cancel()
}

// watch handles signals: the first ends what is being done, or does what the verb
// wants instead; the second ends the process at once. Plugins end with it.
func (c *console) watch() {
	for s := range c.signals {
		number := int32(syscall.SIGTERM)
		if s == os.Interrupt {
			number = int32(syscall.SIGINT)
		}
		if !c.signal.CompareAndSwap(0, number) {
			c.screen.Status("")
			os.Exit(128 + int(number))
		}
		if softened := c.softened.Load(); softened != nil {
			(*softened)()
		} else {
			c.cancel()
		}
	}
}

// soften has the first signal call stop, and say what becomes of what is done.
func (c *console) soften(stop func(), what string) {
	first := func() {
		fmt.Fprintf(c.screen, "stopping: %s; once more ends at once\n", what)
		stop()
	}
	c.softened.Store(&first)
}

// closing closes what a verb has written to, at its end.
func (c *console) closing(end func() error) {
	if err := end(); err != nil {
		c.logger.Error().Err(err).Msg("closing the run")
	}
}

// variable returns the value of an environment variable.
func (c *console) variable(name string) string {
	for _, entry := range slices.Backward(c.env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

func (c *console) globalFlags(f *flag.FlagSet) {
	f.StringVar(&c.dir, "C", c.dir, "work in the folder `DIR`")
	level, format := c.logLevel, c.logFormat // kept when a verb's flags are registered
	if level == "" {
		level, format = zerolog.LevelInfoValue, "console"
	}
	f.StringVar(&c.logLevel, "log-level", level, "`LEVEL` of logs: trace, debug, info, warn or error")
	f.StringVar(&c.logFormat, "log-format", format, "`FORMAT` of logs: console or json")
}

// begin does what the global flags ask for.
func (c *console) begin() error {
	level, err := zerolog.ParseLevel(c.logLevel)
	if err != nil || level < zerolog.TraceLevel || level > zerolog.ErrorLevel {
		return usageError{fmt.Sprintf("-log-level %q: want trace, debug, info, warn or error",
			c.logLevel)}
	}
	var out io.Writer = c.screen
	switch c.logFormat {
	case "json":
	case "console":
		out = zerolog.ConsoleWriter{Out: c.screen, NoColor: !c.colour, TimeFormat: "15:04:05"}
	default:
		return usageError{fmt.Sprintf("-log-format %q: want console or json", c.logFormat)}
	}
	c.logger = zerolog.New(out).Level(level).With().Timestamp().Logger()
	if c.dir != "" {
		if err := os.Chdir(c.dir); err != nil {
			return usageError{fmt.Sprintf("-C: %v", err)}
		}
	}
	return nil
}

// diagnose prints diagnostics for people.
func (c *console) diagnose(diags hcl.Diagnostics, files map[string]*hcl.File) error {
	return experiment.Render(c.screen, diags, files, c.colour)
}

// isTerminal reports whether a person is likely to look at f: it is a character device.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
