package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// modules are those that a package is built from.
type modules struct {
	files map[string]string // go.mod of those that are folders here, by path
	used  map[string]bool   // lines of those from the module cache
}

// line tells one selected module.
func (m *listedModule) line() string {
	if m.Replace != nil {
		return "replace " + m.Path + " " + m.Replace.Path + " " + m.Replace.Version
	}
	return "require " + m.Path + " " + m.Version
}

func (m *modules) use(one *listedModule) {
	if m.used == nil {
		m.used = map[string]bool{}
	}
	m.used[one.line()] = true
}

func (m *modules) local(one *listedModule) {
	if m.files == nil {
		m.files = map[string]string{}
	}
	m.files[one.Path] = one.GoMod
}

// fromCache reports whether a module's files are in the module cache, where version and
// checksum fix them.
func fromCache(m *listedModule, cache string) bool {
	if m == nil || m.Main {
		return false
	}
	from := m
	if m.Replace != nil {
		from = m.Replace
	}
	return from.Version != "" && cache != "" &&
		strings.HasPrefix(from.Dir, cache+string(filepath.Separator))
}

// hash adds versions and checksums: of what the local modules require, which is the same on
// every platform, and of what is used beside it, such as what a workspace puts in the place of a
// requirement.
func (m *modules) hash(ctx context.Context, h hash.Hash, goCommand, dir string,
	t toolchain) error {
	sums, err := t.sums()
	if err != nil {
		return err
	}
	var told []string
	for _, path := range slices.Sorted(maps.Keys(m.files)) {
		out, err := runGo(ctx, goCommand, dir, "mod", "edit", "-json", m.files[path])
		if err != nil {
			return err
		}
		type module struct{ Path, Version string }
		var wanted struct {
			Require, Exclude []module
			Replace          []struct{ Old, New module }
		}
		if err := json.Unmarshal(out, &wanted); err != nil {
			return fmt.Errorf("go mod edit: %w", err)
		}
		told = append(told, "module "+path)
		for _, r := range wanted.Require {
			line := "require " + r.Path + " " + r.Version
			told = append(told, line+" "+sums[r.Path+" "+r.Version])
			delete(m.used, line)
		}
		for _, e := range wanted.Exclude {
			told = append(told, "exclude "+e.Path+" "+e.Version)
		}
		for _, r := range wanted.Replace {
			if r.New.Version == "" {
				continue // a folder, whose packages are read themselves
			}
			line := "replace " + r.Old.Path + " " + r.New.Path + " " + r.New.Version
			told = append(told, line+" "+r.Old.Version+" "+sums[r.New.Path+" "+r.New.Version])
			delete(m.used, line)
		}
	}
	for line := range m.used {
		fields := strings.Fields(line)
		last := fields[len(fields)-2] + " " + fields[len(fields)-1]
		told = append(told, "used "+line+" "+sums[last])
	}
	slices.Sort(told)
	for _, line := range told {
		fmt.Fprintln(h, line)
	}
	return nil
}

// sums are the checksums of modules, by path and version.
func (t toolchain) sums() (map[string]string, error) {
	sums := map[string]string{}
	for _, path := range t.moduleFiles() {
		if !strings.HasSuffix(path, ".sum") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for line := range strings.Lines(string(content)) {
			if f := strings.Fields(line); len(f) == 3 {
				sums[f[0]+" "+f[1]] = f[2]
			}
		}
	}
	return sums, nil
}
