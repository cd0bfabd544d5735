package moment

import (
	"slices"

	"dyade/annotate"
)

// approach: the two come close within a few seconds. It counts for more where
// they stay close: who only passes by comes close too. One that comforts says so in its
// evidence.
func (f *finder) approach() []annotate.Moment {
	rule := f.rules.Approach
	distance, speed := f.Table.Get("distance"), f.Table.Get("distance_speed")
	nearing := func(i int) bool { v, known := speed.At(i); return known && v < -rule.Moving }
	bids := f.bids()
	var found []annotate.Moment
	for _, r := range f.runs(nearing, rule.BridgeS) {
		before, ok1 := f.level(r.from - f.stepsOf(0.3))
		after, ok2 := f.level(r.to + f.stepsOf(0.2))
		if !ok1 || !ok2 || f.seconds(r) > rule.MostS {
			continue
		}
		drop := 1 - after/before
		if drop < rule.LeastDrop || after > rule.EndWithin {
			continue
		}
		r = f.trimmed(r, before, after)
		m := f.moment(annotate.Approach, r)
		m.Unknown = shareOf(r, unknown(distance))
		near := func(i int) (is, known bool) { v, known := distance.At(i); return v <= rule.EndWithin, known }
		stay := f.stays(r.to, rule.StayS, near)
		m.Score = rule.Weights.Drop*min(1, drop/0.7) + rule.Weights.Nearness*closeness(after, true) + rule.Weights.Stay*stay
		m.Confidence = (1 - m.Unknown) * min(1, 0.5+drop)
		m.Evidence = append(m.Evidence,
			f.cue("distance_start", run{r.from, r.from + 1}, before, "face_widths"),
			f.cue("distance_end", run{r.to - 1, r.to}, after, "face_widths"),
			f.cue("speed", r, (before-after)/max(0.1, f.seconds(r)), "face_widths_per_s"))
		m.Evidence = append(m.Evidence, f.comfort(r, bids)...)
		found = append(found, m)
	}
	return found
}

// trimmed leaves off the ends of r in which the distance has hardly begun, or
// has all but ended, to change from before to after.
func (f *finder) trimmed(r run, before, after float64) run {
	const edge = 0.04 // of the whole change
	distance := f.Table.Get("distance")
	done := func(i int) (float64, bool) {
		v, known := distance.At(i)
		return (before - v) / (before - after), known
	}
	for r.steps() > 2 {
		if x, known := done(r.from); known && x >= edge {
			break
		}
		r.from++
	}
	for r.steps() > 2 {
		if x, known := done(r.to - 1); known && x <= 1-edge {
			break
		}
		r.to--
	}
	return r
}

// level is the median distance within half a second of step i.
func (f *finder) level(i int) (float64, bool) {
	distance := f.Table.Get("distance")
	var list []float64
	for k := i - f.stepsOf(0.4); k <= i+f.stepsOf(0.4); k++ {
		if v, known := distance.At(k); known {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return list[len(list)/2], true
}
