package moment

import (
	"math"

	"dyade/annotate"
)

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
	var found []annotate.Moment
	for _, who := range []string{"parent", "child"} {
		for _, away := range f.absences(who) {
			met := away.to
			for last := away.to + f.stepsOf(rule.MeetS); met < min(last, f.Table.Steps) && !together(met); met++ {
			}
			if met >= f.Table.Steps || !together(met) {
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
			stays := shareOf(run{met, met + f.stepsOf(rule.StayS)}, together)
			m.Score = rule.Weights.Quick*(1-meeting/(2*rule.MeetS)) + rule.Weights.Stays*stays
			m.Confidence = (1 - m.Unknown) * f.leaving(who, away)
			m.Evidence = []annotate.Evidence{
				f.cue("absence", away, f.seconds(away), "s"),
				f.cue("meeting", run{away.to, met + 1}, meeting, "s"),
			}
			found = append(found, m)
		}
	}
	return found
}

// absences are stretches in which someone is not in the picture.
func (f *finder) absences(who string) []run {
	x := f.Table.Get(who + "_x")
	var list []run
	last := -1
	for i := range f.Table.Steps {
		if !x.Known[i] {
			continue
		}
		away := run{last + 1, i}
		if last >= 0 && f.seconds(away) >= f.rules.Reunion.AwayS && f.leaving(who, away) > 0 {
			list = append(list, away)
		}
		last = i
	}
	return list
}

// leaving is how sure it is that someone who is not seen in a run is out of the
// picture: 0 where they were lost within it.
func (f *finder) leaving(who string, away run) float64 {
	const out, way, both = 1.2, 0.6, 0.9 // seconds of walking on; sureness by one end; by both
	x := f.Table.Get(who + "_x")
	width := float64(f.Width)
	edge := func(at, step int) bool {
		now, ok := x.At(at)
		before, moving := x.At(at + step*f.stepsOf(0.5))
		if !ok {
			return false
		}
		face := f.Table.Get(who + "_width").Values[at] / max(1, width)
		speed := 0.0
		if moving {
			speed = (now - before) / 0.5
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
