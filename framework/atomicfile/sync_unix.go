//go:build unix

package atomicfile

import "os"

// syncFolder makes a rename in the folder last: the entry is the folder's
// content, which syncing the file does not write.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
