package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/task/datafile"
)

// CLINC150 is by Larson et al. 2019, https://aclanthology.org/D19-1131.
const (
	clincOrigin  = "https://github.com/clinc/oos-eval, Larson et al. 2019"
	clincLicence = "CC BY 3.0"
	outOfScope   = "oos" // as the data set writes it
)

// A clincPart is the members of the data set's file that make up a split.
type clincPart struct {
	split   string
	members []string
}

var clincParts = []clincPart{
	{"train", []string{"train", "oos_train"}},
	{"validation", []string{"val", "oos_val"}},
	{"test", []string{"test", "oos_test"}},
}

// readCLINC150 reads the data set as published: intents, whether a query is in
// scope at all, and, given the file of domains, the domain of every intent.
func readCLINC150(c config) (*corpus, error) {
	if c.Validation != "" || c.Test != "" {
		return nil, fmt.Errorf("validation, test: the file of CLINC150 holds all splits, leave " +
			"them out")
	}
	from := datafile.Provenance{Licence: clincLicence, Origin: clincOrigin}
	file, err := from.Read("path", c.Path,
		"the queries of CLINC150 (data_full.json, data_small.json or data_oos_plus.json)")
	if err != nil {
		return nil, err
	}
	other := func(err error) error { return otherFormat(c.Path, file.Data, c.Format, err) }
	var queries map[string][][]string
	if err := json.Unmarshal(file.Data, &queries); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Path, other(err))
	}
	files := []datafile.File{file}
	fields := []string{"intent", "scope"}
	var domains map[string]string // by intent
	if c.Domains != "" {
		file, err := from.Read("domains", c.Domains,
			"the intents of every domain of CLINC150 (domains.json)")
		if err != nil {
			return nil, err
		}
		if domains, err = readDomains(file.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Domains, err)
		}
		files = append(files, file)
		fields = append(fields, "domain")
	}
	var parts []part
	for _, p := range clincParts {
		var rows []row
		for _, member := range p.members {
			if _, ok := queries[member]; !ok && member == p.split {
				return nil, other(fmt.Errorf("%s: there is no %q: this is not a file of CLINC150",
					c.Path, member))
			}
			for i, query := range queries[member] {
				if len(query) != 2 || strings.TrimSpace(query[0]) == "" || query[1] == "" {
					return nil, fmt.Errorf("%s: %s: entry %d is %q, want a query and its intent",
						c.Path, member, i, query)
				}
				r, ok, err := c.clincRow(query[0], query[1], domains)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: entry %d: %w", c.Path, member, i, err)
				}
				if ok {
					rows = append(rows, r)
				}
			}
		}
		parts = append(parts, part{p.split, rows})
	}
	corpus := newCorpus(parts, fields, func(field, class string) string {
		if field == "intent" {
			return domains[class]
		}
		return ""
	})
	corpus.description.Licence, corpus.description.Origin = clincLicence, clincOrigin
	corpus.description.Digest = datafile.Digest(files...)
	return corpus, nil
}

// clincRow is one query as a row, or none when it is out of scope and excluded.
func (c config) clincRow(query, intent string,
	domains map[string]string) (r row, ok bool, err error) {
	labels := []string{intent, "in"}
	if intent == outOfScope {
		labels[1] = "out"
		switch c.OutOfScope {
		case "exclude":
			return row{}, false, nil
		case "unlabelled":
			labels[0] = ""
		}
		if domains != nil {
			labels = append(labels, labels[0])
		}
		return row{text: query, labels: labels}, true, nil
	}
	if domains != nil {
		domain, ok := domains[intent]
		if !ok {
			return row{}, false, fmt.Errorf("intent %q is in no domain of %s", intent, c.Domains)
		}
		labels = append(labels, domain)
	}
	return row{text: query, labels: labels}, true, nil
}

// readDomains inverts the file of domains, which lists the intents of each.
func readDomains(data []byte) (map[string]string, error) {
	var intents map[string][]string
	if err := json.Unmarshal(data, &intents); err != nil {
		return nil, err
	}
	domains := make(map[string]string)
	for _, domain := range slices.Sorted(maps.Keys(intents)) {
		for _, intent := range intents[domain] {
			if other, twice := domains[intent]; twice {
				return nil, fmt.Errorf("intent %q is in domains %q and %q", intent, other, domain)
			}
			domains[intent] = domain
		}
	}
	return domains, nil
}
