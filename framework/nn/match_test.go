package nn

import (
	"slices"
	"testing"

	"quickstudy/framework/graph"
)

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, address string
		want             bool
	}{
		{"a/b", "a/b", true},
		{"a/*", "a/b", true},
		{"a/*", "a/b/c", false},
		{"a/*b*d", "a/xbcd", true},
		{"*a", "a", true},
		{"a*a", "a", false},
		{"**", "a/b/c", true},
		{"a/**", "a", true},
		{"a/**/c", "a/c", true},
		{"a/**/c/**/d", "a/c/x/c/y/d", true},
		{"**/w", "a/b", false},
		{"{a,b/c}/d", "b/c/d", true},
		{"{a,{b,c}}/d", "c/d", true},
		{"{a,b}", "c", false},
		{"{a", "{a", true},
	} {
		if got := Match(row.pattern, row.address); got != row.want {
			t.Errorf("Match(%q, %q) = %v, want %v", row.pattern, row.address, got, row.want)
		}
	}
	if !MatchAny([]string{"a", "b/**"}, "b/c") || MatchAny(nil, "b") {
		t.Error("MatchAny: want the union of its patterns")
	}
}

func TestInitialValueDependsOnSeedAndAddress(t *testing.T) {
	leaf := Leaf{Address: "a/w", Shape: graph.Shape{4, 5}, Init: Init{Kind: Normal, Scale: 1}}
	first := InitialValue(7, leaf)
	if !slices.Equal(first, InitialValue(7, leaf)) {
		t.Error("the same leaf has two initial values")
	}
	other := leaf
	other.Address = "b/w"
	if slices.Equal(first, InitialValue(8, leaf)) || slices.Equal(first, InitialValue(7, other)) {
		t.Error("another seed or address: same values, want others")
	}
}

func TestInitialValueMoments(t *testing.T) {
	for _, row := range []struct {
		init     Init
		variance float64
	}{
		{Init{Normal, 2}, 4},
		{Init{Uniform, 3}, 3},
		{Init{GlorotUniform, 1}, 2.0 / 300}, // 2 / (fan in + fan out)
		{Init{Ones, 0}, 0},
	} {
		values := InitialValue(1, Leaf{Address: "x", Shape: graph.Shape{200, 100}, Init: row.init})
		var sum, square float64
		for _, v := range values {
			sum += v
			square += v * v
		}
		n := float64(len(values))
		got := square/n - sum/n*(sum/n)
		if got < 0.95*row.variance || got > 1.05*row.variance {
			t.Errorf("%v: variance %v, want %v", row.init.Kind, got, row.variance)
		}
	}
}
