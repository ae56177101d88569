// Package experiment reads an experiment file into an [Experiment] value, with diagnostics that
// name file, line and column.
//
// It works in two phases, because the schemas of plugin blocks come from plugin processes:
//
//	file, diags := experiment.Load("few_shot.hcl", experiment.Options{Env: os.Environ()})
//	for _, use := range file.Plugins() { ... }      // start what the file needs, ask for schemas
//	exp, more := file.Resolve(schemas)              // decode plugin blocks, strictly
//	diags = append(diags, more...)
//	diags = append(diags, file.Diagnose(exp.Heads[0].Block, problems)...)   // what plugins answer
//	experiment.Render(os.Stderr, diags, file.Sources(), false)
//
// Load checks everything that needs no plugin and reports all it finds. An unknown block or
// attribute is an error at any depth. [Resolved] writes an experiment back as a file in which every
// default and variable is filled in, and [Format] is the canonical layout of any file.
//
// A file is not trusted to be small or sane: it is scanned before it is parsed, since HCL's parser
// and formatter recurse without bound, functions come from an allow-list, and evaluation has a
// budget of time and memory.
//
// The types of the core's blocks carry the tags of package schema. The same tags check what the
// user writes, fill in defaults and write the resolved experiment.
package experiment
