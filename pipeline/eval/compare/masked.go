package compare

import (
	"fmt"
	"slices"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/signal"
)

// orientation are the columns that say where heads are turned, and cues the
// evidence that rests on them.
var (
	orientation = []string{"parent_yaw", "child_yaw", "parent_turned", "child_turned", "facing"}
	cues        = []string{"turned_to_each_other", "response_turn", "bid_turn"}
)

// Masked tells of a recording in which no face can be seen how much of where heads
// are turned is unknown, as all of it must be, over the time that is labelled (all
// of it without labels); and how many proposals rest on it nevertheless.
func Masked(labelled []label.State, t *signal.Table, found []annotate.Moment) ([]tally.Tally, []Case) {
	unknown := figure("masked_unknown", "", "share", tally.Share)
	for i := range t.Steps {
		at := t.Seconds(i) + 0.05
		within := func(f label.State) bool { return f.StartS <= at && at < f.EndS }
		if len(labelled) > 0 && !slices.ContainsFunc(labelled, within) {
			continue
		}
		n := 0
		for _, c := range orientation {
			_, known := t.Get(c).At(i)
			n += one(!known)
		}
		unknown.Trial(block(at), float64(n), float64(len(orientation)))
	}
	proposed := figure("masked_proposed", "", "count", tally.Sum)
	proposed.Add(0, 0)
	var cases []Case
	for _, m := range found {
		rests := func(e annotate.Evidence) bool { return slices.Contains(cues, e.Cue) }
		if slices.ContainsFunc(m.Evidence, rests) {
			proposed.Add(block(m.StartS), 1)
			cases = append(cases, Case{"masked", (m.StartS + m.EndS) / 2, m.Confidence, "no face can be seen",
				fmt.Sprintf("%s, which rests on where heads are turned", m.Kind)})
		}
	}
	return []tally.Tally{unknown, proposed}, cases
}
