package report

import (
	_ "embed" // the table of what is asked
	"encoding/json"
	"fmt"

	"dyade/pipeline/eval/tally"
)

// asked.json is what is asked of dyade: of which figure (or of which share of a
// measure), at least or at most how much.
//
//go:embed asked.json
var askedFile []byte

// Asked is one of them.
type Asked struct {
	Says  string   `json:"says"` // in words
	Name  string   `json:"name"`
	Of    string   `json:"of,omitempty"`
	Tag   string   `json:"tag,omitempty"`   // of recordings with this tag; empty: all
	Share string   `json:"share,omitempty"` // of a measure: precision, recall or f1; empty: a figure
	Unit  string   `json:"unit,omitempty"`
	Least *float64 `json:"least,omitempty"`
	Most  *float64 `json:"most,omitempty"`
}

// Reached is what came of it; Value is null where nothing was there to measure it
// on, and then it is not reached.
type Reached struct {
	Asked
	Value    *float64        `json:"value"`
	Interval *tally.Interval `json:"interval"`
	N        int             `json:"n"` // units labelled, or rows
	Reached  bool            `json:"reached"`
}

// AllAsked reads the table.
func AllAsked() ([]Asked, error) {
	var list []Asked
	if err := json.Unmarshal(askedFile, &list); err != nil {
		return nil, fmt.Errorf("read asked.json: %w", err)
	}
	return list, nil
}

// reached compares the report with all that is asked.
func reached(r *Report) []Reached {
	list, err := AllAsked()
	if err != nil {
		panic(err) // the file is part of the program: a fault in it is a mistake in it
	}
	out := make([]Reached, 0, len(list))
	for _, a := range list {
		out = append(out, a.in(r))
	}
	return out
}

func (a Asked) in(r *Report) Reached {
	out := Reached{Asked: a}
	measures, figures := r.Totals, r.Figures
	if a.Tag != "" {
		measures, figures = nil, nil
		for _, t := range r.Tags {
			if t.Tag == a.Tag {
				measures, figures = t.Measures, t.Figures
			}
		}
	}
	out.Value, out.Interval, out.N = a.Among(measures, figures)
	v := out.Value
	out.Reached = v != nil && (a.Least == nil || *v >= *a.Least) && (a.Most == nil || *v <= *a.Most)
	return out
}

// Among looks the figure up; v is nil where it was not measured.
func (a Asked) Among(measures []tally.Measure, figures []tally.Figure) (v *float64, i *tally.Interval, n int) {
	for _, m := range measures {
		if a.Share != "" && m.Name == a.Name && m.Of == a.Of && m.Labelled > 0 {
			value, i := share(m, a.Share)
			return &value, i, m.Labelled
		}
	}
	for _, f := range figures {
		if a.Share == "" && f.Name == a.Name && f.Of == a.Of {
			return &f.Value, f.Interval, f.N
		}
	}
	return nil, nil, 0
}

func share(m tally.Measure, name string) (float64, *tally.Interval) {
	switch name {
	case "precision":
		return m.Precision, m.Intervals.Precision
	case "recall":
		return m.Recall, m.Intervals.Recall
	}
	return m.F1, m.Intervals.F1
}
