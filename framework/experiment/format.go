package experiment

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays a file out canonically, changing white space only. A source that is not HCL, or over
// the limits of this package, is refused with diagnostics in the given file name.
func Format(src []byte, filename string) ([]byte, hcl.Diagnostics) {
	if _, diags := parse(src, filename); diags.HasErrors() {
		return nil, diags
	}
	return hclwrite.Format(src), nil
}

// parse is the only way in this package from bytes to syntax: a scan comes before every parse.
func parse(src []byte, filename string) (*hcl.File, hcl.Diagnostics) {
	if diags := scan(src, filename, hcl.InitialPos); diags.HasErrors() {
		return &hcl.File{Bytes: src}, diags
	}
	file, diags := hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
	return file, few(coded(diags, CodeSyntax))
}
