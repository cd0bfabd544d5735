// Package report makes of what was compared, recording by recording, the figures
// that dyade is steered by, and says which of those asked are reached. It is pure Go.
package report

import (
	"cmp"
	"slices"

	"dyade/pipeline/eval/tally"
)

// Schema names the form of the report's JSON.
const Schema = "dyade.eval/1"

// Report holds the figures of all labelled recordings.
type Report struct {
	Schema     string      `json:"schema"`
	Dyade      string      `json:"dyade_version"`
	AsShipped  bool        `json:"as_shipped"` // looked at as an analysis does, not at every picture
	Recordings []Recording `json:"recordings"` // folder by folder, by name
	Unmatched  []string    `json:"unmatched"`  // names with labels, but without a recording
	// Totals and Figures are over the recordings that have a take.json, where any
	// has; else over all.
	Totals      []tally.Measure `json:"totals"`
	Figures     []tally.Figure  `json:"figures"`
	Tags        []Tagged        `json:"tags"`        // by tag
	Asked       []Reached       `json:"asked"`       // what is asked, and whether it is reached
	Reliability []tally.Bin     `json:"reliability"` // proposals by confidence, ten bins of equal width
	Curves      []Curve         `json:"curves"`      // by kind of moment
	Worst       []Worst         `json:"worst"`       // at most ten, of made recordings
}

// Tagged holds the figures of recordings that share a tag.
type Tagged struct {
	Tag        string          `json:"tag"`
	Recordings int             `json:"recordings"`
	Measures   []tally.Measure `json:"measures"`
	Figures    []tally.Figure  `json:"figures"`
}

// Curve is precision against recall of one kind, as fewer of the less sure
// proposals are left out.
type Curve struct {
	Kind   string  `json:"kind"`
	Points []Point `json:"points"`
}

// Point is where proposals at least so sure are taken.
type Point struct {
	Confidence float64 `json:"confidence"`
	Precision  float64 `json:"precision"`
	Recall     float64 `json:"recall"`
}

// Sum makes the figures over recordings.
func (r *Report) Sum() {
	slices.Sort(r.Unmatched)
	list := r.Counted()
	all := merged(list)
	r.Totals, r.Figures = tally.Measures(all), tally.Figures(all)
	r.Tags = tagged(list)
	r.Asked = reached(r)
	r.Reliability, r.Curves = []tally.Bin{}, curves(all)
	for _, t := range all {
		if t.Name == "brier" && t.Of == "" && len(t.Rows) > 0 {
			r.Reliability = t.Bins()
		}
	}
	r.Worst = worst(list)
}

// AllMade tells whether those that figures are made over were made for measuring.
func (r *Report) AllMade() bool {
	return !slices.ContainsFunc(r.Counted(), func(x Recording) bool { return !x.Made })
}

// Counted are the recordings that figures are made over.
func (r *Report) Counted() []Recording {
	var made []Recording
	for _, x := range r.Recordings {
		if x.Made {
			made = append(made, x)
		}
	}
	if len(made) > 0 {
		return made
	}
	return r.Recordings
}

func merged(list []Recording) []tally.Tally {
	lists := make([][]tally.Tally, len(list))
	for i, r := range list {
		lists[i] = r.tallies
	}
	return tally.Merge(lists...)
}

func tagged(list []Recording) []Tagged {
	with := map[string][]Recording{}
	for _, r := range list {
		for _, tag := range r.Tags {
			with[tag] = append(with[tag], r)
		}
	}
	out := []Tagged{}
	for tag, list := range with {
		all := merged(list)
		out = append(out, Tagged{tag, len(list), tally.Measures(all), tally.Figures(all)})
	}
	slices.SortFunc(out, func(a, b Tagged) int { return cmp.Compare(a.Tag, b.Tag) })
	return out
}

// curves are those of the kinds of which there are moments to find, and proposals.
func curves(all []tally.Tally) []Curve {
	rows := map[string][]tally.Row{}
	for _, t := range all {
		if t.Name == "brier" {
			rows[t.Of] = t.Rows
		}
	}
	out := []Curve{}
	for _, t := range all {
		if t.Name != "moments" || t.Of == "" || len(rows[t.Of]) == 0 {
			continue
		}
		if of := t.Measure().Truth; of > 0 {
			out = append(out, Curve{t.Of, points(rows[t.Of], of)})
		}
	}
	return out
}

// points takes the surest first; equally sure ones make one point.
func points(rows []tally.Row, of int) (list []Point) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b tally.Row) int { return cmp.Compare(b.V[0], a.V[0]) })
	right := 0.0
	for i, r := range rows {
		right += r.V[1]
		if i+1 < len(rows) && rows[i+1].V[0] == r.V[0] {
			continue
		}
		list = append(list, Point{r.V[0], right / float64(i+1), right / float64(of)})
	}
	return list
}
