package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// toolchain is what a build depends on beside its files, as go env prints it.
type toolchain map[string]string

// toolchainVariables are printed by go env in the package's folder; GOMOD,
// GOWORK and GOMODCACHE say which files to watch, the rest what is built.
var toolchainVariables = []string{
	"GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "CGO_ENABLED", "CC", "CGO_CFLAGS",
	"CGO_LDFLAGS",
	"GOAMD64", "GOARM64", "GOARM", "GORISCV64", "GOPPC64", "GOMIPS", "GOWASM", "GOMOD", "GOWORK",
	"GOMODCACHE",
}

// readToolchain asks the go command; it takes about 10 ms.
func readToolchain(ctx context.Context, goCommand, dir string) (toolchain, error) {
	out, err := runGo(ctx, goCommand, dir,
		append([]string{"env", "-json"}, toolchainVariables...)...)
	if err != nil {
		return nil, err
	}
	t := toolchain{}
	if err := json.Unmarshal(out, &t); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	return t, nil
}

// key identifies the compiler and platform; the folders of this machine are no
// part of it.
func (t toolchain) key() string {
	var b strings.Builder
	for _, name := range toolchainVariables {
		if name != "GOMOD" && name != "GOWORK" && name != "GOMODCACHE" {
			fmt.Fprintf(&b, "%s=%s\n", name, t[name])
		}
	}
	return b.String()
}

// moduleFiles are the files that choose module versions, where they exist.
func (t toolchain) moduleFiles() []string {
	var files []string
	if mod := t["GOMOD"]; mod != "" && mod != os.DevNull {
		dir := filepath.Dir(mod)
		files = append(files, mod, filepath.Join(dir, "go.sum"),
			filepath.Join(dir, "vendor", "modules.txt"))
	}
	if work := t["GOWORK"]; work != "" && work != "off" {
		files = append(files, work, strings.TrimSuffix(work, ".work")+".work.sum")
	}
	return files
}

// manifest remembers what a package was built from, so that the next start can
// tell by reading these files alone that nothing has changed.
type manifest struct {
	Fingerprint string   // of all below, as it was
	Files       []string // absolute paths; a file may be missing
	Folders     []string // whose listings decide which files belong
	Packages    int      // in those files
	Digest      string   // of the source, the same on every machine
	Key         string   // of the build: digest and toolchain
}

// fingerprint hashes the files and listings of m with the toolchain.
func (m *manifest) fingerprint(t toolchain) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s%s", surveyed, t.key())
	for _, name := range []string{"GOMOD", "GOWORK", "GOMODCACHE"} {
		fmt.Fprintf(h, "%s=%s\n", name, t[name])
	}
	for _, dir := range m.Folders {
		names, err := listing(dir)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "folder %q %q\n", dir, names)
	}
	for _, path := range m.Files {
		if err := hashFile(h, path, path); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// listing names the files that go could take into a build.
func listing(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() && name[0] != '.' && !strings.HasSuffix(name, "_test.go") {
			names = append(names, name)
		}
	}
	return names, nil
}

// hashFile adds a file under a name; a missing file differs from an empty one.
func hashFile(h hash.Hash, name, path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(h, "missing %q\n", name)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	content := sha256.New()
	if _, err := io.Copy(content, f); err != nil {
		return err
	}
	fmt.Fprintf(h, "file %q %x\n", name, content.Sum(nil))
	return nil
}

// listedPackage is what go list says of a package.
type listedPackage struct {
	Dir, ImportPath, Name string
	Standard              bool
	Module                *listedModule

	GoFiles, CgoFiles, CFiles, CXXFiles, MFiles, FFiles, HFiles, SFiles, SwigFiles,
	SwigCXXFiles, SysoFiles, EmbedFiles, IgnoredGoFiles, IgnoredOtherFiles []string
}

// files are what the package may be built from, on this platform or another, sorted.
func (p *listedPackage) files() []string {
	names := slices.Concat(p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.FFiles,
		p.HFiles, p.SFiles, p.SwigFiles, p.SwigCXXFiles, p.SysoFiles, p.EmbedFiles,
		p.IgnoredGoFiles, p.IgnoredOtherFiles)
	names = slices.DeleteFunc(names, func(name string) bool {
		return strings.HasSuffix(name, "_test.go")
	})
	slices.Sort(names)
	return slices.Compact(names)
}

type listedModule struct {
	Path, Version, Dir, GoMod string
	Main                      bool
	Replace                   *listedModule
}

const listFields = "Dir,ImportPath,Name,Standard,Module," +
	"GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,FFiles,HFiles,SFiles,SwigFiles," +
	"SwigCXXFiles,SysoFiles,EmbedFiles,IgnoredGoFiles,IgnoredOtherFiles"

// surveyed is another when what a digest is made of is.
const surveyed = "survey 3\n"

// survey lists what the package in dir is built from.
func survey(ctx context.Context, goCommand, dir string, t toolchain) (*manifest, error) {
	// With -buildvcs it would run git, which does what the folder's configuration says.
	out, err := runGo(ctx, goCommand, dir, "list", "-buildvcs=false", "-deps",
		"-json="+listFields, ".")
	if err != nil {
		return nil, err
	}
	m := &manifest{Files: t.moduleFiles()}
	digest := sha256.New()
	io.WriteString(digest, surveyed)
	var modules modules
	decoder := json.NewDecoder(bytes.NewReader(out))
	var last listedPackage
	for {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		last = p
		if p.Standard {
			continue
		}
		if fromCache(p.Module, t["GOMODCACHE"]) {
			modules.use(p.Module)
			continue
		}
		m.Packages++
		if p.Module != nil && p.Module.GoMod != "" {
			m.Files = append(m.Files, p.Module.GoMod)
			modules.local(p.Module)
		}
		fmt.Fprintf(digest, "package %q\n", p.ImportPath)
		folders := []string{p.Dir}
		for _, name := range p.files() {
			path := filepath.Join(p.Dir, name)
			if err := hashFile(digest, filepath.ToSlash(name), path); err != nil {
				return nil, err
			}
			m.Files = append(m.Files, path)
			folders = append(folders, filepath.Dir(path))
		}
		m.Folders = append(m.Folders, folders...)
	}
	if last.Name != "main" {
		return nil, fmt.Errorf("package %s in %s is no main package", last.Name, dir)
	}
	if err := modules.hash(ctx, digest, goCommand, dir, t); err != nil {
		return nil, err
	}
	slices.Sort(m.Files)
	m.Files = slices.Compact(m.Files)
	slices.Sort(m.Folders)
	m.Folders = slices.Compact(m.Folders)
	m.Digest = hex.EncodeToString(digest.Sum(nil))
	key := sha256.Sum256([]byte(m.Digest + "\n" + t.key()))
	m.Key = hex.EncodeToString(key[:])
	m.Fingerprint, err = m.fingerprint(t)
	return m, err
}

// runGo runs the go command in a folder and returns its output; the error holds
// everything that it complained about.
func runGo(ctx context.Context, goCommand, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, goCommand, args...)
	cmd.Dir = dir
	// What is built is run here, whatever else the user builds for.
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, fmt.Errorf("%s", text)
		}
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return stdout.Bytes(), nil
}
