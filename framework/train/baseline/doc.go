// Package baseline has the rows that a table of few-shot results is read
// against: what can be had without learning to learn, on the raw records.
//
//	v := baseline.FitTFIDF(supportTexts, baseline.Words)
//	predicted, err := v.NearestCentroid(supportTexts, supportLabels, queryTexts)
//
// Chance and the majority class say what ignoring the input gives, the mean of
// the support's targets says it for regression, and the nearest centroid of
// TF-IDF vectors says what the words alone give. Everything here is a function
// of its arguments: no random numbers, and ties go to the lowest label.
package baseline
