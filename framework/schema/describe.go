package schema

import (
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// TypeName names the type of an attribute's values for people.
func (a *Attribute) TypeName() string {
	if a.Schedule && a.Type.Equals(ScheduleType) {
		return "schedule"
	}
	return a.Type.FriendlyName()
}

// DefaultText writes the default as it would be written in an experiment; "" when there is none.
func (a *Attribute) DefaultText() string {
	if a.Default == cty.NilVal {
		return ""
	}
	if s, err := ScheduleOf(a.Default); err == nil {
		return s.String()
	}
	text, err := ctyjson.Marshal(a.Default, a.Type)
	if err != nil {
		return ""
	}
	return string(text)
}

// Facts says in a few words which values an attribute takes, and which when it is not given.
func (a *Attribute) Facts() string {
	facts := []string{a.TypeName()}
	if a.Path {
		facts[0] = strings.Replace(facts[0], "string", "path", 1)
	}
	if a.Unit != "" {
		facts[0] += " of " + a.Unit
	}
	if a.Required {
		facts = append(facts, "required")
	} else if text := a.DefaultText(); text != "" {
		facts = append(facts, "default "+text)
	}
	if len(a.OneOf) > 0 {
		facts = append(facts, "one of "+strings.Join(a.OneOf, ", "))
	}
	if a.Min != nil {
		facts = append(facts, boundText(*a.Min, a.MinOpen, "above", "at least"))
	}
	if a.Max != nil {
		facts = append(facts, boundText(*a.Max, a.MaxOpen, "below", "at most"))
	}
	if a.Example != "" {
		facts = append(facts, "such as "+a.Example)
	}
	return strings.Join(facts, ", ")
}

func boundText(v float64, open bool, excluded, included string) string {
	number := strconv.FormatFloat(v, 'f', -1, 64)
	if open {
		return excluded + " " + number
	}
	return included + " " + number
}
