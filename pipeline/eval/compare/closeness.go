package compare

import (
	"slices"

	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/signal"
)

// closeWithin is the distance in face widths up to which two are close, as labels have
// it; limits of rules are a little wider (docs/formats.md, moments).
const closeWithin = 2.6

// Closeness compares how near the two are with the labels, every 0.5 s: touch is
// close as well. Units labelled unknown are left out.
func Closeness(truth []label.State, t *signal.Table) []tally.Tally {
	labels := make([]string, t.Steps)
	for i := range labels {
		at := t.Seconds(i) + 0.05
		if k := slices.IndexFunc(truth, func(c label.State) bool { return c.StartS <= at && at < c.EndS }); k >= 0 {
			labels[i] = truth[k].Label
		}
	}
	distance := t.Get("distance")
	near := signal.NewSeries("close", t.Steps)
	for i := range t.Steps {
		if d, known := distance.At(i); known {
			near.Set(i, number(d <= closeWithin))
		}
	}
	list, r, _ := half("close", labels, near, t, func(said string) bool { return said != "apart" })
	return append([]tally.Tally{list}, r.tallies("close")...)
}
