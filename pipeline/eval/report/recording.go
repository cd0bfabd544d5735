package report

import (
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/tally"
)

// Recording holds the figures of one recording, or of one folder of stills.
type Recording struct {
	Name     string          `json:"name"`
	Frames   int             `json:"frames"` // pictures looked at
	Made     bool            `json:"made"`   // a take.json says what it is of
	Tags     []string        `json:"tags"`
	Labels   []string        `json:"labels"` // the files compared with
	Measures []tally.Measure `json:"measures"`
	Figures  []tally.Figure  `json:"figures"`

	Media   string `json:"-"` // path of the film; empty: none
	tallies []tally.Tally
	cases   []compare.Case
}

// Add adds tallies.
func (r *Recording) Add(list ...tally.Tally) { r.tallies = append(r.tallies, list...) }

// Note adds tallies, and the cases in which they are wrong.
func (r *Recording) Note(list []tally.Tally, cases []compare.Case) {
	r.Add(list...)
	r.cases = append(r.cases, cases...)
}

// Finish makes figures of the tallies.
func (r *Recording) Finish() {
	r.tallies = tally.Merge(r.tallies)
	r.Measures, r.Figures = tally.Measures(r.tallies), tally.Figures(r.tallies)
}
