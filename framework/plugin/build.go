package plugin

import (
	"runtime"
	"runtime/debug"
)

// Build is what an executable was built from.
type Build struct {
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Module   string `json:"module,omitempty"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the revision was
}

// ThisBuild is that of the running executable.
func ThisBuild() Build {
	build := Build{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		build.Module = info.Main.Path
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				build.Revision = s.Value
			case "vcs.modified":
				build.Modified = s.Value == "true"
			}
		}
	}
	return build
}

// BuildVersion is the version of the running executable's module.
func BuildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
