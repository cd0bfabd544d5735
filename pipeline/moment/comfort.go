package moment

import (
	"slices"

	"dyade/annotate"
)

// comfort tells whether an approach, a run with a distance that falls, is one in comfort:
// shortly before it, or as it ends, one speaks up or cries, or the child turns to the
// parent; the two stay so close that they likely touch; and both calm down, with no play
// between them. It is told as evidence; who passes by, or comes to play, gives none.
func (f *finder) comfort(r run, bids []bid) []annotate.Evidence {
	rule := f.rules.Approach.Comfort
	asked, ok := f.asked(r, bids)
	after := run{r.to, min(f.Table.Steps, r.to+f.stepsOf(rule.StayS))}
	touch := shareOf(after, f.Table.Get("contact").Is)
	calms, known := f.calms(r, run{r.to + f.stepsOf(rule.SettleS), after.to})
	if !ok || f.seconds(after) < rule.StayS || touch < rule.LeastTouch || !known || calms < rule.LeastCalm {
		return nil
	}
	return []annotate.Evidence{
		f.cue(asked.cue, run{asked.at, max(asked.end, asked.at+1)}, 1, "count"),
		f.cue("likely_contact", after, touch*f.seconds(after), "s"),
		f.cue("calms", after, calms, "share"),
	}
}

// asked is the last bid, of a voice, without words as well, or of the child's turning to
// the parent, that an approach may answer.
func (f *finder) asked(r run, bids []bid) (last bid, ok bool) {
	rule := f.rules.Approach.Comfort
	for _, b := range append(f.cries(), bids...) {
		if b.by != string(annotate.Parent) && b.at >= max(last.at, r.from-f.stepsOf(rule.AskedS)) && b.at <= r.to+f.stepsOf(rule.LateS) {
			last, ok = b, true
		}
	}
	return last, ok
}

// cries are the voices without words, as bids.
func (f *finder) cries() []bid {
	var list []bid
	for _, u := range f.vocals {
		list = append(list, bid{"bid_vocal", f.stepsOf(u.Start.Seconds()), f.stepsOf(u.End.Seconds()), ""})
	}
	return list
}

// calms is by what share the two move less in a later run than in a run; false where it
// is not known, or where something moves between them.
func (f *finder) calms(r, later run) (share float64, known bool) {
	var moved, moves float64
	for _, who := range []string{"parent", "child"} {
		motion := f.Table.Get(who + "_motion")
		before, okB := mean(motion, r)
		after, okA := mean(motion, later)
		if !okB || !okA {
			return 0, false
		}
		moved, moves = moved+before, moves+after
	}
	if moved <= 0 || f.busyShare(later, f.rules.SharedEngagement.Motion) >= f.rules.Approach.Comfort.MostPlay {
		return 0, false
	}
	return 1 - moves/moved, true
}

// busy tells of a step whether something moves between the two by so much.
func (f *finder) busy(least float64) func(i int) bool {
	motion := f.Table.Get("shared_motion")
	return func(i int) bool { v, known := motion.At(i); return known && v >= least }
}

// busyShare is the share of a run in which something moves between the two by so much, of
// the time in which it is known; 0 where it never is.
func (f *finder) busyShare(r run, least float64) float64 {
	known := 1 - shareOf(r, f.lacks("shared_motion"))
	return shareOf(r, f.busy(least)) / max(known, 1/float64(max(1, r.steps())))
}

// lacks tells of a step whether any of some signals is not known.
func (f *finder) lacks(names ...string) func(i int) bool {
	return func(i int) bool {
		return slices.ContainsFunc(names, func(name string) bool { return !f.Table.Get(name).Known(i) })
	}
}
