package moment

import "dyade/annotate"

// sharedEngagement: close to each other, with hands or toys moving between
// them, for a good while. It needs no face turned to another: in toy play
// people seldom look at each other.
func (f *finder) sharedEngagement() []annotate.Moment {
	rule := f.rules.SharedEngagement
	distance, speed := f.Table.Get("distance"), f.Table.Get("distance_speed")
	near := func(i int) bool {
		v, known := distance.At(i)
		nearing, _ := speed.At(i) // unknown is zero: not moving
		return known && v <= rule.Within && nearing >= -rule.Settled
	}
	active := f.busy(rule.Motion)
	both := func(i int) bool { return near(i) && active(i) }
	var found []annotate.Moment
	for _, r := range f.runs(both, rule.BridgeS) {
		length := f.seconds(r)
		if length < rule.LeastS || shareOf(r, both) < 0.4 {
			continue
		}
		d, known := mean(distance, r)
		busy := f.busyShare(r, rule.Motion)
		m := f.moment(annotate.SharedEngagement, r)
		m.Unknown = shareOf(r, f.lacks("distance", "shared_motion"))
		m.Score = rule.Weights.Length*min(1, length/rule.FullLengthS) +
			rule.Weights.Close*closeness(d, known) + rule.Weights.Active*busy
		m.Confidence = (1 - m.Unknown) * (0.5 + busy/2)
		m.Evidence = append(m.Evidence,
			f.cue("close", r, length*shareOf(r, near), "s"),
			f.cue("shared_motion", r, busy, "share"))
		m.Evidence = append(m.Evidence, f.inStep(r)...)
		m.Evidence = append(m.Evidence, f.heard(r)...)
		found = append(found, m)
	}
	return found
}

// inStep gives the two bodies' synchrony as evidence, where it is more than chance for
// a third of a run.
func (f *finder) inStep(r run) []annotate.Evidence {
	lead := f.Table.Get("lead")
	if 1-shareOf(r, unknown(lead)) < 1.0/3 {
		return nil
	}
	sync, _ := mean(f.Table.Get("synchrony"), r)
	return []annotate.Evidence{f.cue("motion_synchrony", r, sync, "share")}
}
