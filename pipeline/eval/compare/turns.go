package compare

import (
	"fmt"
	"math"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
)

// changeWithin is how near a speaker change must be to the labelled one, in
// seconds.
const changeWithin = 0.5

// change is another speaker taking over: when, and how long after the one before
// fell silent, in seconds; negative where they overlap.
type change struct{ at, latency float64 }

// Changes compares the times at which another speaker takes over, and for those
// found how far off the response latency is.
func Changes(truth []label.Speech, found []annotate.Utterance) ([]tally.Tally, []Case) {
	a, b := trueChanges(truth), foundChanges(found)
	changes := counts("speaker_changes", "changes")
	latency := figure("latency_error_median", "", "ms", tally.Quantile(0.5))
	answers := make([]bool, len(b))
	var cases []Case
	for i, k := range nearest(a, b) {
		changes.Count(block(a[i].at), tally.Counts{Truth: 1, Labelled: 1, Found: one(k >= 0), Hits: one(k >= 0)})
		if k < 0 {
			continue
		}
		answers[k] = true
		off := 1000 * math.Abs(b[k].latency-a[i].latency)
		latency.Add(block(a[i].at), off)
		cases = append(cases, Case{"latency", a[i].at, off,
			fmt.Sprintf("the other voice takes over %.2f s after the first ends", a[i].latency), fmt.Sprintf("%.2f s", b[k].latency)})
	}
	for k, c := range b {
		if !answers[k] {
			changes.Count(block(c.at), tally.Counts{Found: 1})
		}
	}
	return []tally.Tally{changes, latency}, cases
}

// UnheardChanges is Changes of a recording without sound: who took over is unknown.
func UnheardChanges(truth []label.Speech) tally.Tally {
	t := counts("speaker_changes", "changes")
	for _, c := range trueChanges(truth) {
		t.Count(block(c.at), tally.Counts{Labelled: 1, Unknown: 1})
	}
	return t
}

func trueChanges(truth []label.Speech) (list []change) {
	for i := 1; i < len(truth); i++ {
		if truth[i].Speaker != truth[i-1].Speaker {
			list = append(list, change{truth[i].StartS, truth[i].StartS - truth[i-1].EndS})
		}
	}
	return list
}

func foundChanges(found []annotate.Utterance) (list []change) {
	var last annotate.Utterance
	for _, u := range found {
		if u.Speaker == 0 {
			continue // unknown is nobody else
		}
		if last.Speaker != 0 && u.Speaker != last.Speaker {
			list = append(list, change{u.Start.Seconds(), u.Start.Seconds() - last.End.Seconds()})
		}
		last = u
	}
	return list
}

// nearest gives for each true change the found one that answers it, or -1; each
// found one answers one.
func nearest(truth, found []change) []int {
	list := make([]int, len(truth))
	used := make([]bool, len(found))
	for i, t := range truth {
		list[i] = -1
		dist := changeWithin + 1e-9
		for k, f := range found {
			if d := math.Abs(f.at - t.at); !used[k] && d <= dist {
				list[i], dist = k, d
			}
		}
		if list[i] >= 0 {
			used[list[i]] = true
		}
	}
	return list
}
