package experiment

import "github.com/hashicorp/hcl/v2"

// An InvalidError is an experiment that cannot be run as it is written.
type InvalidError struct {
	Diagnostics hcl.Diagnostics
	Files       map[string]*hcl.File // for rendering
	Failure     error                // of a plugin beside it; nil: none
}

func (e *InvalidError) Error() string { return e.Diagnostics.Error() }
