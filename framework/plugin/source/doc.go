// Package source turns what an experiment says about where a plugin comes from
// into an executable: a folder with a Go main package is built, a file is taken
// as it is, a bare name is looked for in the plugin folders.
//
//	resolver := source.Resolver{Folders: []string{"plugins"}}
//	found, err := resolver.Resolve(ctx, source.Request{
//		Kind: plugin.KindHead, Name: "linear", Source: "./plugins/heads/linear", Dir: dir,
//	})
//	command := plugin.Command{..., Path: found.Path, Digest: found.Binary}
//	process, err := plugin.Launch(ctx, command, options)
//
// Builds are cached by content, below the user's cache folder: the key covers
// every file of the package and of the packages it imports, the versions and
// checksums of the modules these come from, the Go version and the platform. A
// binary is written under a temporary name, synced and renamed, and never
// changed. Checking that nothing has changed costs a few tens of milliseconds;
// no go list is needed for it.
//
// A Lock pins the digests of plugins between runs and machines. Which of them may be built
// and started by who only looks at an experiment is another question, and not for a file to
// answer that comes with the experiment: Permit asks what was allowed on this machine.
package source
