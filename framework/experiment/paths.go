package experiment

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// MissingFiles returns the paths among the task's values at which there is nothing.
func (t *Task) MissingFiles() []string {
	var missing []string
	withPaths(t.Config, t.schema.Attributes, func(path string) string {
		if _, err := os.Stat(path); path != "" && errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, path)
		}
		return path
	})
	return missing
}

// FromFolder says what relative paths in an experiment file mean.
func FromFolder(file string) string {
	folder := filepath.Dir(file)
	if whole, err := filepath.Abs(folder); err == nil {
		folder = whole
	}
	return "A relative path, also one from a variable, starts at the folder of the experiment " +
		"file, " + folder + "."
}

// withPaths replaces the paths among a block's values.
func withPaths(v cty.Value, attributes []schema.Attribute, replace func(string) string) cty.Value {
	if len(attributes) == 0 {
		return v
	}
	values := v.AsValueMap()
	for i := range attributes {
		a := &attributes[i]
		values[a.Name] = withPath(values[a.Name], a, replace)
	}
	return cty.ObjectVal(values)
}

func withPath(v cty.Value, a *schema.Attribute, replace func(string) string) cty.Value {
	t := v.Type()
	switch {
	case !a.Path && len(a.Nested) == 0:
		return v
	case t == cty.String:
		return cty.StringVal(replace(v.AsString()))
	case t.IsObjectType():
		return withPaths(v, a.Nested, replace)
	case v.LengthInt() == 0:
		return v
	case t.IsMapType():
		elements := v.AsValueMap()
		for key, e := range elements {
			elements[key] = withPath(e, a, replace)
		}
		return cty.MapVal(elements)
	}
	elements := v.AsValueSlice()
	for i, e := range elements {
		elements[i] = withPath(e, a, replace)
	}
	return cty.ListVal(elements)
}

// absolute resolves a path that the experiment file names against the file's folder.
func absolute(file, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	joined := filepath.Join(filepath.Dir(file), path)
	if whole, err := filepath.Abs(joined); err == nil {
		return whole
	}
	return joined // the working directory is gone
}
