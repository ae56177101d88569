//go:build !unix

package atomicfile

// syncFolder does nothing: a folder cannot be opened for syncing here, and the
// file system journals its entries.
func syncFolder(string) error { return nil }
