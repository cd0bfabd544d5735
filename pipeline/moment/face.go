package moment

import "dyade/annotate"

// faceToFace: both heads are turned to each other for a while.
func (f *finder) faceToFace() []annotate.Moment {
	rule := f.rules.FaceToFace
	facing, distance := f.Table.Get("facing"), f.Table.Get("distance")
	var found []annotate.Moment
	for _, r := range f.joined(f.runs(facing.Is, rule.BridgeS), facing, rule.UnknownS) {
		length := f.seconds(r)
		if length < rule.LeastS {
			continue
		}
		steady := shareOf(r, facing.Is)
		d, known := mean(distance, r)
		m := f.moment(annotate.FaceToFace, r)
		m.Unknown = shareOf(r, unknown(facing))
		m.Score = rule.Weights.Length*min(1, length/rule.FullLengthS) +
			rule.Weights.Steady*steady + rule.Weights.Close*closeness(d, known)
		m.Confidence = steady * f.margin(r)
		m.Evidence = append(m.Evidence, f.cue("turned_to_each_other", r, length*steady, "s"))
		if known {
			m.Evidence = append(m.Evidence, f.cue("distance_end", r, d, "face_widths"))
		}
		m.Evidence = append(m.Evidence, f.heard(r)...)
		found = append(found, m)
	}
	return found
}

// margin tells how far beyond doubt the two heads' turns are: 0.5 at 70° from the
// other, near the limit of what counts, 1 up to 50°.
func (f *finder) margin(r run) float64 {
	least := 1.0
	for _, who := range []string{"parent", "child"} {
		if angle, known := mean(f.Table.Get(who+"_angle"), r); known {
			least = min(least, 0.5+(70-angle)/40)
		}
	}
	return max(0.3, least)
}

// heard gives the speech in a run as evidence, where there is any.
func (f *finder) heard(r run) []annotate.Evidence {
	from, to := f.Table.Seconds(r.from), f.Table.Seconds(r.to)
	total := 0.0
	for _, u := range f.Utterances {
		total += max(0, min(to, u.End.Seconds())-max(from, u.Start.Seconds()))
	}
	if total < 0.3 {
		return nil
	}
	return []annotate.Evidence{f.cue("speech", r, min(total, to-from), "s")}
}
