package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// A Number is a float64 whose JSON form exists for every value: NaN is null, and
// the infinities are the strings "+Inf" and "-Inf". A diverged loss can be
// written down. Finite numbers come back exactly.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	switch x := float64(n); {
	case math.IsNaN(x):
		return []byte("null"), nil
	case math.IsInf(x, 1):
		return []byte(`"+Inf"`), nil
	case math.IsInf(x, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(x)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(text []byte) error {
	switch {
	case bytes.Equal(text, []byte("null")):
		*n = Number(math.NaN())
	case bytes.Equal(text, []byte(`"+Inf"`)):
		*n = Number(math.Inf(1))
	case bytes.Equal(text, []byte(`"-Inf"`)):
		*n = Number(math.Inf(-1))
	default:
		var x float64
		if err := json.Unmarshal(text, &x); err != nil {
			return fmt.Errorf(`%.40s is no number: want one, null, "+Inf" or "-Inf"`, text)
		}
		*n = Number(x)
	}
	return nil
}

// Numbers converts scores.
func Numbers(values []float64) []Number {
	numbers := make([]Number, len(values))
	for i, x := range values {
		numbers[i] = Number(x)
	}
	return numbers
}

func floats(numbers []Number) []float64 {
	values := make([]float64, len(numbers))
	for i, n := range numbers {
		values[i] = float64(n)
	}
	return values
}
