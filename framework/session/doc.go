// Package session is an experiment file with its plugins running.
//
//	s, diags, err := session.Open(ctx, "few_shot.hcl", session.Options{})
//	defer s.Close()
//	data, more, err := s.Data(ctx)            // opened, divided, tokenizers trained
//	config := data.Program(ctx)               // for package train/program
//
// Open reads the file, finds or builds the plugins and holds them to the lock
// beside the file, starts a process for each, decodes their blocks by the schemas
// they declare, and hands every block to its plugin. What is wrong with the file,
// or with what it asks of the data, is a diagnostic at its line; what is wrong with
// a plugin is an error that wraps *plugin.Error. Both can occur together.
package session
