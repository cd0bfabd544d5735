package moment

import (
	"math"
	"slices"

	"dyade/annotate"
	"dyade/pipeline/signal"
)

// oneMeeting is within how many seconds both come back where it is to each other.
const oneMeeting = 1.0

// reunion: one who left the picture comes back, and soon the two are close or turned to
// each other. A face that is lost within the picture is hidden, not away: whoever is away
// was last seen on the way out, or is first seen again on the way in.
func (f *finder) reunion() []annotate.Moment {
	rule := f.rules.Reunion
	distance, facing := f.Table.Get("distance"), f.Table.Get("facing")
	together := func(i int) bool {
		v, known := distance.At(i)
		return facing.Is(i) || known && v <= rule.Within
	}
	stays := func(i int) (is, known bool) { return together(i), distance.Known(i) || facing.Known(i) }
	var found []annotate.Moment
	for _, who := range []string{"parent", "child"} {
		for _, away := range f.absences(who) {
			met, ok := first(run{away.to, min(f.Table.Steps, away.to+f.stepsOf(rule.MeetS))}, together)
			if !ok {
				continue
			}
			end := met
			for end < min(f.Table.Steps, met+f.stepsOf(rule.AfterS)) && (together(end) || unknown(distance)(end)) {
				end++
			}
			r := run{away.to, end}
			m := f.moment(annotate.Reunion, r)
			m.Unknown = shareOf(r, unknown(distance))
			meeting := f.seconds(run{away.to, met})
			m.Score = rule.Weights.Quick*(1-meeting/(2*rule.MeetS)) + rule.Weights.Stays*f.stays(met, rule.StayS, stays)
			m.Confidence = (1 - m.Unknown) * f.leaving(who, away)
			absence := f.cue("absence", away, f.seconds(away), "s")
			m.Evidence = []annotate.Evidence{absence, f.cue("meeting", run{away.to, met + 1}, meeting, "s")}
			k := slices.IndexFunc(found, func(o annotate.Moment) bool { return math.Abs(o.StartS-m.StartS) < oneMeeting })
			if k >= 0 { // both were away: that of the other is told, or this
				if other := &found[k].Evidence[0]; absence.Value > other.Value {
					*other = absence
				}
				continue
			}
			found = append(found, m)
		}
	}
	return found
}

// first is the first step of a run for which a condition holds.
func first(r run, holds func(i int) bool) (int, bool) {
	for i := r.from; i < r.to; i++ {
		if holds(i) {
			return i, true
		}
	}
	return 0, false
}

// absences are stretches in which someone is not in the picture: looked for, and not found.
func (f *finder) absences(who string) []run {
	const lookedFor = 0.8 // of the time
	body, seen := f.Table.Get(who+"_body_x"), f.Table.Get(who+"_seen")
	missing := func(i int) bool { return seen.Known(i) && !seen.Is(i) }
	var list []run
	last := -1
	for i := range f.Table.Steps {
		if !body.Known(i) {
			continue
		}
		away := run{last + 1, i}
		if last >= 0 && f.seconds(away) >= f.rules.Reunion.AwayS && shareOf(away, missing) >= lookedFor && f.leaving(who, away) > 0 {
			list = append(list, away)
		}
		last = i
	}
	return list
}

// leaving is how sure it is that someone who is not seen in a run is out of the
// picture: 0 where they were lost within it. Who keeps still beside its edge may only
// have bent or turned away there.
func (f *finder) leaving(who string, away run) float64 {
	const out, still = 1.2, 0.02 // seconds of walking on; picture widths a second
	const way, both = 0.6, 0.9   // sureness by one end; by both
	x := f.Table.Get(who + "_body_x")
	face := f.faceAround(f.Table.Get(who+"_width"), away) / float64(max(1, f.Width))
	edge := func(at, step int) bool {
		now, ok := x.At(at)
		before, moving := x.At(at + step*f.stepsOf(0.5))
		if !ok {
			return false
		}
		speed := 0.0
		if moving {
			speed = (now - before) / 0.5
		}
		if moving && math.Abs(speed) < still {
			return false
		}
		ahead := now + out*speed
		return math.Min(ahead, 1-ahead) <= face
	}
	switch goes, comes := edge(away.from-1, -1), edge(away.to, +1); {
	case goes && comes:
		return both
	case goes || comes:
		return way
	}
	return 0
}

// faceAround is the width of a face when it was last seen before a run, or else first
// after it; 0 where it never was.
func (f *finder) faceAround(widths *signal.Series, r run) float64 {
	for i := r.from - 1; i >= 0; i-- {
		if v, known := widths.At(i); known {
			return v
		}
	}
	for i := r.to; i < f.Table.Steps; i++ {
		if v, known := widths.At(i); known {
			return v
		}
	}
	return 0
}
