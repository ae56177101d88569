package sampling

import (
	"strings"
	"testing"
)

func TestUnknownLabels(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: BySource}, &Batches{Size: 2}
	train := []labelled{{"a", 0, 0}, {"b", 1, 0}, {"shared", 2, 0}, {"not labelled", -1, 0}}
	validation := []labelled{{"c", 1, 0}, {"not labelled either", -1, 0}}
	for _, row := range []struct {
		test   []labelled
		change func(*Config)
		want   string
	}{
		{[]labelled{{"d", 0, 0}, {"e", 1, 0}}, nil, ""},
		{[]labelled{{"d", 0, 0}, {"e", 3, 0}}, nil, `split "test": record 2 of the data's "test" has ` +
			`intent = "class3", which no record of the training split has`},
		// What would teach the class is a duplicate of the test's.
		{[]labelled{{"d", 2, 0}, {"shared", 2, 0}}, nil, `intent = "class2", which no record of the ` +
			`training split has: leave it out of the data, or divide them by "record"; so have 2 ` +
			`records in all`},
		{[]labelled{{"d", 0, 0}, {"e", 3, 0}}, func(c *Config) {
			c.Batches, c.Episodes = nil, &Episodes{Way: 2, Shot: 1, Query: 1}
		}, ""},
		{[]labelled{{"d", 0, 0}, {"e", 3, 0}}, func(c *Config) {
			c.Division = Division{By: ByClass, Train: 0.5, Test: 0.5}
		}, ""},
	} {
		c := c
		if row.change != nil {
			row.change(&c)
		}
		_, err := NewPool(dataset(4, []string{"train", "validation", "test"}, train, validation,
			row.test), c)
		if row.want == "" && err != nil ||
			row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("got %v, want %q", err, row.want)
		}
	}
}
