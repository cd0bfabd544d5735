package moment

import "dyade/annotate"

// jointAttention: close, and both bent over the same place, where hands or toys move.
// Nobody need look at the other: in toy play people seldom do.
func (f *finder) jointAttention() []annotate.Moment {
	rule := f.rules.JointAttention
	distance, between := f.Table.Get("distance"), f.Table.Get("bent_apart")
	near := func(i int) bool { v, known := distance.At(i); return known && v <= rule.Within }
	same := func(i int) bool { v, known := between.At(i); return known && v <= rule.SamePlace }
	facing := f.Table.Get("facing").Is
	var found []annotate.Moment
	for _, r := range f.runs(func(i int) bool { return near(i) && same(i) && !facing(i) }, rule.BridgeS) {
		length, busy := f.seconds(r), f.busyShare(r, rule.Motion)
		if apart, _ := mean(between, r); length < rule.LeastS || busy < rule.LeastActive || apart > rule.SameMean {
			continue
		}
		held := shareOf(r, same)
		d, known := mean(distance, r)
		m := f.moment(annotate.JointAttention, r)
		m.Unknown = shareOf(r, f.lacks("distance", "parent_yaw", "child_yaw", "shared_motion"))
		m.Score = rule.Weights.Length*min(1, length/rule.FullLengthS) +
			rule.Weights.Close*closeness(d, known) + rule.Weights.Active*busy
		m.Confidence = held * (1 - m.Unknown) * (0.5 + busy/2)
		m.Evidence = append(m.Evidence,
			f.cue("same_place", r, length*held, "s"),
			f.cue("close", r, length*shareOf(r, near), "s"),
			f.cue("shared_motion", r, busy, "share"))
		m.Evidence = append(m.Evidence, f.inStep(r)...)
		m.Evidence = append(m.Evidence, f.heard(r)...)
		found = append(found, m)
	}
	return found
}
