package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quickstudy/framework/plugin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// writeModule lays out a module "m" with the plugin x, which imports m/lib and,
// from a module beside it, other/far.
func writeModule(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for path, text := range map[string]string{
		"m/go.mod": "module m\n\ngo 1.24\n\nrequire other v0.0.0\n\n" +
			"replace other => ../other\n",
		"m/heads/x/main.go": "package main\n\n" +
			"import (\n\t_ \"embed\"\n\t\"m/lib\"\n\t\"other/far\"\n)\n\n" +
			"//go:embed note.txt\nvar note string\n\n" +
			"func main() { println(lib.Name, far.Name, note) }\n",
		"m/heads/x/note.txt":  "note",
		"m/lib/lib.go":        "package lib\n\nconst Name = \"one\"\n",
		"m/lib/lib_test.go":   "package lib\n",
		"m/unrelated/file.go": "package unrelated\n",
		"other/go.mod":        "module other\n\ngo 1.24\n",
		"other/far/far.go":    "package far\n\nconst Name = \"far\"\n",
	} {
		write(t, filepath.Join(root, path), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command(path).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestBuildIsCachedByContent(t *testing.T) {
	t.Setenv("GOOS", "plan9") // what the user builds for elsewhere
	root := writeModule(t)
	var mu sync.Mutex
	var progress []Progress
	r := &Resolver{Cache: t.TempDir(), Progress: func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		progress = append(progress, p)
	}}
	resolve := func() Resolved {
		t.Helper()
		got, err := r.Resolve(t.Context(), Request{
			Kind: plugin.KindHead, Name: "x", Source: "./heads/x", Dir: filepath.Join(root, "m"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := resolve()
	if text := output(t, first.Path); !first.Built || text != "one far note" {
		t.Errorf("first: built %v, prints %q", first.Built, text)
	}
	if n := len(progress); n < 2 || progress[0].Done || progress[0].Elapsed != 0 ||
		!progress[n-1].Done ||
		progress[0].Name != "x" {
		t.Errorf("progress %+v", progress)
	}
	if digest, err := plugin.Digest(first.Path); err != nil || digest != first.Binary {
		t.Errorf("digest %s, %v, want %s", digest, err, first.Binary)
	}
	start := time.Now()
	if again := resolve(); again.Built || again.Path != first.Path || again.Digest != first.Digest {
		t.Errorf("unchanged: %+v, want %+v", again, first)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("finding that nothing has changed took %v", took)
	}

	for _, tt := range []struct {
		name, path, text string
		changes          bool
	}{
		{"unrelated package", "m/unrelated/file.go", "package unrelated\n\nvar X int\n", false},
		{"test file", "m/lib/lib_test.go", "package lib\n\nvar y int\n", false},
		{"document in the folder", "m/heads/x/README.md", "hello", false},
		{"imported package", "m/lib/lib.go", "package lib\n\nconst Name = \"two\"\n", true},
		{"replaced module", "other/far/far.go", "package far\n\nconst Name = \"near\"\n", true},
		{"embedded file", "m/heads/x/note.txt", "new", true},
		{"new file", "m/lib/init.go", "package lib\n\nfunc init() { println(\"init\") }\n", true},
	} {
		before := resolve()
		write(t, filepath.Join(root, tt.path), tt.text)
		after := resolve()
		if after.Built != tt.changes || (after.Digest != before.Digest) != tt.changes {
			t.Errorf("%s: built %v, digest changed %v, want %v", tt.name, after.Built,
				after.Digest != before.Digest, tt.changes)
		}
	}
	if text := output(t, resolve().Path); text != "init\ntwo near new" {
		t.Errorf("after all changes it prints %q", text)
	}
	if text := output(t, first.Path); text != "one far note" {
		t.Errorf("the first binary prints %q now", text)
	}
	write(t, filepath.Join(root, "m/lib/lib.go"), "package lib\n\nconst Name = \"one\"\n")
	for _, path := range []string{"other/far/far.go", "m/heads/x/note.txt"} {
		write(t, filepath.Join(root, path), map[string]string{
			"other/far/far.go":   "package far\n\nconst Name = \"far\"\n",
			"m/heads/x/note.txt": "note"}[path])
	}
	if err := os.Remove(filepath.Join(root, "m/lib/init.go")); err != nil {
		t.Fatal(err)
	}
	if back := resolve(); back.Built || back.Path != first.Path {
		t.Errorf("going back to the first state built anew: %+v", back)
	}
}

// TestDigestIsTheSameEverywhere: two copies of a source have one digest, whatever
// paths their binaries hold.
func TestDigestIsTheSameEverywhere(t *testing.T) {
	var found []Resolved
	for range 2 {
		r := &Resolver{Cache: t.TempDir()}
		got, err := r.Resolve(t.Context(), Request{Kind: plugin.KindHead, Name: "x",
			Source: filepath.Join(writeModule(t), "m", "heads", "x")})
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, got)
	}
	if found[0].Digest != found[1].Digest {
		t.Errorf("digests differ: %+v, %+v", found[0], found[1])
	}
}

func TestFailures(t *testing.T) {
	root := writeModule(t)
	write(t, filepath.Join(root, "m/heads/broken/main.go"),
		"package main\n\nfunc main() { undefined() }\n\nvar x int = \"s\"\n")
	write(t, filepath.Join(root, "m/heads/library/lib.go"), "package library\n")
	write(t, filepath.Join(root, "m/heads/empty/README"), "")
	for _, tt := range []struct {
		source string
		want   []string
	}{
		{"", []string{"source is empty"}},
		{"./heads/missing", []string{"no such file", "folder of the experiment file"}},
		{"./heads/libary", []string{`no such file or directory (did you mean "library"?)`}},
		{"brokn", []string{`"brokn" is in no plugin folder (did you mean "broken"?):`}},
		{"./heads/empty", []string{"no Go files"}},
		{"./go.mod", []string{"not an executable file"}},
		{"./heads/library", []string{"is no main package"}},
		{"./heads/broken", []string{"build: go build failed",
			"main.go:3:15: undefined: undefined", "main.go:5:13", "correct the plugin"}},
		{"nowhere", []string{`"nowhere" is in no plugin folder`,
			filepath.Join("m", "heads", "nowhere")}},
	} {
		r := &Resolver{Cache: t.TempDir(), Folders: []string{filepath.Join(root, "m")}}
		_, err := r.Resolve(t.Context(),
			Request{Kind: plugin.KindHead, Name: "x", Source: tt.source,
				Dir: filepath.Join(root, "m")})
		var failed *plugin.Error
		if !errors.As(err, &failed) {
			t.Errorf("%q: error %v (%T), want a *plugin.Error", tt.source, err, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: no %q in\n%v", tt.source, want, err)
			}
		}
	}
	r := &Resolver{Go: "no-such-go", Cache: t.TempDir()}
	_, err := r.Resolve(t.Context(), Request{Kind: plugin.KindHead, Name: "x",
		Source: filepath.Join(root, "m/heads/x")})
	if err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("without Go: %v", err)
	}
}

func TestAll(t *testing.T) {
	root := writeModule(t)
	executable := filepath.Join(root, "m", "tasks", "y")
	write(t, executable, "#!/bin/sh\n")
	if err := os.Chmod(executable, 0o755); err != nil {
		t.Fatal(err)
	}
	r := &Resolver{Cache: t.TempDir(), Folders: []string{t.TempDir(), filepath.Join(root, "m")}}
	located, err := r.LocateAll(t.Context(), []Request{
		{Kind: plugin.KindHead, Name: "x", Source: "x"},
		{Kind: plugin.KindTask, Name: "y", Source: "y"},
		{Kind: plugin.KindTask, Name: "z", Source: "z"},
	})
	if err == nil || !strings.Contains(err.Error(), `task "z"`) || located[2].Digest != "" {
		t.Errorf("error %v, want one about z", err)
	}
	got, err := r.BuildAll(t.Context(), located[:2])
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].Built || !strings.HasPrefix(got[0].Digest, "go:") {
		t.Errorf("x: %+v", got[0])
	}
	if got[1].Path != executable || got[1].Digest != "file:"+got[1].Binary {
		t.Errorf("y: %+v", got[1])
	}
}

// TestPermit: what is neither bundled nor allowed is told and refused, whatever a lock says
// that lies beside it, and nothing has been built by it.
func TestPermit(t *testing.T) {
	root := writeModule(t)
	executable := filepath.Join(root, "m", "tasks", "y")
	write(t, executable, "#!/bin/sh\n")
	if err := os.Chmod(executable, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, source, change, want string }{
		{"x", "m/heads/x", "m/lib/lib.go", "be built by go build, of 3 packages and "},
		{"y", "m/tasks/y", "m/tasks/y", "it would be run with your permissions: " + executable},
	} {
		r := &Resolver{Cache: filepath.Join(t.TempDir(), "cache")}
		locate := func() Located {
			t.Helper()
			l, err := r.Locate(t.Context(), Request{Kind: plugin.KindHead, Name: test.name,
				Source: filepath.Join(root, test.source)})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		l := locate()
		err := r.Permit(l, "how to allow it")
		var refused *plugin.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) ||
			!strings.HasSuffix(err.Error(), "how to allow it") {
			t.Errorf("%s: %v, want a *plugin.Error with %q", test.name, err, test.want)
		}
		if _, err := os.Stat(filepath.Join(r.Cache, "plugins")); err == nil {
			t.Errorf("%s: something was built", test.name)
		}
		bundled := &Lock{Plugins: map[string]LockedItem{"head/other": {Digest: l.Digest}}}
		if err := (&Resolver{Cache: r.Cache, Bundled: bundled}).Permit(l, ""); err != nil {
			t.Errorf("%s, bundled: %v", test.name, err)
		}
		for range 2 {
			if err := r.Allow(l); err != nil {
				t.Fatal(err)
			}
			if err := r.Permit(l, ""); err != nil {
				t.Errorf("%s, allowed: %v", test.name, err)
			}
		}
		content, err := os.ReadFile(filepath.Join(root, test.change))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, test.change), string(content)+"\n")
		if changed := locate(); r.Permit(changed, "") == nil {
			t.Errorf("%s is allowed although it has changed", test.name)
		}
	}
}

// TestCacheIsPrivate: also one that was there with other permissions. What is in it is never
// written to again.
func TestCacheIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not files' modes there")
	}
	cache := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	r := &Resolver{Cache: cache}
	got, err := r.Resolve(t.Context(), Request{Kind: plugin.KindHead, Name: "x",
		Source: filepath.Join(writeModule(t), "m", "heads", "x")})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Allow(got.Located); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{
		cache: 0o700, filepath.Join(cache, "plugins"): 0o700, filepath.Join(cache, "allowed"): 0o700,
		filepath.Join(cache, "manifests"): 0o700, filepath.Dir(got.Path): 0o700, got.Path: 0o500,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info, err, want)
		}
	}
}

// TestDigestIsThePlatformsOfAll: files for other systems count, wherever the digest is taken,
// and so do the modules that they need.
func TestDigestIsThePlatformsOfAll(t *testing.T) {
	root := writeModule(t)
	write(t, filepath.Join(root, "m/lib/lib_windows.go"), "package lib\n\nimport _ \"os/exec\"\n")
	write(t, filepath.Join(root, "m/lib/lib_darwin_test.go"), "package lib\n")
	digests := map[string][]string{}
	for _, text := range []string{"const A = 1", "const A = 2"} {
		write(t, filepath.Join(root, "m/lib/lib_darwin.go"), "package lib\n\n"+text+"\n")
		for _, system := range []string{"linux", "darwin", "windows"} {
			t.Setenv("GOOS", system)
			l, err := (&Resolver{Cache: t.TempDir()}).Locate(t.Context(), Request{
				Kind: plugin.KindHead, Name: "x", Source: filepath.Join(root, "m", "heads", "x")})
			if err != nil {
				t.Fatal(err)
			}
			digests[text] = append(digests[text], l.Digest)
		}
		if all := digests[text]; all[0] != all[1] || all[0] != all[2] {
			t.Errorf("digests by platform: %v", all)
		}
	}
	if digests["const A = 1"][0] == digests["const A = 2"][0] {
		t.Error("a file for another platform has changed and the digest has not")
	}
}

// TestDigestCoversWorkspace: another module in the place of a required one is another digest,
// also where a workspace puts it there and go.mod stays as it is.
func TestDigestCoversWorkspace(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"good", "evil"} {
		writeProxied(t, filepath.Join(root, "proxy"), "example.com/"+name)
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(filepath.Join(root, "proxy")))
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", filepath.Join(root, "cache"))
	dir := filepath.Join(root, "m")
	write(t, filepath.Join(dir, "go.mod"), "module m\n\ngo 1.24\n\nrequire example.com/good v1.0.0\n")
	write(t, filepath.Join(dir, "main.go"),
		"package main\n\nimport \"example.com/good\"\n\nfunc main() { println(good.Name) }\n")
	if out, err := runGo(t.Context(), "go", dir, "mod", "tidy"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := &Resolver{Cache: t.TempDir()}
	locate := func() Located {
		t.Helper()
		l, err := r.Locate(t.Context(), Request{Kind: plugin.KindHead, Name: "m", Source: dir})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	alone := locate()
	write(t, filepath.Join(root, "go.work"), "go 1.24\n\nuse ./m\n")
	if inside := locate(); inside.Digest != alone.Digest {
		t.Error("a workspace that changes nothing changes the digest")
	}
	write(t, filepath.Join(root, "go.work"),
		"go 1.24\n\nuse ./m\n\nreplace example.com/good => example.com/evil v1.0.0\n")
	replaced := locate()
	if built, err := r.Build(t.Context(), replaced); err != nil || output(t, built.Path) != "evil" {
		t.Fatalf("the workspace does not replace the module: %v", err)
	}
	if replaced.Digest == alone.Digest {
		t.Error("another module is built and the digest is the same")
	}
}

// writeProxied puts version 1.0.0 of a module whose package is called good where go looks for it.
func writeProxied(t *testing.T, proxy, path string) {
	t.Helper()
	mod := "module " + path + "\n\ngo 1.24\n"
	if filepath.Base(path) != "good" {
		mod = "module example.com/good\n\ngo 1.24\n"
	}
	at := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	write(t, filepath.Join(at, "list"), "v1.0.0\n")
	write(t, filepath.Join(at, "v1.0.0.info"), `{"Version": "v1.0.0"}`)
	write(t, filepath.Join(at, "v1.0.0.mod"), mod)
	var content bytes.Buffer
	z := zip.NewWriter(&content)
	for name, text := range map[string]string{"go.mod": mod,
		"good.go": "package good\n\nconst Name = \"" + filepath.Base(path) + "\"\n"} {
		w, err := z.Create(path + "@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at, "v1.0.0.zip"), content.String())
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), LockFile)
	lock, err := ReadLock(path)
	if err != nil {
		t.Fatal(err)
	}
	r := Located{Request: Request{Kind: plugin.KindHead, Name: "x", Source: "./x"},
		Digest: "go:1234"}
	if err := lock.Check(r); err != nil {
		t.Errorf("not pinned: %v", err)
	}
	lock.Set(r)
	if err := lock.Write(path); err != nil {
		t.Fatal(err)
	}
	if lock, err = ReadLock(path); err != nil {
		t.Fatal(err)
	}
	if err := lock.Check(r); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	r.Digest = "go:5678"
	var failed *plugin.Error
	if err := lock.Check(r); !errors.As(err, &failed) ||
		!strings.Contains(err.Error(), "locked go:1234, found go:5678") {
		t.Errorf("changed: %v", err)
	}
	write(t, path, `{"version": 9}`)
	if _, err := ReadLock(path); err == nil {
		t.Error("a lock of version 9 was read")
	}
}

// TestPrune: of builds that were not used for a while the latest survive, and of others those
// that were used within the hour.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{"running": time.Minute, "new": 2 * time.Hour,
		"older": 3 * time.Hour, "oldest": 4 * time.Hour, "forgotten": 31 * 24 * time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(path, "in"), 0o700); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		latest int
		want   string
	}{{9, "new older oldest running"}, {3, "new older running"}, {1, "running"}, {0, "running"}} {
		prune(dir, step.latest)
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != step.want {
			t.Errorf("of the latest %d there are %q, want %q", step.latest, got, step.want)
		}
	}
}
