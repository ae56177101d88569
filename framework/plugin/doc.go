// Package plugin runs tasks, heads and meta-learners in processes of their own:
// Serve is the main function of a plugin, Launch starts one from a host.
//
//	// plugins/tasks/regression-family/main.go
//	func main() { plugin.Serve(task.Define("regression-family", "...", config{Points: 10}, open)) }
//
//	// in a host
//	command := plugin.Command{Kind: plugin.KindTask, Name: "regression-family", Path: path}
//	p, err := plugin.Launch(ctx, command, options)
//	defer p.Kill()
//	client := p.Task()
//	problems, err := client.Configure(ctx, value)
//	data, err := client.Dataset(ctx)
//
// The transport is gRPC over a private socket with mutual TLS, by way of
// go-plugin; the messages are those of package proto, converted by package
// wire. Heads and meta-learners are asked for traced graphs, tasks for records:
// nothing is called for each operation of a training step.
//
// A plugin cannot take its host down or hang it: every call has a deadline,
// every message a size limit, what it prints is only ever logged, and Kill is
// bounded. It does not outlive its host either: on Linux the kernel kills it,
// elsewhere it notices that its standard input and its session have ended.
// A task plugin that dies is started again, a few times: what it answers depends on
// the request alone, so nothing is lost.
//
// What goes wrong is one *Error with the plugin's name, the call, how the process
// ended, and its last lines.
package plugin
