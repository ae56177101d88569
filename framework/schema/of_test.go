package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// Lent are fields that several configurations have.
type Lent struct {
	Steps int     `config:"steps" doc:"steps" min:"1"`
	Rate  float64 `config:"rate" doc:"rate"`
}

type borrower struct {
	Name string `config:"name" doc:"a name"`
	Lent
	Last bool `config:"last" doc:"whether it is the last"`
}

// TestEmbedded: a struct that is embedded lends its fields, both ways.
func TestEmbedded(t *testing.T) {
	defaults := borrower{Name: "n", Lent: Lent{Steps: 2, Rate: 0.5}}
	s, err := schema.Of(defaults)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range s.Attributes {
		names = append(names, a.Name)
	}
	if diff := cmp.Diff([]string{"name", "steps", "rate", "last"}, names); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	value, problems := s.Complete(cty.ObjectVal(map[string]cty.Value{"rate": cty.NumberIntVal(3)}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := defaults
	if problems := schema.Decode(value, &got); len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(borrower{Name: "n", Lent: Lent{Steps: 2, Rate: 3}}, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	type clash struct {
		Lent
		Steps int `config:"steps" doc:"again"`
	}
	if _, err := schema.Of(clash{}); err == nil {
		t.Error("an attribute that is there twice is accepted")
	}
}
