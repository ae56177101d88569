// Package checkpoint keeps what a run needs to go on as if it had never
// stopped, in files that are whole or absent.
//
//	c := checkpoint.New(500, "avx2-fma-kc256")
//	c.Groups[checkpoint.Parameters] = tensors
//	err := c.SetCounter("episodes", 2000)
//	path, err := checkpoint.Save("runs/x/checkpoints", c, 2)
//	...
//	latest, err := checkpoint.Latest("runs/x/checkpoints")
//
// A checkpoint is a safetensors file. Its arrays are in groups, and the name in
// the file is "<group>/<name>", as parameters/backbone/norm/scale. Numbers that
// must come back exactly (steps, episodes, the best validation score, weights
// of tasks) are counters: JSON in the file's metadata, whose integers are never
// floats. The metadata also holds the version of this layout, the arithmetic
// that the run rounds by, and a checksum of everything else, so that a file
// damaged on disk is not taken for a good one.
//
// Save writes under a temporary name, syncs and renames. Latest takes the last
// file that is sound, and says which ones it passed over.
package checkpoint
