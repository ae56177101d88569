package pluginv1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"quickstudy/framework/plugin/proto/pluginv1"
)

const protocol = "quickstudy.plugin.v1"

var (
	comment   = regexp.MustCompile(`//.*`)
	statement = regexp.MustCompile(`[^;{}]*[;{}]`)
	method    = regexp.MustCompile(`^rpc (\w+)\((stream )?(\w+)\) returns \((stream )?(\w+)\)`)
	field     = regexp.MustCompile(`^(optional |repeated )?([\w.]+) (\w+) = (\d+)`)
	enumValue = regexp.MustCompile(`^(\w+) = (\d+)`)
)

// TestGeneratedFromTheDefinitions compares what the package holds with the .proto files, line by
// line, so that neither changes without the other.
func TestGeneratedFromTheDefinitions(t *testing.T) {
	files, err := filepath.Glob("../quickstudy/plugin/v1/*.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	var want []string
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, defined(t, comment.ReplaceAllString(string(content), ""))...)
	}
	var got []string
	_ = pluginv1.File_quickstudy_plugin_v1_plugin_proto // registers all files of the package
	protoregistry.GlobalFiles.RangeFilesByPackage(protocol, func(f protoreflect.FileDescriptor) bool {
		got = append(got, messages(f.Messages(), "")...)
		got = append(got, enums(f.Enums(), "")...)
		for i := range f.Services().Len() {
			got = append(got, methods(f.Services().Get(i))...)
		}
		return true
	})
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run go generate ./framework/plugin/proto (-definitions +package)\n%s", diff)
	}
}

// defined lists the fields, values and methods of a file without comments.
func defined(t *testing.T, content string) []string {
	t.Helper()
	var lines, scopes []string
	for _, s := range statement.FindAllString(content, -1) {
		s = strings.Join(strings.Fields(s), " ")
		words := strings.Fields(s)
		scope := strings.Join(scopes, ".")
		switch {
		case s == "}":
			scopes = scopes[:len(scopes)-1]
		case words[0] == "oneof" || strings.Contains(s, "map<"):
			t.Fatalf("%s: this test does not read it yet", s)
		case strings.HasSuffix(s, "{"):
			scopes = append(scopes, words[1])
		case method.MatchString(s):
			m := method.FindStringSubmatch(s)
			lines = append(lines, fmt.Sprintf("%s.%s(%t %s) (%t %s)", scope, m[1], m[2] != "", m[3],
				m[4] != "", m[5]))
		case len(scopes) > 0 && field.MatchString(s):
			m := field.FindStringSubmatch(s)
			lines = append(lines, fmt.Sprintf("%s.%s = %s %s%s", scope, m[3], m[4], m[1],
				m[2][strings.LastIndex(m[2], ".")+1:]))
		case len(scopes) > 0 && enumValue.MatchString(s):
			m := enumValue.FindStringSubmatch(s)
			lines = append(lines, fmt.Sprintf("%s.%s = %s", scope, m[1], m[2]))
		}
	}
	return lines
}

func messages(all protoreflect.MessageDescriptors, outer string) []string {
	var lines []string
	for i := range all.Len() {
		m := all.Get(i)
		scope := outer + string(m.Name())
		for k := range m.Fields().Len() {
			f := m.Fields().Get(k)
			kind := f.Kind().String()
			if f.Message() != nil {
				kind = string(f.Message().Name())
			} else if f.Enum() != nil {
				kind = string(f.Enum().Name())
			}
			label := ""
			if f.IsList() {
				label = "repeated "
			} else if f.HasOptionalKeyword() {
				label = "optional "
			}
			lines = append(lines, fmt.Sprintf("%s.%s = %d %s%s", scope, f.Name(), f.Number(), label,
				kind))
		}
		lines = append(lines, messages(m.Messages(), scope+".")...)
		lines = append(lines, enums(m.Enums(), scope+".")...)
	}
	return lines
}

func enums(all protoreflect.EnumDescriptors, outer string) []string {
	var lines []string
	for i := range all.Len() {
		e := all.Get(i)
		for k := range e.Values().Len() {
			v := e.Values().Get(k)
			lines = append(lines, fmt.Sprintf("%s%s.%s = %d", outer, e.Name(), v.Name(), v.Number()))
		}
	}
	return lines
}

func methods(s protoreflect.ServiceDescriptor) []string {
	var lines []string
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		lines = append(lines, fmt.Sprintf("%s.%s(%t %s) (%t %s)", s.Name(), m.Name(),
			m.IsStreamingClient(), m.Input().Name(), m.IsStreamingServer(), m.Output().Name()))
	}
	return lines
}
