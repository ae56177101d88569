package plugin

import (
	"os"
	"strings"
)

// inherited names the variables of the host that a plugin gets. Everything else
// stays behind: a host's environment holds credentials that a third party's
// plugin has no business with. What a plugin needs beyond these is passed in
// Options.Env.
var inherited = map[string]bool{
	"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "SHELL": true,
	"TMPDIR": true, "TMP": true, "TEMP": true,
	"LANG": true, "LANGUAGE": true, "TZ": true, "NO_COLOR": true,
	"XDG_CACHE_HOME": true, "XDG_DATA_HOME": true, "XDG_CONFIG_HOME": true,
	"SSL_CERT_FILE": true, "SSL_CERT_DIR": true,
	"GOMEMLIMIT": true, "GOMAXPROCS": true, "GOGC": true, "GOTRACEBACK": true, "GOCOVERDIR": true,
	// Windows starts no process without some of these.
	"SYSTEMROOT": true, "SYSTEMDRIVE": true, "WINDIR": true, "COMSPEC": true, "PATHEXT": true,
	"USERPROFILE": true, "APPDATA": true, "LOCALAPPDATA": true, "PROGRAMDATA": true,
}

// environment selects the host's variables for a plugin and adds extra, which
// win: a later entry of the same name replaces an earlier one.
func environment(extra []string) []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		name = strings.ToUpper(name)
		if inherited[name] || strings.HasPrefix(name, "LC_") {
			env = append(env, entry)
		}
	}
	return append(env, extra...)
}
