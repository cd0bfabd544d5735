package compare

import (
	"fmt"
	"slices"

	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/signal"
)

// turned are the columns that say who is turned to whom, and the labels for which
// they should.
var turned = []struct {
	column string
	labels []string
}{
	{"facing", []string{"mutual"}},
	{"child_turned", []string{"mutual", "child_faces_parent"}},
	{"parent_turned", []string{"mutual", "parent_faces_child"}},
}

// Facing compares who is turned to whom with the labels, mutual turning and each
// one's own: every 0.1 s, and every 0.5 s as people code it. Stretches labelled
// unknown are left out.
func Facing(truth []label.State, t *signal.Table) ([]tally.Tally, []Case) {
	labels := make([]string, t.Steps)
	for i := range labels {
		at := t.Seconds(i) + 0.05
		if k := slices.IndexFunc(truth, func(f label.State) bool { return f.StartS <= at && at < f.EndS }); k >= 0 {
			labels[i] = truth[k].Label
		}
	}
	var list []tally.Tally
	var cases []Case
	for _, c := range turned {
		s := t.Get(c.column)
		should := func(said string) bool { return slices.Contains(c.labels, said) }
		steps := counts(c.column, "100 ms")
		for i, said := range labels {
			if v, known := s.At(i); said != "" && said != "unknown" {
				steps.Count(block(t.Seconds(i)), judged(should(said), v != 0, known))
			}
		}
		halves, r, wrong := half(c.column, labels, s, t, should)
		list = append(append(list, steps, halves), r.tallies(c.column)...)
		if c.column == "facing" {
			cases = wrong
		}
	}
	return list, cases
}

// judged is one unit of which labels and signals say yes or no.
func judged(truth, found, known bool) tally.Counts {
	if !known {
		return tally.Counts{Labelled: 1, Unknown: 1}
	}
	return tally.Counts{Truth: one(truth), Found: one(found), Hits: one(truth && found), Labelled: 1}
}

// halfSteps is how many of the grid's steps a unit of 0.5 s has.
const halfSteps = 5

// half compares every 0.5 s: what the labels say for most of it with what the
// column says for most of what it knows; it knows nothing of a unit of which most
// is unknown.
func half(column string, labels []string, s *signal.Series, t *signal.Table, should func(string) bool) (tally.Tally, raters, []Case) {
	list := counts(column+"_half", "500 ms")
	r := raters{}
	var cases []Case
	for from := 0; from+halfSteps <= len(labels); from += halfSteps {
		said := most(labels[from : from+halfSteps])
		if said == "" || said == "unknown" {
			continue
		}
		found, known := mostly(s, from, from+halfSteps)
		at := t.Seconds(from)
		truth := should(said)
		list.Count(block(at), judged(truth, found, known))
		if !known {
			continue
		}
		r.say(block(at), truth, found)
		if truth != found {
			cases = append(cases, Case{"facing", at, float64(inARow(cases, at)),
				"it is labelled " + said, fmt.Sprintf("%s is %v", column, found)})
		}
	}
	return list, r, cases
}

// inARow is the number of a wrong unit among those that follow each other.
func inARow(before []Case, at float64) int {
	if n := len(before); n > 0 && at-before[n-1].AtS < 0.6 {
		return int(before[n-1].Bad) + 1
	}
	return 1
}

// most is the label that stands most often, the first of equals.
func most(labels []string) string {
	best, times := "", 0
	for _, l := range labels {
		n := 0
		for _, other := range labels {
			n += one(other == l)
		}
		if n > times {
			best, times = l, n
		}
	}
	return best
}

// mostly tells what a yes-or-no signal says for most of what it knows from one
// step to another; known is false where it knows less than half.
func mostly(s *signal.Series, from, to int) (yes, known bool) {
	ones, of := 0, 0
	for i := from; i < to; i++ {
		if v, ok := s.At(i); ok {
			of++
			ones += one(v != 0)
		}
	}
	return 2*ones > of, 2*of > to-from
}
