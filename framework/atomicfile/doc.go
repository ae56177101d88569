// Package atomicfile replaces files so that, whenever the process is killed or
// the machine loses power, a reader finds either the old file or the new one.
//
//	err := atomicfile.Write(path, 0o644, func(w io.Writer) error {
//		_, err := w.Write(content)
//		return err
//	})
package atomicfile
