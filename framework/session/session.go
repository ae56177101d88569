package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/plugin/source"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// A Session is an experiment whose plugins run.
type Session struct {
	// Experiment is nil when the file has errors.
	Experiment *experiment.Experiment
	Files      map[string]*hcl.File // for rendering diagnostics
	Plugins    []record.Plugin      // in the order of the file

	options   Options
	sources   *Sources
	processes map[experiment.PluginID]*plugin.Process
	heads     map[string]*plugin.HeadClient
	tasks     map[string]*plugin.TaskClient
	learner   program.Learner
}

// Open reads an experiment file, starts its plugins, and configures every block.
// The Session is never nil, and must be closed. An error in the file does not keep
// the plugins from being asked, so that all mistakes are seen together.
func Open(ctx context.Context, path string, options Options) (*Session, hcl.Diagnostics, error) {
	sources, diags, err := Locate(ctx, path, options)
	s := &Session{
		Files: sources.Files, options: options, sources: sources,
		processes: map[experiment.PluginID]*plugin.Process{},
		heads:     map[string]*plugin.HeadClient{}, tasks: map[string]*plugin.TaskClient{},
	}
	if err != nil {
		return s, diags, err
	}
	if err := sources.Verify(); err != nil {
		return s, diags, err
	}
	if err := sources.permit(&options); err != nil {
		return s, diags, err
	}
	built, err := options.Resolver.BuildAll(ctx, sources.Plugins)
	if err != nil {
		return s, diags, err
	}
	if err := s.launch(ctx, built); err != nil {
		return s, diags, err
	}
	schemas := map[experiment.PluginID]*schema.Schema{}
	for id, p := range s.processes {
		schemas[id] = p.Description().Schema
	}
	exp, more := sources.file.Resolve(schemas)
	diags = append(diags, more...)
	if exp == nil {
		return s, experiment.Sorted(diags), nil
	}
	more, err = s.configure(ctx, exp)
	diags = experiment.Sorted(append(diags, more...))
	if err == nil && !diags.HasErrors() {
		s.Experiment = exp
	}
	return s, diags, err
}

// Close ends the plugins.
func (s *Session) Close() {
	var all sync.WaitGroup
	for _, p := range s.processes {
		all.Go(p.Kill)
	}
	all.Wait()
}

// launch starts all plugins at once.
func (s *Session) launch(ctx context.Context, plugins []source.Resolved) error {
	timeouts := map[experiment.PluginID]time.Duration{}
	for _, p := range s.sources.file.Plugins() {
		timeouts[p.ID] = time.Duration(p.Timeout) * time.Second
	}
	started := make([]*plugin.Process, len(plugins))
	failed := make([]error, len(started))
	var all sync.WaitGroup
	for i, r := range plugins {
		all.Go(func() {
			command := plugin.Command{Kind: r.Kind, Name: r.Name, Path: r.Path, Digest: r.Binary}
			started[i], failed[i] = plugin.Launch(ctx, command,
				plugin.Options{Logger: s.options.Logger, Dir: s.sources.dir,
					CallTimeout: timeouts[pluginID(r)]})
		})
	}
	all.Wait()
	for i, r := range plugins {
		if failed[i] != nil {
			continue
		}
		s.processes[pluginID(r)] = started[i]
		d := started[i].Description()
		s.Plugins = append(s.Plugins, record.Plugin{
			Kind: r.Kind, Name: r.Name, Version: d.Version, Protocol: d.Protocol, Digest: r.Digest,
			Source: r.Source,
		})
		s.options.Logger.Debug().Str("plugin", r.Kind+"/"+r.Name).Str("version", d.Version).
			Int("pid", started[i].PID()).Msg("plugin started")
	}
	return errors.Join(failed...)
}

func pluginID(r source.Resolved) experiment.PluginID {
	return experiment.PluginID{Kind: experiment.PluginKind(r.Kind), Name: r.Name}
}

// configure hands every block to its plugin.
func (s *Session) configure(ctx context.Context, exp *experiment.Experiment) (
	hcl.Diagnostics, error) {
	var diags hcl.Diagnostics
	hand := func(id experiment.BlockID, configure func(context.Context, cty.Value) (
		[]schema.Problem, error), config cty.Value) error {
		problems, err := configure(ctx, config)
		diags = append(diags, s.sources.file.Diagnose(id, problems)...)
		return err
	}
	for _, h := range exp.Heads {
		c := s.process(experiment.KindHead, h.Plugin).Head()
		if err := hand(h.Block, c.Configure, h.Config); err != nil {
			return diags, err
		}
		s.heads[h.Name] = c
	}
	for _, t := range exp.Tasks {
		c := s.process(experiment.KindTask, t.Plugin).Task()
		if err := hand(t.Block, c.Configure, t.Config); err != nil {
			return diags, err
		}
		s.tasks[t.Name] = c
	}
	var more hcl.Diagnostics
	var err error
	s.learner, more, err = s.Learner(ctx, exp.Learner)
	return append(diags, more...), err
}

// PIDs returns the identifiers of the plugins' processes, ascending.
func (s *Session) PIDs() []int {
	var pids []int
	for _, p := range s.processes {
		pids = append(pids, p.PID())
	}
	slices.Sort(pids)
	return pids
}

func (s *Session) process(kind experiment.PluginKind, name string) *plugin.Process {
	return s.processes[experiment.PluginID{Kind: kind, Name: name}]
}

// Learner configures the meta-learner once more, as with other attributes by
// experiment.Learner.With.
func (s *Session) Learner(ctx context.Context, l experiment.Learner) (program.Learner,
	hcl.Diagnostics, error) {
	c := s.process(experiment.KindLearner, l.Plugin).Learner()
	problems, err := c.Configure(ctx, l.Config)
	return program.Learner{Name: l.Plugin, Trace: c.Trace},
		s.sources.file.Diagnose(l.Block, problems), err
}
