package baseline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Features says what of a text is counted.
type Features uint8

const (
	// Words are runs of letters, digits and marks, in lower case. Unlike
	// scikit-learn's default, words of one letter count: in some languages they
	// are ordinary words.
	Words Features = iota
	// Characters are all substrings of one to three characters of the text in lower
	// case, with each run of white space taken as one blank. They suit texts of
	// a word or two, such as names.
	Characters
)

// maxCharacters is the longest substring among the features Characters.
const maxCharacters = 3

// features returns the features of a text, each as often as it occurs.
func (f Features) features(text string) []string {
	lower := strings.ToLower(text)
	if f == Words {
		return strings.FieldsFunc(lower, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
		})
	}
	characters := []rune(strings.Join(strings.Fields(lower), " "))
	var all []string
	for n := 1; n <= maxCharacters; n++ {
		for i := 0; i+n <= len(characters); i++ {
			all = append(all, string(characters[i:i+n]))
		}
	}
	return all
}

// TFIDF turns texts into vectors of unit length. The weight of a feature is its
// count in the text times
//
//	idf = ln((1+n)/(1+df)) + 1
//
// where n texts were fitted and df of them have the feature: scikit-learn's
// TfidfVectorizer with its defaults smooth_idf and norm="l2". Features that no
// fitted text has are left out.
type TFIDF struct {
	kind Features
	ids  map[string]int
	idf  []float64 // by id
}

// FitTFIDF learns features and their idf from texts: the support of an episode,
// so that nothing outside it is used, or a whole training set for better
// estimates of which words are common.
func FitTFIDF(texts []string, kind Features) *TFIDF {
	v := &TFIDF{kind: kind, ids: map[string]int{}}
	var documents []float64 // by id: how many texts have the feature
	for _, text := range texts {
		present := kind.features(text)
		slices.Sort(present)
		for _, feature := range slices.Compact(present) {
			id, known := v.ids[feature]
			if !known {
				id = len(documents)
				v.ids[feature] = id
				documents = append(documents, 0)
			}
			documents[id]++
		}
	}
	v.idf = make([]float64, len(documents))
	for id, df := range documents {
		v.idf[id] = math.Log((1+float64(len(texts)))/(1+df)) + 1
	}
	return v
}

// A vector is sparse: weights by ascending id, so that every sum over it has one
// order.
type vector []component

type component struct {
	id     int
	weight float64
}

// vector returns the unit vector of a text, or an empty one if the text has none
// of the features.
func (v *TFIDF) vector(text string) vector {
	counts := map[int]int{}
	for _, feature := range v.kind.features(text) {
		if id, known := v.ids[feature]; known {
			counts[id]++
		}
	}
	x := make(vector, 0, len(counts))
	for id, n := range counts {
		x = append(x, component{id, float64(n) * v.idf[id]})
	}
	slices.SortFunc(x, func(a, b component) int { return cmp.Compare(a.id, b.id) })
	var squares float64
	for _, c := range x {
		squares += c.weight * c.weight
	}
	for i := range x {
		x[i].weight /= math.Sqrt(squares)
	}
	return x
}

// tie is how far two cosines may be apart and still count as equal: more than
// rounding leaves between sums over the same weights in two orders.
const tie = 1e-12

// NearestCentroid predicts the label of each query: that of the class whose
// centroid, the mean of its support's vectors, has the largest cosine with the
// query's vector; the lowest label if several have, as when a query shares no
// feature with the support. The labels may be any integers.
func (v *TFIDF) NearestCentroid(support []string, labels []int, query []string) ([]int, error) {
	if len(support) != len(labels) {
		return nil, fmt.Errorf("baseline: %d support texts and %d labels, want as many", len(support),
			len(labels))
	}
	if len(support) == 0 {
		return nil, fmt.Errorf("baseline: the support is empty, a centroid needs an example")
	}
	classes := slices.Clone(labels)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	centroids := v.centroids(support, labels, classes)
	predicted := make([]int, len(query))
	for i, text := range query {
		x := v.vector(text)
		best, bestCosine := 0, math.Inf(-1)
		for class, centroid := range centroids {
			if cosine := x.dot(centroid); cosine > bestCosine+tie {
				best, bestCosine = class, cosine
			}
		}
		predicted[i] = classes[best]
	}
	return predicted, nil
}

// centroids returns a unit vector, dense, for each of the sorted classes.
func (v *TFIDF) centroids(support []string, labels, classes []int) [][]float64 {
	centroids := make([][]float64, len(classes)) // [classes][features]
	for i := range centroids {
		centroids[i] = make([]float64, len(v.idf))
	}
	for i, text := range support {
		class, _ := slices.BinarySearch(classes, labels[i])
		for _, c := range v.vector(text) {
			centroids[class][c.id] += c.weight
		}
	}
	for _, centroid := range centroids {
		normalise(centroid)
	}
	return centroids
}

func (x vector) dot(dense []float64) float64 {
	var sum float64
	for _, c := range x {
		sum += c.weight * dense[c.id]
	}
	return sum
}

// normalise gives x unit length. Zeros stay: their cosine with anything is 0.
func normalise(x []float64) {
	var squares float64
	for _, w := range x {
		squares += w * w
	}
	if squares == 0 {
		return
	}
	for i := range x {
		x[i] /= math.Sqrt(squares)
	}
}
